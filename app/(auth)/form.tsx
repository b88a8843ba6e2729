"use client";
import { type ReactNode, useActionState } from "react";
import { Button } from "@/app/components/ui/button";
import type { Problem } from "./actions";

/** A form whose action answers with what to tell the person. Works before scripts have loaded. */
export function AuthForm({
  action,
  submit,
  children,
}: {
  action: (previous: Problem, form: FormData) => Promise<Problem>;
  submit: string;
  children: ReactNode;
}) {
  const [problem, send, busy] = useActionState(action, undefined);
  return (
    <form action={send} className="flex flex-col gap-4">
      {children}
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {submit}
      </Button>
    </form>
  );
}

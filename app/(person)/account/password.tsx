"use client";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { useActionState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { changePassword } from "./actions";

export function Password() {
  const trpc = useTRPC();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const [problem, change, busy] = useActionState(changePassword, undefined);
  const leave = useMutation(
    trpc.person.signOutEverywhere.mutationOptions({ onSuccess: () => location.assign("/sign-in") }),
  );
  return (
    <Section title="Password">
      <form action={change} className="flex max-w-sm flex-col gap-4">
        {me.hasPassword && (
          <Field label="Current password">
            {(control) => (
              <Input
                {...control}
                name="currentPassword"
                type="password"
                required
                autoComplete="current-password"
              />
            )}
          </Field>
        )}
        <Field
          label="New password"
          help="At least 12 characters: several words that do not belong together. Changing it signs you out everywhere else."
          error={problem}
        >
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              required
              minLength={12}
              autoComplete="new-password"
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" busy={busy}>
            Change password
          </Button>
          <Button variant="ghost" busy={leave.isPending} onClick={() => leave.mutate()}>
            Sign out everywhere
          </Button>
        </div>
      </form>
    </Section>
  );
}

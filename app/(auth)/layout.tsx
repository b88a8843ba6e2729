import type { ReactNode } from "react";
import { ForgetDesks } from "@/app/components/outbox/forget";

/** One quiet column: there is nothing else to do here. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 px-5 py-10">
      <ForgetDesks />
      <p className="font-semibold text-muted">Concord</p>
      {children}
    </main>
  );
}

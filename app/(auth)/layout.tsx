import type { ReactNode } from "react";
import { ForgetDesks } from "@/app/components/outbox/forget";
import { requestLanguage } from "@/app/i18n/request";
import { Say } from "@/app/i18n/say";
import { LanguagePicker } from "./language-picker";

/** One quiet column: there is nothing else to do here. */
export default async function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <Say words={["auth"]}>
      <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 px-5 py-10">
        <ForgetDesks />
        <p className="font-semibold text-muted">Concord</p>
        {children}
        <LanguagePicker language={await requestLanguage()} />
      </main>
    </Say>
  );
}

"use client";
import { useTranslations } from "next-intl";
import { useActionState, useState } from "react";
import { LabelledInput } from "@/app/(auth)/labelled-input";
import { Button } from "@/app/components/ui/button";
import { type SignInProblem, signInByPassword } from "../actions";

const NOTHING: SignInProblem = {};

/** Address and password, and the code of an app for those who set one up. */
export function PasswordForm({ next }: { next: string }) {
  const t = useTranslations("auth");
  const [{ problem, needsCode }, send, busy] = useActionState(signInByPassword, NOTHING);
  // A form is emptied when its action ends; what was right so far is not typed again.
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  return (
    <form action={send} className="flex flex-col gap-4">
      <input type="hidden" name="next" value={next} />
      <LabelledInput
        label={t("email")}
        name="email"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <LabelledInput
        label={t("password")}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {needsCode && (
        <LabelledInput
          label={t("code")}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          required
          help={t("signIn.codeHelp")}
        />
      )}
      {problem && (
        <p role="alert" className="text-bad">
          {problem}
        </p>
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {t("signIn.button")}
      </Button>
    </form>
  );
}

import type { Metadata } from "next";
import { LabelledInput } from "@/app/(auth)/labelled-input";
import { Button } from "@/app/components/ui/button";
import { oidcName } from "@/server/auth";
import { env } from "@/server/env";
import { signInByPassword, signInByProvider } from "../actions";
import { AuthForm } from "../form";

export const metadata: Metadata = { title: "Sign in" };

/** Reasons that a sign-in elsewhere gives in the address. */
const REASONS: Record<string, string> = {
  NotInvited: "Your address has not been invited here, or the provider does not vouch for it. Ask an admin.",
};

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string; error?: string }>;
}) {
  const { next = "/", error } = await searchParams;
  const provider = oidcName(env());
  return (
    <>
      <h1 className="text-xl font-semibold">Sign in</h1>
      {error && (
        <p role="alert" className="text-bad">
          {REASONS[error] ?? "Signing in did not work. Try again, or ask an admin for a sign-in link."}
        </p>
      )}
      {provider && (
        <form action={signInByProvider} className="flex flex-col gap-4 border-b border-line pb-6">
          <input type="hidden" name="next" value={next} />
          <Button type="submit">Continue with {provider}</Button>
        </form>
      )}
      <AuthForm action={signInByPassword} submit="Sign in">
        <input type="hidden" name="next" value={next} />
        <LabelledInput label="E-mail" name="email" type="email" autoComplete="username" required />
        <LabelledInput
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </AuthForm>
      <p className="text-sm text-muted">
        No account, or password forgotten? An admin can send you a sign-in link.
      </p>
    </>
  );
}

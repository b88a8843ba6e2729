import type { Metadata } from "next";
import { Button } from "@/app/components/ui/button";
import { oidcName } from "@/server/auth";
import { env } from "@/server/env";
import { signInByProvider } from "../actions";
import { PasswordForm } from "./password-form";

export const metadata: Metadata = { title: "Sign in" };

/** Reasons that a sign-in elsewhere gives in the address. */
const REASONS: Record<string, string> = {
  NotInvited:
    "Nobody was invited under your address, or somebody has signed in under it in another way: sign in as before, and connect the provider in your account.",
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
      <PasswordForm next={next} />
      <p className="text-sm text-muted">
        No account, or password forgotten? An admin can send you a sign-in link.
      </p>
    </>
  );
}

import type { Metadata } from "next";
import Link from "next/link";
import { database } from "@/db/client";
import { findLink } from "@/server/people/links";
import { signInByLink } from "../../actions";
import { AuthForm } from "../../form";

export const metadata: Metadata = { title: "Sign-in link" };

/** Asks before it uses the link up: mail scanners and previews open links too. */
export default async function LinkPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const person = await findLink(database().db, token);
  if (!person) {
    return (
      <>
        <h1 className="text-xl font-semibold">This link no longer works</h1>
        <p>It has been used or has expired. Ask an admin for a new one.</p>
        <Link href="/sign-in" className="underline">
          Sign in with a password
        </Link>
      </>
    );
  }
  return (
    <>
      <h1 className="text-xl font-semibold">Welcome, {person.name}</h1>
      <p>This link signs you in once. Then you choose a password.</p>
      <AuthForm action={signInByLink} submit="Continue">
        <input type="hidden" name="token" value={token} />
      </AuthForm>
    </>
  );
}

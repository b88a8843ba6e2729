import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { viewerOf } from "@/server/auth";
import { takeEmail } from "../../actions";
import { AuthForm } from "../../form";

export const metadata: Metadata = { title: "New address" };

/** Asks before it changes anything: mail scanners and previews open links too. */
export default async function AddressPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const viewer = await viewerOf(await headers());
  if (!viewer) redirect(`/sign-in?next=${encodeURIComponent(`/address/${token}`)}`);
  return (
    <>
      <h1 className="text-xl font-semibold">Your new address</h1>
      <p>
        You are {viewer.name}, with the address {viewer.email}. From now on you sign in with the one that this
        link was sent to.
      </p>
      <AuthForm action={takeEmail} submit="Use this address">
        <input type="hidden" name="token" value={token} />
      </AuthForm>
    </>
  );
}

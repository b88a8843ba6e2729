import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { viewerOf } from "@/server/auth";
import { takeEmail } from "../../actions";
import { AuthForm } from "../../form";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.address");
  return { title: t("title") };
}

/** Asks before it changes anything: mail scanners and previews open links too. */
export default async function AddressPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const viewer = await viewerOf(await headers());
  if (!viewer) redirect(`/sign-in?next=${encodeURIComponent(`/address/${token}`)}`);
  const t = await getTranslations("auth.address");
  return (
    <>
      <h1 className="text-xl font-semibold">{t("heading")}</h1>
      <p>{t("detail", { name: viewer.name, email: viewer.email })}</p>
      <AuthForm action={takeEmail} submit={t("submit")}>
        <input type="hidden" name="token" value={token} />
      </AuthForm>
    </>
  );
}

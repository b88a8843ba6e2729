import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { database } from "@/db/client";
import { findLink } from "@/server/people/links";
import { signInByLink } from "../../actions";
import { AuthForm } from "../../form";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.link");
  return { title: t("title") };
}

/** Asks before it uses the link up: mail scanners and previews open links too. */
export default async function LinkPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const t = await getTranslations("auth.link");
  const person = await findLink(database().db, token);
  if (!person) {
    return (
      <>
        <h1 className="text-xl font-semibold">{t("spent")}</h1>
        <p>{t("spentDetail")}</p>
        <Link href="/sign-in" className="underline">
          {t("byPassword")}
        </Link>
      </>
    );
  }
  return (
    <>
      <h1 className="text-xl font-semibold">{t("welcome", { name: person.name })}</h1>
      <p>{t("detail")}</p>
      <AuthForm action={signInByLink} submit={t("submit")}>
        <input type="hidden" name="token" value={token} />
      </AuthForm>
    </>
  );
}

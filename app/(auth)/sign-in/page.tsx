import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/components/ui/button";
import { oidcName } from "@/server/auth";
import { env } from "@/server/env";
import { signInByProvider } from "../actions";
import { PasswordForm } from "./password-form";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.signIn");
  return { title: t("title") };
}

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string; error?: string }>;
}) {
  const { next = "/", error } = await searchParams;
  const t = await getTranslations("auth.signIn");
  const provider = oidcName(env());
  return (
    <>
      <h1 className="text-xl font-semibold">{t("title")}</h1>
      {error && (
        <p role="alert" className="text-bad">
          {t(error === "NotInvited" ? "notInvited" : "failed")}
        </p>
      )}
      {provider && (
        <form action={signInByProvider} className="flex flex-col gap-4 border-b border-line pb-6">
          <input type="hidden" name="next" value={next} />
          <Button type="submit">{t("by", { provider })}</Button>
        </form>
      )}
      <PasswordForm next={next} />
      <p className="text-sm text-muted">{t("help")}</p>
    </>
  );
}

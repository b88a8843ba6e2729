import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { viewerOf } from "@/server/auth";
import { FIRST_ADMIN_EMAIL } from "@/server/people/first-admin";
import { completeAccount } from "../actions";
import { AuthForm } from "../form";
import { LabelledInput } from "../labelled-input";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.welcome");
  return { title: t("title") };
}

export default async function WelcomePage() {
  const viewer = await viewerOf(await headers());
  if (!viewer) redirect("/sign-in");
  const t = await getTranslations("auth");
  const { name, email } = viewer;
  const isPlaceholder = email === FIRST_ADMIN_EMAIL;
  return (
    <>
      <h1 className="text-xl font-semibold">{t("welcome.title")}</h1>
      <AuthForm action={completeAccount} submit={t("welcome.submit")}>
        <LabelledInput
          label={t("name")}
          name="name"
          autoComplete="name"
          defaultValue={isPlaceholder ? "" : name}
          required
        />
        <LabelledInput
          label={t("email")}
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={isPlaceholder ? "" : email}
          readOnly={!isPlaceholder}
          help={isPlaceholder ? undefined : t("welcome.emailHelp")}
          required
        />
        <LabelledInput
          label={t("password")}
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={12}
          help={t("welcome.passwordHelp")}
          required
        />
      </AuthForm>
    </>
  );
}

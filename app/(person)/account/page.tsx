import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations } from "next-intl/server";
import { signInByProvider } from "@/app/(auth)/actions";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Say } from "@/app/i18n/say";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { oidcName } from "@/server/auth";
import { env } from "@/server/env";
import { DeskKeys } from "./desk-keys";
import { Email } from "./email";
import { Password } from "./password";
import { Profile } from "./profile";
import { ProviderTokens } from "./provider-tokens";
import { SecondFactor } from "./second-factor";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("account");
  return { title: t("title") };
}

export default async function AccountPage() {
  const t = await getTranslations("account");
  const client = queryClientOf();
  const provider = oidcName(env());
  await Promise.all([
    client.prefetchQuery(trpc.person.me.queryOptions()),
    client.prefetchQuery(trpc.person.hasSecondFactor.queryOptions()),
    client.prefetchQuery(trpc.person.desk.queryOptions()),
    client.prefetchQuery(trpc.session.list.queryOptions()),
    client.prefetchQuery(trpc.token.list.queryOptions()),
    client.prefetchQuery(trpc.secret.list.queryOptions()),
  ]);
  return (
    <Say words={["account", "keys", "question"]} said>
      <Hydrate>
        <PageHeader title={t("title")} />
        <div className="flex flex-col gap-8 px-4 md:px-6">
          <Profile />
          <DeskKeys />
          <Email />
          <Password />
          <SecondFactor />
          {provider && <Connect provider={provider} />}
          <Sessions />
          {/* For those who write programs: English in every language. */}
          <div lang="en" dir="ltr" className="contents">
            <Tokens />
            <ProviderTokens />
          </div>
        </div>
      </Hydrate>
    </Say>
  );
}

/** Whoever is signed in and goes to the provider can sign in by the account there afterwards. */
function Connect({ provider }: { provider: string }) {
  const t = useTranslations("account.provider");
  return (
    <Section title={provider}>
      <p className="text-muted">{t("detail")}</p>
      <form action={signInByProvider}>
        <input type="hidden" name="next" value="/account" />
        <Button type="submit">{t("connect", { provider })}</Button>
      </form>
    </Section>
  );
}

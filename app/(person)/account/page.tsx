import type { Metadata } from "next";
import { signInByProvider } from "@/app/(auth)/actions";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
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

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
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
    <Hydrate>
      <PageHeader title="Account" />
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <Profile />
        <DeskKeys />
        <Email />
        <Password />
        <SecondFactor />
        {provider && <Connect provider={provider} />}
        <Sessions />
        <Tokens />
        <ProviderTokens />
      </div>
    </Hydrate>
  );
}

/** Whoever is signed in and goes to the provider can sign in by the account there afterwards. */
function Connect({ provider }: { provider: string }) {
  return (
    <Section title={provider}>
      <p className="text-muted">Sign in there once from here, and you can sign in by it.</p>
      <form action={signInByProvider}>
        <input type="hidden" name="next" value="/account" />
        <Button type="submit">Connect {provider}</Button>
      </form>
    </Section>
  );
}

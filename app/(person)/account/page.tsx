import type { Metadata } from "next";
import { PageHeader } from "@/app/components/shell/page-header";
import { Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Password } from "./password";
import { Profile } from "./profile";
import { ProviderTokens } from "./provider-tokens";
import { Tokens } from "./tokens";

export const metadata: Metadata = { title: "Account" };

export default async function AccountPage() {
  const client = queryClientOf();
  await Promise.all([
    client.prefetchQuery(trpc.person.me.queryOptions()),
    client.prefetchQuery(trpc.token.list.queryOptions()),
    client.prefetchQuery(trpc.secret.list.queryOptions()),
  ]);
  return (
    <Hydrate>
      <PageHeader title="Account" />
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <Profile />
        <Password />
        <Tokens />
        <ProviderTokens />
      </div>
    </Hydrate>
  );
}

import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { fromAddress } from "@/app/components/table/address";
import { Say } from "@/app/i18n/say";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { Norming } from "./norming";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("norming");
  return { title: t("title") };
}

export default async function NormingPage({
  params,
  searchParams,
}: PageProps<"/projects/[projectId]/norming">) {
  const { projectId } = await params;
  const { normingId } = fromAddress(
    (address) => ({ normingId: address.id("normingId") }),
    await searchParams,
  );
  const client = queryClientOf();
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    client.prefetchQuery(trpc.norming.show.queryOptions({ projectId, normingId })),
    client.prefetchQuery(trpc.project.guidelines.queryOptions({ projectId })),
  ]);
  return (
    <Say words={["norming", "desk", "question"]} said>
      <Hydrate>
        <Norming projectId={projectId} normingId={normingId} role={role} />
      </Hydrate>
    </Say>
  );
}

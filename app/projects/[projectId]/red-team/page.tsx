import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Say } from "@/app/i18n/say";
import { caller, Hydrate, queryClientOf, trpc } from "@/app/trpc/server";
import { RedTeam } from "./red-team";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("redTeam");
  return { title: t("title") };
}

export default async function RedTeamPage({ params }: PageProps<"/projects/[projectId]/red-team">) {
  const { projectId } = await params;
  const [{ role }] = await Promise.all([
    caller.project.get({ projectId }),
    queryClientOf().prefetchQuery(trpc.redTeam.standing.queryOptions({ projectId })),
  ]);
  return (
    <Say words={["redTeam"]}>
      <Hydrate>
        <RedTeam projectId={projectId} mayCheck={role !== "annotator"} />
      </Hydrate>
    </Say>
  );
}

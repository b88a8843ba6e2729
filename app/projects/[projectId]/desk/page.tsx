import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { OutboxProvider } from "@/app/components/outbox/outbox";
import { caller, requestContext } from "@/app/trpc/server";
import { wire } from "@/db/shape/wire";
import { DeskPage } from "./desk-page";
import type { First } from "./use-session";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("desk");
  return { title: t("title") };
}

/**
 * The first task comes with the page, for whoever is here to judge. Nobody else takes a seat by looking, and a link that
 * is only prefetched takes none.
 */
export default async function Page({ params, searchParams }: PageProps<"/projects/[projectId]/desk">) {
  const { projectId } = await params;
  const { seat } = await searchParams;
  const { viewer } = await requestContext();
  if (!viewer) redirect("/sign-in");
  const opened = typeof seat === "string" ? seat : undefined;
  const [{ role }, head, isVisit] = await Promise.all([
    caller.project.get({ projectId }),
    caller.annotation.desk({ projectId }),
    isVisited(),
  ]);
  const isAtWork = role === "annotator";
  const hold = isAtWork && isVisit && !opened ? 1 : 0;
  const { tasks } = await caller.annotation.claim({ projectId, hold });
  return (
    <OutboxProvider personId={viewer.personId}>
      <OwnKeyboard>
        <DeskPage
          projectId={projectId}
          personId={viewer.personId}
          seat={opened}
          isAtWork={isAtWork}
          first={wire.stringify({ head, tasks: opened ? [] : tasks } satisfies First)}
        />
      </OwnKeyboard>
    </OutboxProvider>
  );
}

async function isVisited(): Promise<boolean> {
  const asked = await headers();
  const purpose = asked.get("sec-purpose") ?? asked.get("purpose") ?? "";
  return !purpose.includes("prefetch") && !asked.has("next-router-prefetch");
}

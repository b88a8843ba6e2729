"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Markdown } from "@/app/components/markdown/markdown";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Section } from "@/app/components/ui/section";
import { Segmented } from "@/app/components/ui/segmented";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import type { ProjectRole } from "@/db/shape/people";
import type { ShownNorming } from "@/server/norming/schema";
import { Agreed } from "./agreed";
import { Control, StartDialog } from "./control";
import { Item } from "./item";
import { useSpeaker } from "./speaker";

/** Raters come to a common reading: how far they are, where they differ, and what they say about it. */
export function Norming({
  projectId,
  normingId,
  role,
}: {
  projectId: string;
  normingId: string | undefined;
  role: ProjectRole;
}) {
  const t = useTranslations("norming");
  const format = useFormatter();
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = trpc.norming.show.queryOptions({ projectId, normingId });
  const shown = useQuery({ ...options, refetchOnMount: "always" });
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: options.queryKey }) },
    ),
  );
  const [starting, setStarting] = useState(false);
  const norming = shown.data;
  const mayManage = role === "manager";
  const start = mayManage && (!norming || norming.phase === "ended") && (
    <Button variant="primary" onClick={() => setStarting(true)}>
      Begin a norming…
    </Button>
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={t("title")}
        actions={
          <>
            {norming?.takesPart && norming.phase !== "talk" && norming.phase !== "ended" && (
              <Button asChild variant="primary">
                <Link href={`/projects/${projectId}/desk`}>{t("toDesk")}</Link>
              </Button>
            )}
            {mayManage && norming && <Control projectId={projectId} norming={norming} />}
            {norming && start}
          </>
        }
      >
        {norming && (
          <p className="text-sm text-muted">
            <When at={norming.startedAt} />. {t(norming.phase)}{" "}
            {norming.dueAt &&
              t("until", {
                time: format.dateTime(norming.dueAt, { dateStyle: "medium", timeStyle: "short" }),
              })}
          </p>
        )}
      </PageHeader>
      {shown.error && (
        <p role="alert" className="px-4 text-bad md:px-6">
          {shown.error.message}
        </p>
      )}
      {norming === null && (
        <Empty title={mayManage ? t("title") : t("none")} action={start}>
          {t("what")}
        </Empty>
      )}
      {norming && (
        <div className="flex flex-col gap-8 px-4 md:px-6">
          <p className="max-w-3xl text-sm text-muted">{t("what")}</p>
          <Raters norming={norming} />
          {role !== "annotator" && <Agreed parts={norming.parts} />}
          <Discussion projectId={projectId} norming={norming} />
          {norming.all.length > 1 && (
            <nav aria-label={t("title")} className="flex flex-wrap gap-3 text-sm">
              {norming.all.map(({ id, startedAt }) => (
                <Link
                  key={id}
                  href={`/projects/${projectId}/norming?normingId=${id}`}
                  aria-current={id === norming.id ? "page" : undefined}
                  className="text-accent underline aria-[current]:font-semibold aria-[current]:text-ink"
                >
                  <When at={startedAt} />
                </Link>
              ))}
            </nav>
          )}
        </div>
      )}
      {starting && <StartDialog projectId={projectId} onClose={() => setStarting(false)} />}
    </div>
  );
}

/** How far each of them is with the pass that is judged. */
function Raters({ norming }: { norming: ShownNorming }) {
  const t = useTranslations("norming");
  const speaker = useSpeaker();
  const pass = norming.items.after > 0 ? "after" : "before";
  return (
    <Section title={t("raters")}>
      <ul className="flex flex-wrap gap-2">
        {norming.raters.map(({ by, done, isWaitedFor }) => (
          <li key={by.number}>
            <Badge tone={done[pass] >= norming.items[pass] ? "good" : isWaitedFor ? "accent" : undefined}>
              <span>
                <bdi>{speaker(by)}</bdi>: {t("ofRound", { done: done[pass], items: norming.items[pass] })}
              </span>
            </Badge>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The items of a pass with everybody's answers, the guidelines beside them. */
function Discussion({ projectId, norming }: { projectId: string; norming: ShownNorming }) {
  const t = useTranslations("norming");
  const trpc = useTRPC();
  const guidelines = useQuery(trpc.project.guidelines.queryOptions({ projectId }));
  const [asked, setAsked] = useState<"before" | "after">("before");
  const { seen } = norming;
  const pass = seen[asked] ? asked : "before";
  const items = seen[pass];
  if (!items) return null;
  const [current] = guidelines.data ?? [];
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center gap-3">
          {seen.after && (
            <Segmented
              label={t("which")}
              value={pass}
              onChange={(value) => setAsked(value === "after" ? "after" : "before")}
              options={[
                { value: "before", label: t("first") },
                { value: "after", label: t("second") },
              ]}
            />
          )}
          <p className="text-sm text-muted">{t("letters")}</p>
        </div>
        {items.map((item, index) => (
          <Item key={item.taskId} projectId={projectId} item={item} number={index + 1} />
        ))}
      </div>
      <aside aria-label={t("guidelines")} className="min-w-0 rounded-lg border bg-surface xl:sticky xl:top-4">
        <h2 className="border-b px-3 py-2 text-sm font-semibold">{t("guidelines")}</h2>
        <div className="scroll-thin max-h-[70vh] overflow-y-auto px-3 py-2">
          {current ? (
            <Markdown text={current.markdown} className="text-sm" />
          ) : (
            <p className="text-sm text-muted">{t("noGuidelines")}</p>
          )}
        </div>
      </aside>
    </div>
  );
}

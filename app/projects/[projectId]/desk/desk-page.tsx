"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Activity, useEffect, useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import type { GuidelineNews } from "@/app/components/desk/guidelines";
import { useDeskHabits } from "@/app/components/shell/desk-habits";
import { Remarks } from "@/app/components/thread/remarks";
import { Badge } from "@/app/components/ui/badge";
import { loadDialogs } from "@/app/components/ui/dialog";
import { loadToasts } from "@/app/components/ui/toast";
import { useDuration } from "@/app/i18n/duration";
import { useTRPC } from "@/app/trpc/client";
import { wire } from "@/db/shape/wire";
import { FeedbackNote } from "./feedback";
import { Begin, NothingToDo, Waiting } from "./nothing";
import { SaveState } from "./save-state";
import { Trainer } from "./trainer";
import { useServiceWorker } from "./use-service-worker";
import { type First, LOOK_UP_MS, useSession } from "./use-session";

/** How many tasks are rendered: the one on the desk, and the next one out of sight, so that it only has to appear. */
const RENDERED = 2;

export function DeskPage({
  projectId,
  personId,
  seat,
  first: sent,
  isAtWork,
}: {
  projectId: string;
  personId: string;
  seat: string | undefined;
  /** A `First`, as `wire` writes it: numbers of documents keep their digits. */
  first: string;
  isAtWork: boolean;
}) {
  const t = useTranslations("desk");
  const [first] = useState((): First => wire.parse(sent));
  useServiceWorker();
  // The server may be away when they are needed.
  useEffect(() => {
    loadToasts();
    loadDialogs();
  }, []);
  const session = useSession({ projectId, personId, seat, first, isAtWork });
  const { queue, outbox, head, trouble } = session;
  const { line } = outbox;
  const { practised, setPractised } = useDeskHabits();
  const [isPractising, setPractising] = useState(!practised);
  const trpc = useTRPC();
  const replies = useQuery({
    ...trpc.remark.waiting.queryOptions({ projectId }),
    refetchInterval: LOOK_UP_MS,
  });
  // Fingers have no keys to practise; at a keyboard the trainer still comes.
  useEffect(() => {
    if (window.matchMedia("(pointer: coarse)").matches) setPractising(false);
  }, []);
  const unsent = line.entries.filter((entry) => entry.kind === "submit" && entry.refused === null).length;
  const status = (
    <div className="flex items-center gap-2 whitespace-nowrap pe-1 text-xs text-muted tabular md:gap-3 md:pe-2">
      {head.returned > 0 && (
        <Link href={`/projects/${projectId}/me`} className="font-medium text-warn underline">
          {t("sentBack", { count: head.returned })}
        </Link>
      )}
      {(replies.data?.length ?? 0) > 0 && (
        <Link href={`/projects/${projectId}/me`} className="font-medium text-accent underline">
          {t("remarks", { count: replies.data?.length ?? 0 })}
        </Link>
      )}
      {head.norming && head.norming.phase !== "ended" && (
        <NormingNote projectId={projectId} {...head.norming} />
      )}
      {head.qualifying && (
        <span>
          {t("qualifying.progress", head.qualifying)}
          <span className="max-md:hidden">
            {t("qualifying.pass", head.qualifying)}
            {head.qualifying.attempts > 1 && t("qualifying.attempt", head.qualifying)}
          </span>
        </span>
      )}
      <Pace head={head} unsent={unsent} />
      <SaveState
        line={line}
        storing={outbox.storing}
        onDiscard={outbox.discard}
        onRetry={session.lookAgain}
      />
    </div>
  );
  const news = useNews(head.guidelines);
  const [current] = queue.items;
  if (isPractising)
    return (
      <Trainer
        onDone={() => {
          setPractising(false);
          if (!practised) setPractised();
        }}
      />
    );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <h1 className="sr-only">{t("title")}</h1>
      {trouble && (
        <p role="alert" className="flex items-center gap-2 border-b bg-bad-wash px-4 py-2 text-sm text-bad">
          <CircleAlert aria-hidden="true" className="size-4 shrink-0" />
          {trouble}
        </p>
      )}
      {session.told.slice(0, 1).map(({ assignmentId, feedback, excerpt }) => (
        <FeedbackNote
          key={assignmentId}
          feedback={feedback}
          excerpt={excerpt}
          onClose={() => session.putAway(assignmentId)}
        />
      ))}
      {queue.items.slice(0, RENDERED).map((item) => (
        <Activity
          key={`${item.task.assignmentId} ${item.idempotencyKey}`}
          mode={item === current ? "visible" : "hidden"}
        >
          <div className="min-h-0 flex-1" inert={!session.settled}>
            <Desk
              keys={session.settled ? "page" : "inside"}
              task={item.task}
              saved={item.saved}
              guidelines={head.guidelines?.markdown ?? null}
              news={news}
              skipInstructions={head.project.skipInstructions ?? ""}
              flagInstructions={head.project.flagInstructions ?? ""}
              title={<Title name={head.project.name} revises={item.revises} />}
              status={status}
              note={queue.items.length > 1 ? t("bar.nextReady") : ""}
              remarks={
                item.revises && (item.task.returnComment ?? item.saved?.flagReason) ? (
                  <div className="max-h-[40%] shrink-0 overflow-y-auto border-b bg-sunken px-4 py-1.5 md:px-5">
                    <Remarks
                      projectId={projectId}
                      assignmentId={item.task.assignmentId}
                      label={t("writeToReviewer")}
                    />
                  </div>
                ) : null
              }
              onChange={(draft) => session.keepDraft(item, draft)}
              onSubmit={(answers, draft) => session.submit(item, answers, draft)}
              onSkip={(skip) => session.skip(item, skip)}
              onUndo={queue.past.length > 0 ? session.undo : null}
              onPractise={() => setPractising(true)}
            />
          </div>
        </Activity>
      ))}
      {!current && !session.begun && <Begin status={status} onBegin={session.begin} />}
      {!current && session.begun && (queue.asked || !line.reachable) && (
        <NothingToDo
          projectId={projectId}
          reason={queue.nothing}
          line={line}
          today={(head.today ?? 0) + unsent}
          status={status}
          onUndo={queue.past.length > 0 ? session.undo : null}
          onLookAgain={session.lookAgain}
        />
      )}
      {!current && session.begun && !queue.asked && line.reachable && <Waiting />}
    </div>
  );
}

type Guidelines = NonNullable<ReturnType<typeof useSession>["head"]>["guidelines"];

/** How far the rater is with a norming, or where its raters see one another's answers. */
function NormingNote({
  projectId,
  phase,
  done,
  items,
}: { projectId: string } & NonNullable<First["head"]["norming"]>) {
  const t = useTranslations("desk.norming");
  return phase === "talk" ? (
    <Link href={`/projects/${projectId}/norming`} className="font-medium text-accent underline">
      {t("talk")}
    </Link>
  ) : (
    <span>{t("progress", { done, items })}</span>
  );
}

/** What is new stays new for as long as the page is open, also after the first judgement by it. */
function useNews(guidelines: Guidelines): GuidelineNews | null {
  const [news, setNews] = useState<GuidelineNews | null>(null);
  const known = guidelines?.known;
  if (guidelines && known && news?.version !== guidelines.version)
    setNews({ version: guidelines.version, known });
  return news;
}

/** How far the rater is, and how fast: small, and nothing in it moves by itself. */
function Pace({ head, unsent }: { head: First["head"]; unsent: number }) {
  const t = useTranslations("desk");
  const duration = useDuration();
  const done = head.total + unsent;
  const { medianSeconds, waiting } = head;
  const left = Math.max(0, waiting - unsent);
  return (
    <>
      {left > 0 && (
        <span className="max-md:hidden">
          {head.moreWaiting
            ? t("progressAtLeast", { done, all: done + left })
            : medianSeconds === null
              ? t("progress", { done, all: done + left })
              : t("progressTime", { done, all: done + left, time: duration(left * medianSeconds) })}
        </span>
      )}
      <span title={t("inViewToday", { time: duration(head.secondsToday) })}>
        {t.rich("today", {
          count: head.today + unsent,
          time: duration(head.secondsToday),
          more: (chunks) => head.secondsToday >= 60 && <span className="max-md:hidden">{chunks}</span>,
        })}
      </span>
      {medianSeconds !== null && (
        <span className="max-lg:hidden">{t("median", { seconds: Math.round(medianSeconds) })}</span>
      )}
    </>
  );
}

function Title({ name, revises }: { name: string | undefined; revises: boolean }) {
  const t = useTranslations("desk");
  return (
    <span className="flex items-center gap-2 text-sm">
      <bdi className="truncate font-medium max-md:sr-only">{name}</bdi>
      {revises && <Badge tone="accent">{t("revises")}</Badge>}
    </span>
  );
}

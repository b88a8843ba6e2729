"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useEffectEvent } from "react";
import { PromptView } from "@/app/components/desk/prompt-view";
import { Markdown } from "@/app/components/markdown/markdown";
import { letterOf } from "@/app/components/question/target";
import { isTyping } from "@/app/components/table/filters";
import { Metadata } from "@/app/components/table/metadata";
import { Remarks } from "@/app/components/thread/remarks";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Section } from "@/app/components/ui/section";
import { When } from "@/app/components/ui/when";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { ReviewDetail } from "@/server/review/schema";
import type { Curation } from "./curation-dialog";
import { Judgement } from "./judgement";

/** One task: everything that was shown, what every rater answered, and what was decided about it. */
export function TaskDetail({
  projectId,
  taskId,
  annotationId,
  keys,
  onCurate,
  onClose,
}: {
  projectId: string;
  taskId: string;
  /** The judgement from which it was opened. */
  annotationId: string | undefined;
  /** False while a dialog is above it. */
  keys: boolean;
  onCurate: (curation: Curation) => void;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const detail = useQuery(
    trpc.review.detail.queryOptions({ projectId, taskId }, { placeholderData: keepPreviousData }),
  );
  const current = detail.data?.annotations.filter((given) => given.current) ?? [];
  const marked = current.find((given) => given.id === annotationId) ?? current[0];
  const waiting = useQuery(trpc.remark.waiting.queryOptions({ projectId }));
  const atFirst = new Set(waiting.data?.map(({ assignmentId }) => assignmentId));
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!keys || !marked || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const annotationIds = [marked.id];
    if (event.key === "b" && marked.assignmentId) onCurate({ action: "sendBack", annotationIds });
    else if (event.key === "e")
      onCurate({ action: marked.excludedAt ? "include" : "exclude", annotationIds });
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title="Task"
      description={
        detail.data
          ? `${current.length} of ${detail.data.task.overlap} wanted judgements. j and k turn to the next and the previous.`
          : undefined
      }
      className="max-w-6xl"
    >
      {detail.data ? (
        <div
          aria-busy={detail.isPlaceholderData}
          className="flex flex-col gap-6 lg:grid lg:grid-cols-[minmax(0,1fr)_21rem] lg:items-start"
        >
          <div className="flex min-w-0 flex-col gap-3">
            <div className="overflow-hidden rounded-lg border bg-surface">
              <PromptView prompt={{ ...detail.data.prompt, ...detail.data.task }} raw={false} />
            </div>
            <ShownResponses detail={detail.data} />
          </div>
          <div className="flex flex-col gap-6 lg:sticky lg:top-0">
            <Section title={counted(current.length, "judgement")}>
              {current.length === 0 && <p className="text-sm text-muted">Nobody has judged it yet.</p>}
              <ul className="flex flex-col gap-2">
                {current.map((given) => (
                  <Judgement
                    key={given.id}
                    given={given}
                    detail={detail.data}
                    isMarked={given === marked}
                    onCurate={onCurate}
                    remarks={
                      given.assignmentId &&
                      isTalkedAbout(given, detail.data) && (
                        <Remarks
                          projectId={projectId}
                          assignmentId={given.assignmentId}
                          label="Remarks"
                          open={atFirst.has(given.assignmentId)}
                        />
                      )
                    }
                  />
                ))}
              </ul>
            </Section>
            <Past detail={detail.data} />
            <Button asChild className="self-start">
              <Link href={`/projects/${projectId}/preferences/adjudicate?task=${taskId}`}>
                Decide this task
              </Link>
            </Button>
          </div>
        </div>
      ) : (
        <p className="text-muted">{detail.error?.message ?? "Loading…"}</p>
      )}
    </Sheet>
  );
}

/** Whether there is something to write to its rater about: it was flagged, or sent back at some time. */
const isTalkedAbout = (
  { assignmentId, flagReason }: ReviewDetail["annotations"][number],
  { annotations, curations }: ReviewDetail,
): boolean =>
  flagReason !== null ||
  curations.some(
    ({ action, annotationId }) =>
      action === "return" &&
      annotations.some((given) => given.id === annotationId && given.assignmentId === assignmentId),
  );

function ShownResponses({ detail: { responses, task } }: { detail: ReviewDetail }) {
  return (
    <section aria-label="Responses" className="grid items-start gap-3 md:grid-cols-2">
      {responses.map((response, index) => (
        <article
          key={response.id}
          aria-label={`Response ${letterOf(index)}`}
          className="min-w-0 rounded-lg border bg-surface"
        >
          <header className="flex items-center gap-2 border-b px-3 py-1.5 text-xs text-muted">
            <span className="font-semibold text-ink">{letterOf(index)}</span>
            {response.source && <Badge>{response.source}</Badge>}
            <span className="ms-auto tabular">{response.content.length.toLocaleString("en")} characters</span>
          </header>
          <div className="px-3 py-2">
            <Markdown text={response.content} lang={task.language} />
            <Metadata value={response.metadata} />
          </div>
        </article>
      ))}
    </section>
  );
}

const actionNames = {
  exclude: "excluded",
  include: "included again",
  return: "sent back",
  adjudicate: "adjudicated",
  reopen: "reopened",
} as const;

/** What was decided about the task, revisions that were replaced, and seats without a judgement. */
function Past({ detail }: { detail: ReviewDetail }) {
  const replaced = detail.annotations.filter((given) => !given.current);
  const seats = detail.seats.filter((seat) => seat.status !== "submitted" && seat.status !== "closed");
  const nameOf = (id: string | null) =>
    detail.annotations.find((given) => given.id === id)?.rater.name ?? null;
  return (
    <>
      {detail.curations.length > 0 && (
        <Section title="Decisions">
          <ol className="flex flex-col divide-y rounded-md border text-sm">
            {detail.curations.map((curation) => (
              <li key={curation.id} className="flex flex-wrap items-baseline gap-x-2 px-3 py-1.5">
                <span className="font-medium">{curation.person?.name ?? "Concord"}</span>
                <span>
                  {actionNames[curation.action]}
                  {curation.action === "adjudicate"
                    ? curation.seenAt
                      ? ", having seen the votes"
                      : ", blind"
                    : nameOf(curation.annotationId) && ` (${nameOf(curation.annotationId)})`}
                </span>
                <span dir="auto" className="text-muted">
                  {curation.reason}
                </span>
                <When at={curation.createdAt} className="ms-auto text-xs text-muted" />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {seats.length > 0 && (
        <Section title="Seats without a judgement">
          <ul className="flex flex-col divide-y rounded-md border text-sm">
            {seats.map((seat) => (
              <li key={seat.assignmentId} className="flex flex-wrap items-baseline gap-x-2 px-3 py-1.5">
                <Badge>{seat.status}</Badge>
                <span>{seat.rater?.name ?? (seat.reservedFor && `for ${seat.reservedFor.name}`)}</span>
                <span dir="auto" className="text-muted">
                  {[seat.skipReason, seat.skipNote, seat.returnComment].filter(Boolean).join(": ")}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {replaced.length > 0 && (
        <details>
          <summary className="text-sm font-semibold">{counted(replaced.length, "earlier revision")}</summary>
          <ul className="mt-2 flex flex-col gap-2">
            {replaced.map((given) => (
              <Judgement key={given.id} given={given} detail={detail} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

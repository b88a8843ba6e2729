"use client";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useEffectEvent, useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { isTyping } from "@/app/components/table/filters";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Field, Textarea } from "@/app/components/ui/field";
import { Kbd } from "@/app/components/ui/kbd";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { EditedContent } from "@/db/shape/construction";
import type { Candidate } from "@/server/construction/schema";
import { ReasonDialog } from "../../../preferences/reason-dialog";
import { waitingOf } from "../../words";
import { shownOf } from "../content";
import { Behind, Content } from "../trace";

/** Rows that are ready when one is decided. */
const AHEAD = 10;

type Doing = { what: "reading" } | { what: "rejecting" } | { what: "editing"; draft: EditedContent };

/** People look at candidates one after the other, by keys: accept, edit, reject with a reason; source and nearest beside. */
export function Review({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [doing, setDoing] = useState<Doing>({ what: "reading" });
  /** Decided here, the last at the end: one can come back to it. */
  const [before, setBefore] = useState<readonly string[]>([]);
  const [back, setBack] = useState<string | null>(null);
  const run = useQuery(trpc.construction.get.queryOptions({ projectId, runId }, { staleTime: 0 }));
  const waiting = useQuery(
    trpc.construction.candidates.queryOptions(
      { projectId, runId, only: "waiting", limit: AHEAD },
      { staleTime: 0 },
    ),
  );
  const next = waiting.data?.items.find(({ id }) => !before.includes(id));
  const candidateId = back ?? next?.id;
  const trace = useQuery(
    trpc.construction.trace.queryOptions(
      { projectId, runId, candidateId: candidateId ?? "" },
      { enabled: candidateId !== undefined, placeholderData: keepPreviousData, staleTime: 0 },
    ),
  );
  const decide = useMutation(
    trpc.construction.decide.mutationOptions({
      onSuccess: async ({ id }) => {
        setBefore((seen) => [...seen.filter((one) => one !== id), id]);
        setBack(null);
        setDoing({ what: "reading" });
        await client.invalidateQueries({ queryKey: trpc.construction.pathKey() });
      },
    }),
  );
  const current = trace.data?.candidate.id === candidateId ? trace.data : undefined;
  const found = current?.candidate;
  const isReady = found !== undefined && !decide.isPending;
  const say = (decision: Candidate["decision"] & string, more: object = {}) => {
    if (isReady) decide.mutate({ projectId, runId, candidateId: found.id, decision, ...more });
  };
  const edit = () => found && setDoing({ what: "editing", draft: shownOf(found) });
  const goBack = () => {
    const last = before.at(-1);
    if (last) setBack(last);
  };
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || event.altKey || doing.what === "rejecting") return;
    if (doing.what === "editing") {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) say("edited", { edited: doing.draft });
      else if (event.key === "Escape") setDoing({ what: "reading" });
      else return;
    } else if (isTyping(event) || event.ctrlKey || event.metaKey || !isReady) return;
    else if (event.key === "a") say("accepted");
    else if (event.key === "e") edit();
    else if (event.key === "r") setDoing({ what: "rejecting" });
    else if (event.key === "z") goBack();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  const audit = run.data?.audit;
  const left = audit ? waitingOf(audit) : 0;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title="Look at candidates"
        actions={
          <Button disabled={before.length === 0 || back !== null} onClick={goBack}>
            Back to the last <Kbd>Z</Kbd>
          </Button>
        }
      >
        <p className="text-sm text-muted">
          <Link href={`/projects/${projectId}/data/${runId}`} className="hover:underline">
            {run.data?.title ?? "Data run"}
          </Link>
          : {amount(left)} to look at.
        </p>
      </PageHeader>
      {waiting.isSuccess && candidateId === undefined ? (
        <Empty
          title="All of them are judged"
          action={
            <Button variant="primary" asChild>
              <Link href={`/projects/${projectId}/data/${runId}`}>To the run</Link>
            </Button>
          }
        >
          Accepted and edited rows are part of the project: freeze a dataset to train on them.
        </Empty>
      ) : (
        current &&
        found && (
          <div className="grid gap-8 px-4 md:px-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <div className="flex min-w-0 flex-col gap-4">
              {found.decision && <Badge className="self-start">{found.decision}</Badge>}
              {doing.what === "editing" ? (
                <Editor draft={doing.draft} onDraft={(draft) => setDoing({ what: "editing", draft })} />
              ) : (
                <Content candidate={found} />
              )}
              {decide.error && doing.what !== "rejecting" && (
                <p role="alert" className="text-sm text-bad">
                  {decide.error.message}
                </p>
              )}
              <div className="sticky bottom-0 flex flex-wrap gap-2 border-t bg-canvas py-3">
                {doing.what === "editing" ? (
                  <>
                    <Button
                      variant="primary"
                      busy={decide.isPending}
                      onClick={() => say("edited", { edited: doing.draft })}
                    >
                      Accept the edit <Kbd>Ctrl ⏎</Kbd>
                    </Button>
                    <Button onClick={() => setDoing({ what: "reading" })}>
                      Leave it <Kbd>Esc</Kbd>
                    </Button>
                  </>
                ) : (
                  <>
                    <Button variant="primary" busy={decide.isPending} onClick={() => say("accepted")}>
                      Accept <Kbd>A</Kbd>
                    </Button>
                    <Button onClick={edit}>
                      Edit <Kbd>E</Kbd>
                    </Button>
                    <Button onClick={() => setDoing({ what: "rejecting" })}>
                      Reject <Kbd>R</Kbd>
                    </Button>
                  </>
                )}
              </div>
            </div>
            <aside aria-label="Where it comes from" className="flex min-w-0 flex-col gap-6">
              <Behind projectId={projectId} trace={current} />
            </aside>
          </div>
        )
      )}
      {doing.what === "rejecting" && found && (
        <ReasonDialog
          name={`candidate ${found.id}`}
          title="Reject this row?"
          description="It goes into no dataset. The reason stays with it."
          submit="Reject"
          busy={decide.isPending}
          error={decide.error}
          onClose={() => setDoing({ what: "reading" })}
          onReason={(reason) => say("rejected", { reason })}
        />
      )}
    </div>
  );
}

/** The last turn of the conversation and each reply as they are written. */
function Editor({ draft, onDraft }: { draft: EditedContent; onDraft: (draft: EditedContent) => void }) {
  const { messages, responses } = draft;
  const last = messages.length - 1;
  return (
    <div className="flex flex-col gap-4">
      <Field label="Prompt">
        {(control) => (
          <Textarea
            {...control}
            dir="auto"
            className="min-h-24"
            value={messages[last]?.content ?? ""}
            onChange={({ target }) =>
              onDraft({
                ...draft,
                messages: messages.map((turn, at) =>
                  at === last ? { ...turn, content: target.value } : turn,
                ),
              })
            }
          />
        )}
      </Field>
      {responses.map((text, place) => (
        <Field
          key={place}
          label={responses.length === 1 ? "Reply" : place === 0 ? "The better reply" : "The worse reply"}
        >
          {(control) => (
            <Textarea
              {...control}
              dir="auto"
              className="min-h-48"
              autoFocus={place === 0}
              value={text}
              onChange={({ target }) =>
                onDraft({
                  ...draft,
                  responses: responses.map((one, at) => (at === place ? target.value : one)),
                })
              }
            />
          )}
        </Field>
      ))}
    </div>
  );
}

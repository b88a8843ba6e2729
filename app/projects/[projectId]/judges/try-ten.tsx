"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { componentOf } from "@/app/components/question";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { amount, dollars } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Answer } from "@/server/form/schema";
import { type JudgeDraftInput, type JudgeTryResult, judgeTryResultSchema } from "@/server/judge/schema";
import { estimateText, shownAs } from "./words";

type Settings = JudgeDraftInput["settings"];

/** Settings that are no judge yet, tried on ten items beside what people said of them; nothing of it is kept. */
export function TryTen({
  projectId,
  settings,
}: {
  projectId: string;
  /** Null while something is missing. */
  settings: Settings | null;
}) {
  const trpc = useTRPC();
  const [draft, setDraft] = useState<{ settings: Settings; seed: number } | null>(null);
  const estimate = useQuery(
    trpc.judge.estimateTry.queryOptions(
      { projectId, settings: draft?.settings ?? { questionId: "-" }, seed: draft?.seed },
      { enabled: draft !== null, retry: false },
    ),
  );
  const ask = useMutation(trpc.judge.try.mutationOptions());
  const runId = ask.data?.id;
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId: runId ?? "" },
      {
        enabled: runId !== undefined,
        refetchInterval: ({ state }) => (state.data?.finishedAt ? false : 1000),
      },
    ),
  );
  const isAsking = ask.isPending || (runId !== undefined && run.data?.finishedAt == null && !run.error);
  const result = judgeTryResultSchema.safeParse(run.data?.result).data;
  const problem = ask.error?.message ?? estimate.error?.message ?? run.error?.message ?? run.data?.error;
  const isChanged = draft !== null && JSON.stringify(draft.settings) !== JSON.stringify(settings);
  const reckon = (seed: number) => {
    if (settings === null) return;
    ask.reset();
    setDraft({ settings, seed });
  };
  return (
    <section aria-label="Try on ten" className="flex flex-col gap-3 rounded-md border border-line p-3">
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 basis-56 text-sm text-muted">
          {draft === null || isChanged
            ? "See what it says of ten items that people judged, before it is made. Nothing of it is kept as a judgement."
            : estimateText(estimate.data, { isFree: !draft.settings.endpointId })}
        </p>
        {draft === null || isChanged ? (
          <Button disabled={settings === null || isAsking} onClick={() => reckon(draft?.seed ?? 0)}>
            Try on ten
          </Button>
        ) : (
          <>
            {result && (
              <Button disabled={isAsking} onClick={() => reckon((draft.seed + 1) % 1000)}>
                Other ten
              </Button>
            )}
            {!result && (
              <Button
                busy={isAsking}
                disabled={!estimate.data?.tasks}
                onClick={() => ask.mutate({ projectId, ...draft })}
              >
                Ask
              </Button>
            )}
          </>
        )}
      </div>
      {problem && (
        <p role="alert" className="text-sm text-bad">
          {problem}
        </p>
      )}
      {result && <Shown result={result} />}
    </section>
  );
}

function Shown({ result: { items, cost } }: { result: JudgeTryResult }) {
  const say = useTranslations("question");
  const summary = (answer: Answer) => componentOf(answer.type).summary(answer, say);
  return (
    <>
      <p role="status" className="text-sm">
        {cost === null
          ? "What it cost is not known."
          : cost === 0
            ? "It cost nothing."
            : `It cost ${dollars(cost)}.`}{" "}
        <span className="text-muted">
          Ten items show how it reads the rubric, and are no measure of its worth.
        </span>
      </p>
      <ol className="flex flex-col divide-y divide-line">
        {items.map(({ taskId, excerpt, people, said, settled }) => (
          <li key={taskId} className="flex flex-col gap-1 py-2 text-sm">
            <p dir="auto" className="line-clamp-2">
              {excerpt || "(an empty prompt)"}
            </p>
            <dl className="grid grid-cols-[auto_1fr] gap-x-3">
              <dt className="text-muted">People</dt>
              <dd>{people.map(summary).join("; ") || "—"}</dd>
              <dt className="text-muted">It</dt>
              <dd>{settled ? summary(settled) : <Badge tone="warn">no judgement</Badge>}</dd>
            </dl>
            <details>
              <summary className="cursor-pointer text-muted">
                {said
                  .map((one) => `${shownAs(one)}: ${one.answer ? summary(one.answer) : (one.failure ?? "—")}`)
                  .join(" · ") || "Nothing was said."}
              </summary>
              {said.map((one, at) => (
                <p key={at} dir="auto" className="whitespace-pre-wrap pt-1 text-muted">
                  <span className="font-medium">{shownAs(one)}</span>
                  {one.p !== null && ` (p ${amount(one.p)})`}: {one.words || "(no words)"}
                </p>
              ))}
            </details>
          </li>
        ))}
      </ol>
    </>
  );
}

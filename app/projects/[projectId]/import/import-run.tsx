"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { importResultSchema, importSpecSchema } from "@/server/import/schema";
import type { ImportChoice } from "./import-choice";
import { Imported } from "./imported";
import { SurveyReport } from "./survey-report";

/** A check or an import: how far it is, then what came of it and what can be done next. */
export function ImportRun({
  projectId,
  runId,
  onStarted,
  onChoose,
  canChange,
}: {
  projectId: string;
  runId: string;
  onStarted: (runId: string) => void;
  /** Back to choosing: with the same files, or with none. */
  onChoose: (keep: boolean) => void;
  /** Whether the files are still at hand. */
  canChange: boolean;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const of = { projectId, runId };
  const query = useQuery(
    trpc.run.get.queryOptions(of, {
      // A slow look covers an event that was lost.
      refetchInterval: ({ state: { data } }) => (data && isOver(data) ? false : 5000),
    }),
  );
  const run = query.data;
  const refresh = () => void client.invalidateQueries({ queryKey: trpc.run.get.queryKey(of) });
  useSubscription(
    trpc.run.watch.subscriptionOptions(of, {
      enabled: run ? !isOver(run) : false,
      // The run may have gone on between the first look at it and the first event.
      onStarted: refresh,
      onData: refresh,
    }),
  );
  const start = useMutation(trpc.import.start.mutationOptions({ onSuccess: ({ id }) => onStarted(id) }));
  const cancel = useMutation(trpc.run.cancel.mutationOptions());
  const spec = importSpecSchema.safeParse(run?.spec).data;
  const result = importResultSchema.safeParse(run?.result).data;
  const trouble = query.error ?? start.error ?? cancel.error;
  const isDone = run !== undefined && isOver(run);
  const importNow = (badRows: "refuse" | "skip", choice: ImportChoice = {}) =>
    spec &&
    start.mutate({
      projectId,
      ...spec,
      dryRun: false,
      badRows,
      ...("seats" in choice && { seats: choice.seats }),
      options: { ...spec.options, judgements: choice.judgements ?? spec.options.judgements },
    });
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={run?.title ?? "Import"}
        actions={
          <>
            {canChange && isDone && spec?.dryRun && (
              <Button onClick={() => onChoose(true)}>Change how it is read</Button>
            )}
            {isDone ? (
              <Button onClick={() => onChoose(false)}>Import other files</Button>
            ) : (
              run && (
                <Button busy={cancel.isPending} onClick={() => cancel.mutate(of)}>
                  Cancel
                </Button>
              )
            )}
          </>
        }
      >
        {run && (
          <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
            <RunBadge status={run.status} />
            {run.startedAt && run.finishedAt && (
              <span>took {duration((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000)}</span>
            )}
            <Link href={`/projects/${projectId}/runs/${runId}`} className="hover:underline">
              Log and files
            </Link>
          </p>
        )}
      </PageHeader>
      <div className="flex max-w-6xl flex-col gap-6 px-4 md:px-6">
        {trouble && (
          <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
            {trouble.message}
          </p>
        )}
        {run && !isDone && (
          <div role="status" className="flex max-w-xl flex-col gap-2">
            {run.progress ? (
              <RunProgressLine title={run.title} progress={run.progress} />
            ) : (
              <p className="text-sm text-muted">Waiting for a worker…</p>
            )}
            <p className="text-xs text-muted">You can leave this page; the run goes on.</p>
          </div>
        )}
        {run?.error && (
          <p role="alert" className="max-w-prose rounded-md bg-bad-wash px-3 py-2 text-bad">
            {run.error}
          </p>
        )}
        {result?.counts && <Imported projectId={projectId} counts={result.counts} seats={result.seats} />}
        {run && result && (
          <SurveyReport
            projectId={projectId}
            runId={runId}
            survey={result.survey}
            seats={result.seats}
            asked={spec?.seats}
            isBusy={start.isPending}
            onImport={spec?.dryRun ? importNow : null}
          />
        )}
        {run?.status === "failed" && !result && spec && (
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => start.mutate({ projectId, ...spec, dryRun: true })} busy={start.isPending}>
              Check all rows
            </Button>
            <Button onClick={() => importNow("skip")} busy={start.isPending}>
              Import without the bad rows
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { FileTable } from "@/app/components/run/file-table";
import { takeLaunched } from "@/app/components/run/launched";
import { isOver, type Run, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Curves } from "@/app/components/training/curves";
import { heldOutLossOf, LossWarning } from "@/app/components/training/learnt";
import { TrainingSamples } from "@/app/components/training/samples";
import { useExtendCurves } from "@/app/components/training/use-curves";
import { Button } from "@/app/components/ui/button";
import { Code, ScrollBox } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { runProgressSchema } from "@/db/shape/run";
import { runKinds } from "@/db/shape/run-kinds";
import { isTraining } from "@/db/shape/training";
import { Origin } from "./origin";
import { Result } from "./result";

/** One run: where it stands, what it said, what it made. */
export function RunDetail({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const of = { projectId, runId };
  const run = useQuery(trpc.run.get.queryOptions(of));
  const waiting = useQuery(
    trpc.run.waiting.queryOptions(of, {
      enabled: run.data?.status === "queued",
      refetchInterval: 5000,
    }),
  );
  const log = useQuery(trpc.run.log.queryOptions(of));
  const extendCurves = useExtendCurves(of);
  const again = ({ queryKey }: { queryKey: readonly unknown[] }) => client.invalidateQueries({ queryKey });
  const refresh = () =>
    Promise.all(
      [
        ...[trpc.run.get, trpc.run.log, trpc.run.files],
        ...[trpc.training.curves, trpc.training.clock, trpc.training.samples],
      ].map((query) => again({ queryKey: query.queryKey(of) })),
    );
  useSubscription(
    trpc.run.watch.subscriptionOptions(of, {
      enabled: run.data ? !isOver(run.data) : false,
      // The run may have gone on between the first look at it and the first event, or while the line was down.
      onStarted: () => void refresh(),
      onData: ({ data: { kind, payload } }) => {
        switch (kind) {
          case "progress": {
            const progress = runProgressSchema.safeParse(payload).data;
            const queryKey = trpc.run.get.queryKey(of);
            if (progress) client.setQueryData(queryKey, (now) => now && { ...now, progress });
            return;
          }
          // A point that does not come now comes with the next ones.
          case "metrics":
            return void extendCurves().catch(() => {});
          case "log":
            return void again({ queryKey: trpc.run.log.queryKey(of) });
          case "samples":
            return void again({ queryKey: trpc.training.samples.queryKey(of) });
          default:
            return void refresh();
        }
      },
    }),
  );
  useMadeOf(projectId, run.data);
  const change = {
    onSuccess: refresh,
    onError: (error: { message: string }) => toast({ title: error.message, tone: "bad" }),
  };
  const cancel = useMutation(trpc.run.cancel.mutationOptions(change));
  const stop = useMutation(trpc.run.stop.mutationOptions(change));
  const retry = useMutation(trpc.run.retry.mutationOptions(change));
  if (!run.data) return <PageHeader title="Run">{run.error?.message}</PageHeader>;
  const { title, kind, status, progress, error, result, spec, startedAt, finishedAt, attempt } = run.data;
  const { stopRequested, cancelRequested, groupId } = run.data;
  const trains = isTraining(kind);
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={title}
        actions={
          <>
            {trains && <CloneLink projectId={projectId} runId={runId} spec={spec} />}
            {!isOver(run.data) && trains && status === "running" && (
              <Button busy={stop.isPending || stopRequested} onClick={() => stop.mutate(of)}>
                Stop and keep
              </Button>
            )}
            {!isOver(run.data) && (
              <Button busy={cancel.isPending || cancelRequested} onClick={() => cancel.mutate(of)}>
                Cancel
              </Button>
            )}
            {(status === "failed" || status === "cancelled") && (
              <Button busy={retry.isPending} onClick={() => retry.mutate(of)}>
                {trains ? "Resume" : "Try again"}
              </Button>
            )}
          </>
        }
      >
        <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <RunBadge status={status} />
          {runKinds[kind].title}
          {trains && (
            <Origin
              projectId={projectId}
              modelId={String(spec.modelId)}
              versionId={String(spec.versionId)}
              groupId={groupId}
            />
          )}
          {attempt > 1 && <span>attempt {attempt}</span>}
          {startedAt && finishedAt && (
            <span>took {duration((finishedAt.getTime() - startedAt.getTime()) / 1000)}</span>
          )}
        </p>
      </PageHeader>
      <div className="flex flex-col gap-6 px-4 md:px-6">
        {error && (
          <p role="alert" className="max-w-prose rounded-md bg-bad-wash px-3 py-2 text-bad">
            {error}
          </p>
        )}
        {status === "queued" && !error && (
          <p className="max-w-prose text-sm text-muted">{waiting.data?.reason}</p>
        )}
        {!isOver(run.data) && stopRequested && (
          <p role="status" className="text-sm text-muted">
            Stopping: a checkpoint is saved and the model is made from it.
          </p>
        )}
        {progress && !isOver(run.data) && <RunProgressLine title={title} progress={progress} />}
        <LossWarning course={heldOutLossOf(result)} />
        {(trains || kind === "new_model") && <Curves {...of} />}
        {trains && <TrainingSamples {...of} />}
        {result && <Result projectId={projectId} result={result} />}
        <FileTable {...of} />
        {log.data && log.data.length > 0 && (
          <Section title="Log">
            <ScrollBox label="Lines of the log" className="max-h-96 bg-sunken p-3 font-mono text-xs">
              <ol>
                {log.data.map((line) => (
                  <li key={line.id} className={line.level === "error" ? "text-bad" : undefined}>
                    <time dateTime={line.at.toISOString()} className="text-muted" suppressHydrationWarning>
                      {line.at.toLocaleTimeString()}
                    </time>{" "}
                    {line.message}
                  </li>
                ))}
              </ol>
            </ScrollBox>
          </Section>
        )}
        <Section title="Spec">
          <Code>{JSON.stringify(spec, null, 2)}</Code>
        </Section>
      </div>
    </div>
  );
}

/**
 * Goes on to what a run made, once it has, for whoever launched it or waited for it here, also when it was over before
 * this page stood; who comes later finds the run. Training stays: its curves are what one looks at. An export's files stand on this page.
 */
function useMadeOf(projectId: string, run: Run | undefined): void {
  const router = useRouter();
  const waited = useRef(false);
  const to = run && madePage(run);
  const status = run?.status;
  const runId = run?.id;
  useEffect(() => {
    if (runId && takeLaunched(runId)) waited.current = true;
    if (status === "queued" || status === "running") waited.current = true;
    if (status === "succeeded" && waited.current && to) router.replace(`/projects/${projectId}/${to}`);
  }, [runId, status, to, projectId, router]);
}

function madePage({ id, kind, result, spec }: Run): string | null {
  switch (kind) {
    case "construct":
      return `data/${id}`;
    case "freeze":
      return result ? `datasets/versions/${String(result.versionId)}` : null;
    case "new_model":
      return result ? `models/${String(result.modelId)}` : null;
    case "judge":
      return result ? `judges/${String(result.judgeId)}?version=${String(spec.judgeVersionId)}` : null;
    case "benchmark":
      return `models/${String(spec.modelId)}/benchmarks/${String(spec.benchmarkId)}`;
    case "evaluate":
    case "score":
      return `models/${String(spec.modelId)}`;
    default:
      return null;
  }
}

/** The same run again, with changes. */
function CloneLink({
  projectId,
  runId,
  spec,
}: {
  projectId: string;
  runId: string;
  spec: Record<string, unknown>;
}) {
  return (
    <Button asChild>
      <Link href={`/projects/${projectId}/datasets/versions/${String(spec.versionId)}/train?from=${runId}`}>
        Clone with changes
      </Link>
    </Button>
  );
}

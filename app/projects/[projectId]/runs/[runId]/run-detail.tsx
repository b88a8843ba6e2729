"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Download } from "lucide-react";
import Link from "next/link";
import { isOver, RunBadge, RunProgressLine, runKindNames } from "@/app/components/run/status";
import { bytes, duration } from "@/app/components/run/units";
import { PageHeader } from "@/app/components/shell/page-header";
import { Curves } from "@/app/components/training/curves";
import { TrainingSamples } from "@/app/components/training/samples";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { trainingMethods } from "@/server/training/schema";

/** One run: where it stands, what it said, what it made. */
export function RunDetail({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const of = { projectId, runId };
  const run = useQuery(trpc.run.get.queryOptions(of));
  const log = useQuery(trpc.run.log.queryOptions(of));
  const files = useQuery(trpc.run.files.queryOptions(of));
  const refresh = () =>
    Promise.all(
      [trpc.run.get, trpc.run.log, trpc.run.files, trpc.training.curves, trpc.training.samples].map((query) =>
        client.invalidateQueries({ queryKey: query.queryKey(of) }),
      ),
    );
  useSubscription(
    trpc.run.watch.subscriptionOptions(of, {
      enabled: run.data ? !isOver(run.data) : false,
      // The run may have gone on between the first look at it and the first event.
      onStarted: () => void refresh(),
      onData: () => void refresh(),
    }),
  );
  const change = {
    onSuccess: refresh,
    onError: (error: { message: string }) => toast({ title: error.message, tone: "bad" }),
  };
  const cancel = useMutation(trpc.run.cancel.mutationOptions(change));
  const stop = useMutation(trpc.run.stop.mutationOptions(change));
  const retry = useMutation(trpc.run.retry.mutationOptions(change));
  if (!run.data) return <PageHeader title="Run">{run.error?.message}</PageHeader>;
  const { title, kind, status, progress, error, result, spec, startedAt, finishedAt, attempt } = run.data;
  const isTraining = trainingMethods.some((method) => method === kind);
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={title}
        actions={
          <>
            {isTraining && <CloneLink projectId={projectId} runId={runId} spec={spec} />}
            {!isOver(run.data) && isTraining && status === "running" && (
              <Button busy={stop.isPending} onClick={() => stop.mutate(of)}>
                Stop and keep
              </Button>
            )}
            {!isOver(run.data) && (
              <Button busy={cancel.isPending} onClick={() => cancel.mutate(of)}>
                Cancel
              </Button>
            )}
            {(status === "failed" || status === "cancelled") && (
              <Button busy={retry.isPending} onClick={() => retry.mutate(of)}>
                Try again
              </Button>
            )}
          </>
        }
      >
        <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <RunBadge status={status} />
          {runKindNames[kind]}
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
        {progress && !isOver(run.data) && <RunProgressLine title={title} progress={progress} />}
        {isTraining && <Curves {...of} />}
        {isTraining && <TrainingSamples {...of} />}
        {result && <Result projectId={projectId} result={result} />}
        {files.data && files.data.length > 0 && (
          <Section title="Files">
            <Table label="Files">
              <thead>
                <tr>
                  <Th>Name</Th>
                  <Th numeric>Size</Th>
                  <Th>sha256</Th>
                </tr>
              </thead>
              <tbody>
                {files.data.map((file) => (
                  <Tr key={file.name}>
                    <Td>
                      <a
                        href={`/api/v1/projects/${projectId}/runs/${runId}/files/${file.name}`}
                        className="inline-flex items-center gap-1.5 font-medium hover:underline"
                        download
                      >
                        <Download aria-hidden="true" className="size-4 text-muted" />
                        {file.name}
                      </a>
                    </Td>
                    <Td numeric>{bytes(file.size)}</Td>
                    <Td className="font-mono text-xs text-muted">{file.sha256.slice(0, 16)}…</Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          </Section>
        )}
        {log.data && log.data.length > 0 && (
          <Section title="Log">
            <ol className="scroll-thin max-h-96 overflow-y-auto rounded-md bg-sunken p-3 font-mono text-xs">
              {log.data.map((line) => (
                <li key={line.id} className={line.level === "error" ? "text-bad" : undefined}>
                  <time dateTime={line.at.toISOString()} className="text-muted" suppressHydrationWarning>
                    {line.at.toLocaleTimeString()}
                  </time>{" "}
                  {line.message}
                </li>
              ))}
            </ol>
          </Section>
        )}
        <Section title="Spec">
          <pre className="scroll-thin max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs">
            {JSON.stringify(spec, null, 2)}
          </pre>
        </Section>
      </div>
    </div>
  );
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

const results: Record<string, { path: string; text: string }> = {
  versionId: { path: "datasets/versions", text: "Open the version" },
  modelId: { path: "models", text: "Open the model" },
};

function Result({ projectId, result }: { projectId: string; result: Record<string, unknown> }) {
  const plain = Object.entries(result).filter(([, value]) => typeof value !== "object");
  return (
    <Section title="Result">
      <dl className="grid max-w-prose grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
        {plain.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all tabular">
              {results[name] ? (
                <Link
                  href={`/projects/${projectId}/${results[name].path}/${value}`}
                  className="text-accent hover:underline"
                >
                  {results[name].text}
                </Link>
              ) : (
                String(value)
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

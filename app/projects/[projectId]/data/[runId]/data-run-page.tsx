"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Histogram } from "@/app/components/charts/histogram";
import { Figure, FigureName } from "@/app/components/figure";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { amount, counted, dollars, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { DataRun } from "@/server/construction/schema";
import { DataForm } from "../data-form";
import { passText, stopWords, waitingOf } from "../words";
import { Candidates } from "./candidates";

/** While it makes candidates, and while others look at them, the page asks so often. */
const ASK_MS = 3000;

/** One data run: how far it is, what filters removed, what it cost, how people find it, and every candidate. */
export function DataRunPage({
  projectId,
  runId,
  mayManage,
}: {
  projectId: string;
  runId: string;
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [isMore, setMore] = useState(false);
  const data = useQuery(
    trpc.construction.get.queryOptions({ projectId, runId }, { staleTime: 0, refetchInterval: ASK_MS }),
  );
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId },
      { enabled: data.data !== undefined && !isOver(data.data), refetchInterval: ASK_MS },
    ),
  );
  const methods = useQuery(trpc.construction.methods.queryOptions({ projectId }));
  const release = useMutation(
    trpc.construction.release.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.construction.pathKey() }),
    }),
  );
  if (!data.data) return <PageHeader title="Data run">{data.error?.message}</PageHeader>;
  const { title, status, audit, recipe, result, error, createdAt, unreviewed } = data.data;
  const waiting = waitingOf(audit);
  const method = methods.data?.find(({ id }) => id === data.data.method);
  const isEnded = isOver(data.data);
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={title}
        actions={
          <>
            {mayManage && isEnded && method && (
              <Button onClick={() => setMore(true)}>Make more by this recipe</Button>
            )}
            {waiting > 0 && (
              <Button variant="primary" asChild>
                <Link href={`/projects/${projectId}/data/${runId}/review`}>
                  Look at {counted(waiting, "row")}
                </Link>
              </Button>
            )}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <RunBadge status={status} />
          <span>
            {data.data.methodTitle}, started <When at={createdAt} />
          </span>
          <Link href={`/projects/${projectId}/runs/${runId}`} className="hover:underline">
            {isEnded ? "Log" : "Log, and stop it"}
          </Link>
        </div>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        {!isEnded && run.data?.progress && <RunProgressLine title={title} progress={run.data.progress} />}
        {error && (
          <p role="alert" className="text-sm text-bad">
            {error}
          </p>
        )}
        {result && <p className="text-sm">{stopWords[result.why]}</p>}
        <Numbers run={data.data} />
        {isEnded && recipe.audit !== null && mayManage && unreviewed > 0 && (
          <Release
            run={data.data}
            waiting={waiting}
            busy={release.isPending}
            error={release.error}
            onRelease={() => release.mutate({ projectId, runId })}
          />
        )}
        {data.data.kept + data.data.dropped > 0 && <Filters run={data.data} />}
        <Candidates projectId={projectId} runId={runId} isEnded={isEnded} />
        <details className="max-w-3xl">
          <summary className="cursor-pointer text-sm font-semibold">Recipe</summary>
          <div className="flex flex-col gap-2 pt-2 text-sm">
            <p className="break-all text-muted">
              sha256 of all that decides what is asked: <code>{data.data.recipeHash}</code>
            </p>
            <Code>{JSON.stringify(recipe, null, 2)}</Code>
          </div>
        </details>
      </div>
      {isMore && method && (
        <DataForm projectId={projectId} method={method} from={data.data} onClose={() => setMore(false)} />
      )}
    </div>
  );
}

function Numbers({ run }: { run: DataRun }) {
  const { kept, dropped, audit, used, asks, failedAsks, cost, recipe, inputs } = run;
  return (
    <dl className="grid grid-cols-2 gap-4 md:grid-cols-4">
      <Figure
        id="dataRunKept"
        value={percent(kept, kept + dropped)}
        note={`${amount(kept)} of ${counted(kept + dropped, "candidate")}, ${amount(recipe.target)} wanted`}
      />
      <Figure
        id="dataRunPass"
        value={passText(audit)}
        note={`${amount(audit.accepted)} as they were, ${amount(audit.edited)} edited, ${amount(audit.rejected)} rejected; ${amount(waitingOf(audit))} of ${amount(audit.drawn)} wait`}
      />
      <Figure
        id="dataRunUsed"
        value={counted(used, "row")}
        note={
          recipe.audit === null ? "each one looked at" : `${percent(recipe.audit, 1)} drawn to be looked at`
        }
      />
      <Figure
        id="dataRunCost"
        value={cost === null ? "not known" : cost === 0 ? "nothing" : dollars(cost)}
        note={`${counted(asks, "request")} on ${counted(inputs, "input")}${kept > 0 && cost ? `, ${dollars(cost / kept)} a kept row` : ""}`}
        leftOut={failedAsks > 0 ? [`${amount(failedAsks)} without a reply`] : []}
      />
    </dl>
  );
}

/** What each filter let pass and dropped, and how the yield went. */
function Filters({ run: { filters, reasons, yields } }: { run: DataRun }) {
  return (
    <div className="grid gap-8 lg:grid-cols-2">
      <Section title={<FigureName id="dataRunFilters" />}>
        <Table label="What filters removed">
          <thead>
            <tr>
              <Th>Filter</Th>
              <Th numeric>Asked</Th>
              <Th numeric>Dropped</Th>
              <Th numeric>Share</Th>
            </tr>
          </thead>
          <tbody>
            {filters.map(({ filter, asked, dropped }) => (
              <Tr key={filter}>
                <Td>{filter}</Td>
                <Td numeric>{amount(asked)}</Td>
                <Td numeric>{amount(dropped)}</Td>
                <Td numeric>{percent(dropped, asked)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
        {reasons.length > 0 && (
          <p className="text-sm text-muted">
            Dropped: {reasons.map(({ reason, count }) => `${reason} ${amount(count)}`).join(", ")}.
          </p>
        )}
      </Section>
      <Histogram
        title="Kept of each hundred, as they were made"
        figure="dataRunKept"
        bins={yields.map(({ from, made }) => `${from + 1}–${from + made}`)}
        unit="candidates"
        series={[{ name: "kept", fill: "fill-accent", values: yields.map(({ kept }) => kept) }]}
      />
    </div>
  );
}

function Release({
  run: { unreviewed, audit },
  waiting,
  busy,
  error,
  onRelease,
}: {
  run: DataRun;
  waiting: number;
  busy: boolean;
  error: { message: string } | null;
  onRelease: () => void;
}) {
  return (
    <section className="flex max-w-3xl flex-col gap-2 rounded-lg border bg-surface p-3 text-sm">
      <h2 className="font-semibold">{counted(unreviewed, "row")} that nobody looked at</h2>
      <p>
        {waiting > 0
          ? `They can be used when the ${counted(waiting, "row")} that ${waiting === 1 ? "was" : "were"} drawn ${waiting === 1 ? "is" : "are"} judged.`
          : `Of those that were drawn people passed ${passText(audit)}. Used, the others are judgements of a model: a dataset has them where its recipe counts models.`}
      </p>
      {error && (
        <p role="alert" className="text-bad">
          {error.message}
        </p>
      )}
      <Button className="self-start" disabled={waiting > 0} busy={busy} onClick={onRelease}>
        Use {unreviewed > 500 ? "the next 500" : "them"}
      </Button>
    </section>
  );
}

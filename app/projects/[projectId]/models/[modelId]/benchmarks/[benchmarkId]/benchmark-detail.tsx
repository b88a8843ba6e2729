"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FigureInfo, FigureName } from "@/app/components/figure";
import { RunBadge } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { BenchmarkFigure } from "@/db/shape/benchmark";
import type { BenchmarkDetail as Detail } from "@/server/benchmark/schema";
import { sameScore, scoreName, scoresIn, scoreText } from "../../../benchmark-text";
import { ScoreCells } from "../../../score-cells";
import { Items } from "./items";

/** What came out of a benchmark: figures, by kinds of items, what was met in training, and every item. */
export function BenchmarkDetail({
  projectId,
  benchmarkId,
  mayManage,
}: {
  projectId: string;
  benchmarkId: string;
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const of = { projectId, benchmarkId };
  const [deleting, setDeleting] = useState(false);
  const benchmark = useQuery(trpc.benchmark.get.queryOptions(of));
  if (!benchmark.data) return <PageHeader title="Benchmark">{benchmark.error?.message}</PageHeader>;
  const { name, model, modelId, status, runId, finishedAt, documents, seconds, asked, figures } =
    benchmark.data;
  const home = `/projects/${projectId}`;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={name}
        actions={
          <>
            <Button asChild>
              <Link href={`${home}/models/scorecard`}>Scorecard</Link>
            </Button>
            {mayManage && <Button onClick={() => setDeleting(true)}>Delete</Button>}
          </>
        }
      >
        <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
          {status && status !== "succeeded" && <RunBadge status={status} />}
          <span>
            of{" "}
            <Link href={`${home}/models/${modelId}`} className="text-ink hover:underline">
              {model}
            </Link>
          </span>
          {runId && (
            <Link href={`${home}/runs/${runId}`} className="hover:underline">
              its run
            </Link>
          )}
          {finishedAt && documents !== null && (
            <span className="inline-flex items-center">
              {counted(documents, "item")} in {duration(seconds)}
              <FigureInfo id="benchmarkTime" />
            </span>
          )}
        </p>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        {figures.length === 0 ? (
          <p className="max-w-prose text-sm text-muted">
            The figures come when all items are answered; what is answered already stands below.
          </p>
        ) : (
          <Figures figures={figures} />
        )}
        <Contamination benchmark={benchmark.data} />
        <Groups benchmark={benchmark.data} />
        <Items projectId={projectId} benchmark={benchmark.data} />
        <Section title="What was asked">
          <dl className="grid max-w-prose grid-cols-[max-content_1fr] gap-x-4 gap-y-1 text-sm">
            <dt className="text-muted">Suite</dt>
            <dd>{asked.suite}</dd>
            <dt className="text-muted">Files</dt>
            <dd className="break-all">
              {asked.files.map(({ name, sha256, holds }) => (
                <p key={name}>
                  {name}
                  {holds === "shots" && " (examples)"}{" "}
                  <code className="text-xs text-muted">{sha256.slice(0, 12)}</code>
                </p>
              ))}
            </dd>
            <dt className="text-muted">Setting</dt>
            <dd>{figures[0]?.setting ?? "—"}</dd>
            {asked.fields && (
              <>
                <dt className="text-muted">Own fields</dt>
                <dd className="whitespace-pre-wrap font-mono text-xs">{asked.fields}</dd>
              </>
            )}
          </dl>
        </Section>
      </div>
      <DeleteBenchmark {...of} modelId={modelId} open={deleting} onOpenChange={setDeleting} />
    </div>
  );
}

function Figures({ figures }: { figures: readonly BenchmarkFigure[] }) {
  return (
    <Section title={<FigureName id="benchmarkFigure">Scores</FigureName>}>
      <Table label="Scores">
        <thead>
          <tr>
            <Th>Metric</Th>
            <Th numeric>Value, 95 % interval</Th>
            <Th numeric>Read strictly</Th>
            <Th numeric>Failed</Th>
            <Th numeric>Tied</Th>
            <Th numeric>Items</Th>
            <Th numeric>Independent groups</Th>
            <Th numeric>Prompts cut</Th>
            <Th>Interval</Th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => (
            <Tr key={scoreName(figure)}>
              <Td className="whitespace-nowrap font-mono text-xs">{scoreName(figure)}</Td>
              <Td numeric>{scoreText(figure)}</Td>
              <Td numeric>
                {figure.strict ? scoreText({ ...figure, ...figure.strict, low: null, high: null }) : "—"}
              </Td>
              <Td numeric>{figure.strict ? amount(figure.strict.failed) : "—"}</Td>
              <Td numeric>{figure.strict ? amount(figure.strict.ties) : "—"}</Td>
              <Td numeric>{amount(figure.n)}</Td>
              <Td numeric>{amount(figure.clusters)}</Td>
              <Td numeric>{amount(figure.cut)}</Td>
              <Td className="min-w-48 text-muted">{figure.interval}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function Contamination({ benchmark: { contamination, versions, figures } }: { benchmark: Detail }) {
  if (!contamination) return null;
  const { n, tainted, gram13, share8, exact, clean, dirty } = contamination;
  const nameOf = (id: string) => versions.find((one) => one.id === id)?.name ?? "a version that is gone";
  return (
    <Section title={<FigureName id="benchmarkContamination" />}>
      {contamination.versions.length === 0 ? (
        <p className="max-w-prose text-sm text-muted">
          Nothing behind this model was trained here, so there is nothing to look through. What a base model
          read before it came here, nobody can tell.
        </p>
      ) : (
        <>
          <p className="max-w-prose text-sm">
            {amount(tainted)} of {counted(n, "item")} {tainted === 1 ? "stands" : "stand"} in what the model
            was trained on: {amount(gram13)} by a run of 13 words, {amount(share8)} by 70 % of their runs of 8
            words, {amount(exact)} by a whole text.{" "}
            {contamination.versions
              .map((version) => `${nameOf(version.versionId)}: ${amount(version.tainted)}`)
              .join("; ")}
            .
          </p>
          {tainted > 0 && (
            <Table label="Clean and tainted items">
              <thead>
                <tr>
                  <Th>Metric</Th>
                  <Th numeric>All</Th>
                  <Th numeric>Clean items</Th>
                  <Th numeric>Tainted items</Th>
                </tr>
              </thead>
              <tbody>
                {figures.map((figure) => (
                  <Tr key={scoreName(figure)}>
                    <Td className="whitespace-nowrap font-mono text-xs">{scoreName(figure)}</Td>
                    {[figure, clean.find(sameScore(figure)), dirty.find(sameScore(figure))].map(
                      (one, place) => (
                        <Td key={place} numeric>
                          {one ? `${scoreText(one)} of ${amount(one.n)}` : "—"}
                        </Td>
                      ),
                    )}
                  </Tr>
                ))}
              </tbody>
            </Table>
          )}
        </>
      )}
    </Section>
  );
}

function Groups({ benchmark: { groups } }: { benchmark: Detail }) {
  const fields = [...new Set(groups.map(({ field }) => field))];
  return fields.map((field) => {
    const kinds = groups.filter((group) => group.field === field);
    const columns = scoresIn(kinds.map(({ figures }) => figures));
    return (
      <Section key={field} title={<FigureName id="benchmarkFigure">By {field}</FigureName>}>
        <Table label={`By ${field}`}>
          <thead>
            <tr>
              <Th>{field}</Th>
              <Th numeric>Items</Th>
              {columns.map((figure) => (
                <Th key={scoreName(figure)} numeric>
                  {scoreName(figure)}
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kinds.map(({ kind, figures }) => (
              <Tr key={kind}>
                <Td dir="auto">{kind}</Td>
                <Td numeric>{amount(figures[0]?.n ?? 0)}</Td>
                <ScoreCells columns={columns} figures={figures} />
              </Tr>
            ))}
          </tbody>
        </Table>
      </Section>
    );
  });
}

function DeleteBenchmark({
  projectId,
  benchmarkId,
  modelId,
  open,
  onOpenChange,
}: {
  projectId: string;
  benchmarkId: string;
  modelId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const remove = useMutation(
    trpc.benchmark.delete.mutationOptions({
      onSuccess: () => router.push(`/projects/${projectId}/models/${modelId}`),
    }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Delete this benchmark?"
      description="Its figures and items go, from the scorecard too. Its run stays, with the files that were asked."
      submit="Delete"
      variant="danger"
      cancel
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ projectId, benchmarkId })}
    />
  );
}

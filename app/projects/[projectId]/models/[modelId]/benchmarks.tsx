"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { FigureName } from "@/app/components/figure";
import { isOver, RunBadge } from "@/app/components/run/status";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Benchmark } from "@/server/benchmark/schema";
import { metText, sameScore, scoreName, scoreText } from "../benchmark-text";

/** What the model scores on the field's benchmarks. */
export function Benchmarks({
  projectId,
  modelId,
  mayManage,
}: {
  projectId: string;
  modelId: string;
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const benchmarks = useQuery(
    trpc.benchmark.list.queryOptions(
      { projectId, modelId },
      {
        refetchInterval: ({ state }) =>
          state.data?.some(({ status }) => status && !isOver({ status })) ? 5000 : false,
      },
    ),
  );
  const home = `/projects/${projectId}/models/${modelId}/benchmarks`;
  const any = benchmarks.data !== undefined && benchmarks.data.length > 0;
  return (
    <Section
      title="Benchmarks"
      actions={
        <>
          {any && (
            <Button asChild>
              <Link href={`/projects/${projectId}/models/scorecard`}>Scorecard</Link>
            </Button>
          )}
          {mayManage && (
            <Button asChild>
              <Link href={`${home}/new`}>Run a benchmark</Link>
            </Button>
          )}
        </>
      }
    >
      {any ? (
        <Table label="Benchmarks">
          <thead>
            <tr>
              <Th>Benchmark</Th>
              <Th numeric>
                <FigureName id="benchmarkFigure">Score, 95 % interval</FigureName>
              </Th>
              <Th numeric>Items</Th>
              <Th numeric>
                <FigureName id="benchmarkContamination">Met in training</FigureName>
              </Th>
              <Th numeric>Clean items alone</Th>
              <Th>Begun</Th>
            </tr>
          </thead>
          <tbody>
            {benchmarks.data?.map((one) => (
              <Row key={one.id} one={one} home={home} projectId={projectId} />
            ))}
          </tbody>
        </Table>
      ) : (
        <p className="max-w-prose text-sm text-muted">
          None yet. A benchmark asks this model questions whose answers are known, and scores them as
          lm-evaluation-harness does: MMLU, ARC, HellaSwag, TruthfulQA, GSM8K, BIG-Bench Hard, IFEval and
          others, or one of your own. You bring the files; the next page says where each is had.
        </p>
      )}
    </Section>
  );
}

function Row({ one, home, projectId }: { one: Benchmark; home: string; projectId: string }) {
  const [first] = one.figures;
  const { contamination } = one;
  const clean = first && contamination?.clean.find(sameScore(first));
  return (
    <Tr>
      <Td className="min-w-48">
        <Link
          href={first || !one.runId ? `${home}/${one.id}` : `/projects/${projectId}/runs/${one.runId}`}
          className="font-medium hover:underline"
        >
          {one.name}
        </Link>{" "}
        {one.status && !first && <RunBadge status={one.status} />}
      </Td>
      <Td numeric>
        {first ? (
          <>
            <span className="me-2 font-mono text-xs text-muted">{scoreName(first)}</span>
            {scoreText(first)}
          </>
        ) : (
          "—"
        )}
      </Td>
      <Td numeric>{one.documents === null ? "—" : amount(one.documents)}</Td>
      <Td numeric>{metText(contamination)}</Td>
      <Td numeric>{clean && contamination && contamination.tainted > 0 ? scoreText(clean) : "—"}</Td>
      <Td className="whitespace-nowrap text-muted">
        <time dateTime={one.createdAt.toISOString()} suppressHydrationWarning>
          {one.createdAt.toLocaleString()}
        </time>
      </Td>
    </Tr>
  );
}

"use client";
import { useQueries } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useMemo } from "react";
import { Curve, type Line } from "@/app/components/charts/curve";
import { FigureName } from "@/app/components/figure";
import { isOver, type Run, RunBadge } from "@/app/components/run/status";
import { heldOutLossOf, LossBadge } from "@/app/components/training/learnt";
import { plotsOf } from "@/app/components/training/plots";
import { MAX_POINTS } from "@/app/components/training/use-curves";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import { ComparedSamples } from "./compared-samples";
import { differences } from "./differences";

const REFRESH_MS = 3000;

/** Runs side by side: their curves on one axis, only the options that differ, the last value of each metric. */
export function Comparison({
  projectId,
  runIds,
  header,
}: {
  projectId: string;
  runIds: readonly string[];
  /** What stands above, given what is known of the runs by now. */
  header: (runs: readonly Run[]) => ReactNode;
}) {
  const trpc = useTRPC();
  const runs = useQueries({
    queries: runIds.map((runId) =>
      trpc.run.get.queryOptions(
        { projectId, runId },
        { refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : REFRESH_MS) },
      ),
    ),
  });
  const curves = useQueries({
    queries: runIds.map((runId, i) => {
      const run = runs[i].data;
      return trpc.training.curves.queryOptions(
        { projectId, runId, maxPoints: MAX_POINTS },
        // A run that ends between two looks is looked at once more.
        { refetchInterval: run && isOver(run) ? false : REFRESH_MS },
      );
    }),
  });
  const known = runs.flatMap(({ data: run }, i) => (run ? [{ run, curves: curves[i].data ?? [] }] : []));
  const { options, rows } = differences(known.map(({ run }) => run));
  const metrics = [...new Set(known.flatMap(({ curves }) => curves.map(({ name }) => name)))].sort();
  const link = ({ id, title }: Run) => (
    <Link href={`/projects/${projectId}/runs/${id}`} className="font-medium hover:underline">
      {title}
    </Link>
  );
  return (
    <>
      {header(known.map(({ run }) => run))}
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <Section title="What differs">
          <Table label="Options that differ">
            <thead>
              <tr>
                <Th>Run</Th>
                <Th>Status</Th>
                {options.map((option) => (
                  <Th key={option} className="font-mono">
                    {option}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {known.map(({ run }, i) => (
                <Tr key={run.id}>
                  <Td>{link(run)}</Td>
                  <Td>
                    <RunBadge status={run.status} /> <LossBadge course={heldOutLossOf(run.result)} />
                  </Td>
                  {options.map((option, column) => (
                    <Td key={option} className="font-mono text-xs">
                      {rows[i][column] ?? "—"}
                    </Td>
                  ))}
                </Tr>
              ))}
            </tbody>
          </Table>
        </Section>
        <Plots known={known} />
        <Section title={<FigureName id="trainingCurves">Last values</FigureName>}>
          <Table label="Last value of each metric">
            <thead>
              <tr>
                <Th>Run</Th>
                {metrics.map((name) => (
                  <Th key={name} numeric className="font-mono">
                    {name}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {known.map(({ run, curves }) => (
                <Tr key={run.id}>
                  <Td className="whitespace-nowrap">{link(run)}</Td>
                  {metrics.map((name) => (
                    <Td key={name} numeric>
                      {curves
                        .find((curve) => curve.name === name)
                        ?.points.at(-1)?.[1]
                        .toPrecision(4) ?? "—"}
                    </Td>
                  ))}
                </Tr>
              ))}
            </tbody>
          </Table>
        </Section>
        <ComparedSamples projectId={projectId} runs={known.map(({ run }) => run)} />
      </div>
    </>
  );
}

interface Known {
  run: Run;
  curves: readonly { name: string; points: [number, number][] }[];
}

/** One colour a run; held-out measures are dashed. */
function Plots({ known }: { known: readonly Known[] }) {
  const plots = useMemo(() => {
    const byTitle = new Map<string, { title: string; unit: string; lines: Line[] }>();
    for (const [colour, { run, curves }] of known.entries())
      for (const { title, unit, lines } of plotsOf(curves)) {
        const plot = byTitle.get(title) ?? { title, unit, lines: [] };
        byTitle.set(title, plot);
        plot.lines.push(...lines.map((line) => ({ ...line, colour, name: `${run.title} · ${line.name}` })));
      }
    return [...byTitle.values()];
  }, [known]);
  return (
    <div className="grid gap-x-6 gap-y-8 lg:grid-cols-2">
      {plots.map((plot) => (
        <Curve key={plot.title} {...plot} />
      ))}
    </div>
  );
}

"use client";
import { useQueries, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useMemo, useState } from "react";
import { ChartControls } from "@/app/components/charts/chart-controls";
import { ChartGrid } from "@/app/components/charts/chart-grid";
import type { Line } from "@/app/components/charts/curve";
import { type ChartSettings, usualSettings } from "@/app/components/charts/settings";
import { FigureName } from "@/app/components/figure";
import { isOver, RunBadge } from "@/app/components/run/status";
import type { AddressReader } from "@/app/components/table/address";
import { useAddress } from "@/app/components/table/use-address";
import { heldOutLossOf, LossBadge } from "@/app/components/training/learnt";
import { MAX_POINTS } from "@/app/components/training/max-points";
import { optionsOf } from "@/app/components/training/options";
import { curvesAlong, plotsOf, type RunCurve } from "@/app/components/training/plots";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import { type Row, rowsOf } from "../rows";
import { ComparedSamples } from "./compared-samples";
import { differences } from "./differences";

const REFRESH_MS = 3000;

const comparisonAddress = (address: AddressReader) => ({ baseline: address.id("baseline") });

/** Runs side by side: their curves on one axis, what they were told, the last value of each metric against a baseline. */
export function Comparison({
  projectId,
  runIds,
  header,
}: {
  projectId: string;
  runIds: readonly string[];
  /** What stands above, given what is known of the runs by now. */
  header: (runs: readonly Row[]) => ReactNode;
}) {
  const trpc = useTRPC();
  const [asked, address] = useAddress(comparisonAddress);
  const [showAll, setShowAll] = useState(false);
  const [settings, setSettings] = useState(usualSettings);
  const table = useQuery(
    trpc.run.table.queryOptions(
      { projectId, runIds: [...runIds] },
      { refetchInterval: ({ state }) => (state.data?.rows.every(isOver) ? false : REFRESH_MS) },
    ),
  );
  // In the order in which they were asked for: it is the order of the colours.
  const runs = useMemo(() => {
    const found = new Map(rowsOf(table.data?.rows ?? []).map((row) => [row.id, row]));
    return runIds.flatMap((id) => found.get(id) ?? []);
  }, [table.data?.rows, runIds]);
  const described = useQuery(trpc.training.options.queryOptions({ projectId }));
  const standards = useMemo(
    () =>
      Object.fromEntries(
        Object.entries(described.data ?? {}).map(([method, shape]) => [method, optionsOf(shape, [])]),
      ),
    [described.data],
  );
  const curves = useQueries({
    queries: runs.map((run) =>
      trpc.training.curves.queryOptions(
        { projectId, runId: run.id, maxPoints: MAX_POINTS },
        // A run that ends between two looks is looked at once more.
        { refetchInterval: isOver(run) ? false : REFRESH_MS },
      ),
    ),
    combine: dataOf,
  });
  const clocks = useQueries({
    queries: runs.map((run) =>
      trpc.training.clock.queryOptions(
        { projectId, runId: run.id },
        { enabled: settings.x === "time", refetchInterval: isOver(run) ? false : REFRESH_MS },
      ),
    ),
    combine: dataOf,
  });
  const known = useMemo(
    () =>
      runs.map((run, i) => ({
        run,
        curves: curves[i] ?? [],
        shown: curvesAlong(curves[i] ?? [], settings.x, clocks[i]),
      })),
    [runs, curves, clocks, settings.x],
  );
  const baseline = known.find(({ run }) => run.id === asked.baseline);
  const { options, rows } = differences(runs, standards, { all: showAll });
  const metrics = [...new Set(known.flatMap(({ curves }) => curves.map(({ name }) => name)))].sort();
  const link = ({ id, name }: Row) => (
    <Link href={`/projects/${projectId}/runs/${id}`} className="font-medium hover:underline">
      {name}
    </Link>
  );
  return (
    <>
      {header(runs)}
      <div className="flex flex-col gap-8 px-4 md:px-6">
        {table.error && (
          <p role="alert" className="text-sm text-bad">
            {table.error.message}
          </p>
        )}
        {table.isSuccess && runs.length < runIds.length && (
          <p role="alert" className="text-sm text-warn">
            {runIds.length - runs.length} of the {runIds.length} runs are not in this project or cannot be
            compared.
          </p>
        )}
        <Section
          title={showAll ? "Options" : "What differs"}
          actions={
            <Button size="sm" aria-pressed={showAll} onClick={() => setShowAll(!showAll)}>
              {showAll ? "Only what differs" : "All that were told"}
            </Button>
          }
        >
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
              {runs.map((run, i) => (
                <Tr key={run.id}>
                  <Td>{link(run)}</Td>
                  <Td>
                    <RunBadge status={run.status} /> <LossBadge course={heldOutLossOf(run.result)} />
                  </Td>
                  {options.map((option, column) => {
                    const told = rows[i][column];
                    return (
                      <Td key={option} className="font-mono text-xs">
                        {told ? told.text : "—"}
                        {told?.isDefault && <span className="font-sans text-muted"> default</span>}
                      </Td>
                    );
                  })}
                </Tr>
              ))}
            </tbody>
          </Table>
          <p className="text-xs text-muted">
            {described.data && Object.keys(described.data).length > 0
              ? "Defaults are those of the engines that are connected now."
              : "No worker is connected: defaults are not known, and — stands for them."}
          </p>
        </Section>
        <Section
          title={<FigureName id="trainingCurves">Curves</FigureName>}
          actions={<ChartControls settings={settings} onChange={setSettings} />}
        >
          <Plots known={known} settings={settings} />
        </Section>
        <Section title={<FigureName id="trainingCurves">Last values</FigureName>}>
          <Table label="Last value of each metric">
            <thead>
              <tr>
                <Th>Baseline</Th>
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
                <Tr key={run.id} selected={run === baseline?.run}>
                  <Td>
                    <input
                      type="radio"
                      name="baseline"
                      aria-label={`Compare with ${run.name}`}
                      checked={run === baseline?.run}
                      onChange={() => address.set({ baseline: run.id })}
                      className="size-4 accent-accent"
                    />
                  </Td>
                  <Td className="whitespace-nowrap">{link(run)}</Td>
                  {metrics.map((name) => {
                    const value = lastOf(curves, name);
                    const base = baseline && run !== baseline.run ? lastOf(baseline.curves, name) : undefined;
                    return (
                      <Td key={name} numeric>
                        {value?.toPrecision(4) ?? "—"}
                        {value !== undefined && base !== undefined && (
                          <span className="block text-xs text-muted">{delta(value, base)}</span>
                        )}
                      </Td>
                    );
                  })}
                </Tr>
              ))}
            </tbody>
          </Table>
          <p className="text-xs text-muted">
            {baseline
              ? `Below each value: how far it is from that of ${baseline.run.name}. One run each: no interval, and another seed may turn a small difference.`
              : "Choose a baseline to see how far the others are from it."}
            {baseline && (
              <>
                {" "}
                <Button size="sm" variant="ghost" onClick={() => address.set({ baseline: null })}>
                  No baseline
                </Button>
              </>
            )}
          </p>
        </Section>
        <ComparedSamples projectId={projectId} runs={runs} />
      </div>
    </>
  );
}

/** Is the same as long as no answer is another. */
const dataOf = <T,>(answers: readonly { data: T }[]): T[] => answers.map(({ data }) => data);

const lastOf = (curves: readonly RunCurve[], name: string) =>
  curves.find((curve) => curve.name === name)?.points.at(-1)?.[1];

/** `+0.12 (+3.4 %)`, of the baseline's size. */
function delta(value: number, base: number): string {
  const by = value - base;
  const sign = by > 0 ? "+" : by < 0 ? "−" : "±";
  const size = `${sign}${Math.abs(by).toPrecision(3)}`;
  return base === 0 ? size : `${size} (${sign}${((100 * Math.abs(by)) / Math.abs(base)).toFixed(1)} %)`;
}

/** One colour a run; held-out measures are dashed, and a second one of a plot is dotted. */
function Plots({
  known,
  settings,
}: {
  known: readonly { run: Row; shown: readonly RunCurve[] }[];
  settings: ChartSettings;
}) {
  const plots = useMemo(() => {
    const byTitle = new Map<string, { title: string; unit: string; lines: Line[] }>();
    for (const [colour, { run, shown }] of known.entries())
      for (const { title, unit, lines } of plotsOf(shown)) {
        const plot = byTitle.get(title) ?? { title, unit, lines: [] };
        byTitle.set(title, plot);
        plot.lines.push(...lines.map((line) => ({ ...line, colour, name: `${run.name} · ${line.name}` })));
      }
    return [...byTitle.values()];
  }, [known]);
  return <ChartGrid plots={plots} settings={settings} />;
}

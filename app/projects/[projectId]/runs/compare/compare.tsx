"use client";
import { useQueries } from "@tanstack/react-query";
import Link from "next/link";
import { Curve } from "@/app/components/charts/curve";
import { isOver, RunBadge } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { plotsOf } from "@/app/components/training/plots";
import { TrainingSamples } from "@/app/components/training/samples";
import { Empty } from "@/app/components/ui/empty";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";

const REFRESH_MS = 3000;

/** Runs side by side: their curves on one axis, only the options that differ, the last value of each metric. */
export function Compare({ projectId, runIds }: { projectId: string; runIds: readonly string[] }) {
  const trpc = useTRPC();
  const runs = useQueries({
    queries: runIds.map((runId) =>
      trpc.run.get.queryOptions(
        { projectId, runId },
        { refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : REFRESH_MS) },
      ),
    ),
  });
  const running = runs.some(({ data }) => data && !isOver(data));
  const curves = useQueries({
    queries: runIds.map((runId) =>
      trpc.training.curves.queryOptions(
        { projectId, runId },
        { refetchInterval: running ? REFRESH_MS : false },
      ),
    ),
  });
  if (runIds.length < 2)
    return (
      <>
        <PageHeader title="Compare runs" />
        <Empty title="Choose two runs or more">Tick them in the list of runs, then press Compare.</Empty>
      </>
    );
  const known = runs.flatMap(({ data }, i) => (data ? [{ run: data, curves: curves[i].data ?? [] }] : []));
  const plots = new Map(
    known.flatMap(({ curves }) => plotsOf(curves)).map(({ title, unit }) => [title, unit]),
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title="Compare runs" />
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <Section title="What differs">
          <Table label="Options that differ">
            <thead>
              <tr>
                <Th>Option</Th>
                {known.map(({ run }) => (
                  <Th key={run.id}>
                    <Link href={`/projects/${projectId}/runs/${run.id}`} className="hover:underline">
                      {run.title}
                    </Link>{" "}
                    <RunBadge status={run.status} />
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differing(known.map(({ run }) => flat({ kind: run.kind, ...run.spec }))).map(
                ([option, values]) => (
                  <Tr key={option}>
                    <Td className="font-mono text-xs">{option}</Td>
                    {values.map((value, i) => (
                      <Td key={known[i].run.id} className="font-mono text-xs">
                        {value ?? "—"}
                      </Td>
                    ))}
                  </Tr>
                ),
              )}
            </tbody>
          </Table>
        </Section>
        <div className="grid gap-6 lg:grid-cols-2 2xl:grid-cols-3">
          {[...plots].map(([title, unit]) => (
            <Curve
              key={title}
              title={title}
              unit={unit}
              lines={known.flatMap(({ run, curves }) =>
                plotsOf(curves)
                  .filter((plot) => plot.title === title)
                  .flatMap(({ lines }) =>
                    lines.map((line) => ({ ...line, name: `${run.title} · ${line.name}` })),
                  ),
              )}
            />
          ))}
        </div>
        <Section title="Last values">
          <Table label="Last value of each metric">
            <thead>
              <tr>
                <Th>Metric</Th>
                {known.map(({ run }) => (
                  <Th key={run.id} numeric>
                    {run.title}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[...new Set(known.flatMap(({ curves }) => curves.map(({ name }) => name)))]
                .sort()
                .map((name) => (
                  <Tr key={name}>
                    <Td className="font-mono text-xs">{name}</Td>
                    {known.map(({ run, curves }) => (
                      <Td key={run.id} numeric>
                        {curves
                          .find((curve) => curve.name === name)
                          ?.points.at(-1)?.[1]
                          .toPrecision(5) ?? "—"}
                      </Td>
                    ))}
                  </Tr>
                ))}
            </tbody>
          </Table>
        </Section>
        {known.map(({ run }) => (
          <TrainingSamples key={run.id} projectId={projectId} runId={run.id} />
        ))}
      </div>
    </div>
  );
}

/** `{ peft: { r: 8 } }` as `peft.r: 8`. */
function flat(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return new Map([[path, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flat(inner, path ? `${path}.${key}` : key)]),
  );
}

function differing(specs: readonly Map<string, string>[]): [string, (string | undefined)[]][] {
  const options = [...new Set(specs.flatMap((spec) => [...spec.keys()]))].sort();
  return options
    .map((option): [string, (string | undefined)[]] => [option, specs.map((spec) => spec.get(option))])
    .filter(([, values]) => new Set(values).size > 1);
}

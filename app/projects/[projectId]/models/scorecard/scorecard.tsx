"use client";
import { useQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import Link from "next/link";
import { FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Empty } from "@/app/components/ui/empty";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Benchmark } from "@/server/benchmark/schema";
import { metText, sameScore, scoreName, scoreText } from "../benchmark-text";
import { ScoreCells } from "../score-cells";

/** Benchmarks that may be compared, each with the newest result of every model. */
function cards(benchmarks: readonly Benchmark[]): [string, Benchmark[]][] {
  const byKey = new Map<string, Benchmark[]>();
  for (const one of benchmarks) {
    if (one.figures.length === 0) continue;
    const same = byKey.get(one.key) ?? [];
    byKey.set(one.key, same);
    // Newest first: an older result of the same model is not shown.
    if (!same.some(({ modelId }) => modelId === one.modelId)) same.push(one);
  }
  return [...byKey].map(([key, same]) => [
    key,
    same.sort((a, b) => (b.figures[0].value ?? -Infinity) - (a.figures[0].value ?? -Infinity)),
  ]);
}

/** The project's models side by side, benchmark by benchmark. */
export function Scorecard({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const benchmarks = useQuery(trpc.benchmark.list.queryOptions({ projectId }));
  const all = cards(benchmarks.data ?? []);
  const home = `/projects/${projectId}/models`;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title="Scorecard">
        <p className="text-sm text-muted">
          <Link href={home} className="hover:underline">
            Models
          </Link>
        </p>
      </PageHeader>
      {benchmarks.data && all.length === 0 ? (
        <Empty icon={<ListChecks />} title="No benchmark has been run yet">
          Open a model and choose “Run a benchmark”: the page says which suites are known and where their
          files are had. Models that were asked the same questions in the same setting then stand here side by
          side.
        </Empty>
      ) : (
        <div className="flex flex-col gap-8 px-4 md:px-6">
          <p className="max-w-prose text-sm text-muted">
            Models stand together only where they were asked the same items in the same setting. Each interval
            is of one model alone: two models that answered the same items differ by less than the two
            intervals suggest, so that intervals which overlap do not say that the models are equal.
          </p>
          {all.map(([key, same]) => (
            <Card key={key} same={same} home={home} />
          ))}
        </div>
      )}
    </div>
  );
}

function Card({ same, home }: { same: readonly Benchmark[]; home: string }) {
  const [{ name, figures: columns }] = same;
  const [first] = columns;
  return (
    <Section title={name}>
      <p className="max-w-prose text-xs text-muted">{first.setting}</p>
      <Table label={name}>
        <thead>
          <tr>
            <Th>Model</Th>
            {columns.map((figure, place) => (
              <Th key={scoreName(figure)} numeric>
                {place === 0 ? (
                  <FigureName id="benchmarkFigure">{scoreName(figure)}</FigureName>
                ) : (
                  scoreName(figure)
                )}
              </Th>
            ))}
            <Th numeric>Items</Th>
            <Th numeric>
              <FigureName id="benchmarkContamination">Met in training</FigureName>
            </Th>
            <Th numeric>{scoreName(first)}, clean items</Th>
            <Th numeric>{scoreName(first)}, tainted items</Th>
          </tr>
        </thead>
        <tbody>
          {same.map((one) => {
            const { contamination } = one;
            const part = (which: "clean" | "dirty") => {
              const found = contamination?.[which].find(sameScore(first));
              return found && contamination && contamination.tainted > 0
                ? `${scoreText(found)} of ${amount(found.n)}`
                : "—";
            };
            return (
              <Tr key={one.id}>
                <Td className="min-w-32">
                  <Link
                    href={`${home}/${one.modelId}/benchmarks/${one.id}`}
                    className="font-medium hover:underline"
                  >
                    {one.model}
                  </Link>
                </Td>
                <ScoreCells columns={columns} figures={one.figures} />
                <Td numeric>{amount(one.figures[0].n)}</Td>
                <Td numeric>{metText(contamination)}</Td>
                <Td numeric>{part("clean")}</Td>
                <Td numeric>{part("dirty")}</Td>
              </Tr>
            );
          })}
        </tbody>
      </Table>
    </Section>
  );
}

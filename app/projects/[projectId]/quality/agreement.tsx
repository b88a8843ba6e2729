import Link from "next/link";
import { Figure, FigureName } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, percent } from "@/app/components/units";
import type { ShownPart } from "@/server/quality/schema";
import { Trend } from "./trend";

/** Measures in the order in which they are read; the first say it, the others are there for whoever needs them. */
const order = [
  { id: "alpha" },
  { id: "rawAgreement", isShare: true },
  { id: "alphaStrength" },
  { id: "icc" },
  { id: "kendallW" },
  { id: "tauB" },
  { id: "ac" },
  { id: "kappa" },
  { id: "alphaPlain" },
] as const;

const two = (value: number) => value.toFixed(2);

/** How far raters agree on one thing that was asked: measures, who with whom, since when, and on what not. */
export function Agreement({
  part,
  home,
  nameOf,
}: {
  part: ShownPart;
  home: string;
  nameOf: (raterId: string) => string;
}) {
  const { label, measures, words, votes, items, shared, swayed, trend, disputed } = part;
  return (
    <Section title={label}>
      <p className="text-sm text-muted tabular">
        <FigureName id="qualityVotes">
          {counted(votes, "vote")} on {counted(items, "item")}
        </FigureName>
        , {amount(shared)} with two or more.
      </p>
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
        {order.map(({ id, ...kind }) => {
          const measure = measures[id];
          if (!measure) return null;
          const text = (value: number) => ("isShare" in kind ? percent(value, 1) : two(value));
          const { estimate, low, high, n } = measure;
          return (
            <Figure
              key={id}
              id={id}
              value={
                estimate === null
                  ? "—"
                  : low === null || high === null
                    ? text(estimate)
                    : `${text(estimate)} [${text(low)}, ${text(high)}]`
              }
              note={`${words[id] ?? ""} ${estimate === null ? "" : `From ${counted(n, "prompt")}.`}`}
            />
          );
        })}
        {swayed && (
          <Figure
            id="swayed"
            value={
              swayed.position === null
                ? "—"
                : `${two(swayed.position)} first${swayed.length === null ? "" : `, ${two(swayed.length)} longer`}`
            }
            note={swayed.reason ?? "log-odds for the first shown, and for the longer; 0 is no bias"}
          />
        )}
      </dl>
      <div className="grid items-start gap-x-8 gap-y-6 pt-2 xl:grid-cols-2">
        {trend.length > 1 && <Trend points={trend} />}
        <Matrix part={part} nameOf={nameOf} />
      </div>
      {disputed.length > 0 && (
        <>
          <h3 className="pt-2 text-sm font-medium">
            <FigureName id="disputes" />
          </h3>
          <Table label={`What raters differ on: ${label}`}>
            <thead>
              <tr>
                <Th>Prompt</Th>
                <Th numeric>Agreement</Th>
                <Th numeric>Votes</Th>
              </tr>
            </thead>
            <tbody>
              {disputed.slice(0, 10).map(({ taskId, prompt, agreement, votes: on }) => (
                <Tr key={taskId}>
                  <Td className="max-w-0 w-full">
                    <Link
                      href={`${home}/preferences?task=${taskId}`}
                      className="block truncate hover:underline"
                      dir="auto"
                    >
                      {prompt || "(an empty prompt)"}
                    </Link>
                  </Td>
                  <Td numeric>{percent(agreement, 1)}</Td>
                  <Td numeric>{amount(on)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </Section>
  );
}

/** Who says the same as whom; the darker, the more often. */
function Matrix({
  part: { matrix, label },
  nameOf,
}: {
  part: ShownPart;
  nameOf: (raterId: string) => string;
}) {
  const raters = [...new Set(matrix.flatMap(({ one, other }) => [one, other]))];
  if (raters.length < 2) return null;
  const between = (a: string, b: string) =>
    matrix.find(({ one, other }) => (one === a && other === b) || (one === b && other === a));
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h3 className="text-sm font-medium">
        <FigureName id="raterMatrix" />
      </h3>
      <Table label={`Rater by rater: ${label}`} className="w-auto">
        <thead>
          <tr>
            <Th>
              <span className="sr-only">Rater</span>
            </Th>
            {raters.slice(0, -1).map((id) => (
              <Th key={id} numeric className="max-w-20 truncate" title={nameOf(id)}>
                {nameOf(id)}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {raters.slice(1).map((row, at) => (
            <tr key={row}>
              <th
                scope="row"
                className="max-w-40 truncate border-b pe-3 text-start text-sm font-normal"
                title={nameOf(row)}
              >
                {nameOf(row)}
              </th>
              {raters.slice(0, -1).map((column, place) => {
                const cell = place <= at ? between(row, column) : undefined;
                return (
                  <Td
                    key={column}
                    numeric
                    style={
                      cell && {
                        backgroundColor: `color-mix(in oklch, var(--accent) ${Math.round((35 * cell.alike) / cell.of)}%, transparent)`,
                      }
                    }
                  >
                    {cell && (
                      <>
                        {percent(cell.alike, cell.of)}
                        <span className="block text-xs text-muted">of {amount(cell.of)}</span>
                      </>
                    )}
                  </Td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

"use client";
import { useMemo, useState } from "react";
import { FigureName } from "@/app/components/figure";
import { amount, counted } from "@/app/components/units";
import type { JointWinRate } from "@/server/conclusion/schema";
import { halfWidthAt, judgedFor, peopleAlone } from "@/server/statistics/width";

type Pilot = NonNullable<JointWinRate["pilot"]>;

const [WIDTH, HEIGHT] = [480, 220];
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 12, 10, 36];
const POINTS = 48;
const BASE = HEIGHT - BOTTOM;

/** What a narrower interval takes of people, without the judge and with it, by a width that the reader sets. */
export function JointWidth({ pilot }: { pilot: Pilot }) {
  const now = 100 * halfWidthAt(pilot, pilot.judged);
  const least = Math.max(0.5, Math.floor(2 * now * 0.3) / 2);
  const most = Math.max(least + 0.5, Math.ceil(2 * now) / 2);
  const [asked, setAsked] = useState<number | null>(null);
  const wanted = Math.min(most, Math.max(least, asked ?? Math.round(now * 1.2) / 2));
  const alone = useMemo(() => peopleAlone(pilot), [pilot]);
  const [without, beside] = [judgedFor(alone, wanted / 100), judgedFor(pilot, wanted / 100)];
  return (
    <div className="flex flex-col gap-2">
      <h3 className="text-sm font-medium">
        <FigureName id="jointPlan" />
      </h3>
      <label className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        An interval of
        <input
          type="range"
          min={least}
          max={most}
          step={0.5}
          value={wanted}
          onChange={({ target }) => setAsked(target.valueAsNumber)}
          className="w-48 accent-accent"
        />
        <output className="tabular">± {wanted.toFixed(1)} points</output>
      </label>
      <p className="max-w-prose text-sm" aria-live="polite">
        takes {further(pilot, without)} of people alone, {further(pilot, beside)} with the judge.
        {beside !== null &&
          beside > pilot.rows &&
          ` That is more than the ${counted(pilot.rows, "pair")} that the judge has judged: it needs new prompts.`}
      </p>
      <Plot pilot={pilot} wanted={wanted} reach={without} />
    </div>
  );
}

function further({ judged, each }: Pilot, rows: number | null): string {
  if (rows === null) return "more judgements than can be given";
  const more = Math.ceil((rows - judged) * each);
  return more <= 0 ? "no further judgement" : counted(more, "further judgement");
}

function Plot({ pilot, wanted, reach }: { pilot: Pilot; wanted: number; reach: number | null }) {
  const from = Math.max(2, pilot.judged / 2);
  const to = Math.max(2 * pilot.judged, Math.min(reach ?? 0, 20 * pilot.judged) * 1.1);
  const lines = useMemo(() => {
    const along = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1));
    return [
      { name: "people alone", of: peopleAlone(pilot), dashed: true },
      { name: "with the judge", of: pilot, dashed: false },
    ].map(({ of, ...line }) => ({
      ...line,
      points: along.map((judged) => [judged, 100 * halfWidthAt(of, judged)] as const),
    }));
  }, [pilot, from, to]);
  const top = Math.ceil(Math.max(...lines.map(({ points }) => points[0][1])));
  const x = (judged: number) => LEFT + ((judged - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
  const y = (points: number) => BASE - (points / top) * (BASE - TOP);
  const steps = [0, 0.25, 0.5, 0.75, 1];
  return (
    <figure className="flex max-w-xl flex-col gap-1">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label="Half of the interval by pairs that people judge, without the judge and with it; the sentence above says it in numbers"
        className="w-full text-muted"
      >
        {steps.map((step) => (
          <g key={step}>
            <line
              x1={LEFT}
              x2={WIDTH - RIGHT}
              y1={y(step * top)}
              y2={y(step * top)}
              className="stroke-line"
            />
            <text x={LEFT - 6} y={y(step * top) + 3} textAnchor="end" fontSize="11" fill="currentColor">
              {amount(step * top)}
            </text>
            <text
              x={x(from + step * (to - from))}
              y={BASE + 15}
              textAnchor={step === 1 ? "end" : "middle"}
              fontSize="11"
              fill="currentColor"
            >
              {amount(Math.round(from + step * (to - from)))}
            </text>
          </g>
        ))}
        <line
          x1={LEFT}
          x2={WIDTH - RIGHT}
          y1={y(wanted)}
          y2={y(wanted)}
          stroke="currentColor"
          strokeDasharray="2 3"
        />
        {lines.map(({ name, dashed, points }) => (
          <polyline
            key={name}
            points={points.map(([judged, width]) => `${x(judged)},${y(width)}`).join(" ")}
            fill="none"
            strokeWidth="2"
            className={dashed ? "text-ink" : "text-accent"}
            stroke="currentColor"
            strokeDasharray={dashed ? "6 4" : undefined}
          />
        ))}
        <text
          x={(LEFT + WIDTH - RIGHT) / 2}
          y={BASE + 31}
          textAnchor="middle"
          fontSize="11"
          fill="currentColor"
        >
          pairs that people judge
        </text>
        <text
          transform={`translate(11 ${(TOP + BASE) / 2}) rotate(-90)`}
          textAnchor="middle"
          fontSize="11"
          fill="currentColor"
        >
          ± points
        </text>
      </svg>
      <figcaption className="text-xs text-muted">
        Dashed: people alone. Solid: with the judge. Dotted: the width that is wanted. {amount(pilot.judged)}{" "}
        pairs are judged now.
      </figcaption>
    </figure>
  );
}

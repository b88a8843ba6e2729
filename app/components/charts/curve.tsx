"use client";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./curve.css";

export interface Line {
  name: string;
  /** Step and value, ascending by step. */
  points: readonly (readonly [number, number])[];
  /** Has no noise to smooth away: a learning rate, a rare evaluation. */
  exact?: boolean;
  dashed?: boolean;
  /** Lines of one number share a colour; the place among the lines, if not given. */
  colour?: number;
}
type Look = Omit<Line, "points">;

/** Weight of the past in the smoothed line, per point. */
const SMOOTHING = 0.85;
const HEIGHT = 200;
/** Colours that differ in lightness as well as hue, readable on both themes. */
const HUES = [264, 25, 165, 75, 320, 200, 120, 350];

/** Curves over steps: raw values faint, smoothed ones on top, with a cursor shared by all curves of the page. */
export function Curve({ title, unit, lines }: { title: string; unit: string; lines: readonly Line[] }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const looks = JSON.stringify(lines.map(({ points: _, ...look }) => look));

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const made = new uPlot(optionsOf(box, JSON.parse(looks), unit), [[]], box);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }));
    resize.observe(box);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [looks, unit]);

  useEffect(() => {
    plot.current?.setData(tableOf(lines));
  }, [lines]);

  const last = lines
    .map(({ name, points }) => `${name}: ${points.at(-1)?.[1].toPrecision(4) ?? "no value"}`)
    .join(", ");
  return (
    <figure className="min-w-0">
      <figcaption className="text-sm font-medium">
        {title} <span className="font-normal text-muted">({unit})</span>
      </figcaption>
      <div
        ref={host}
        role="img"
        aria-label={`${title} over steps. Last values: ${last}.`}
        className="border-line text-muted"
      />
    </figure>
  );
}

function optionsOf(box: HTMLElement, looks: readonly Look[], unit: string): uPlot.Options {
  const style = getComputedStyle(box);
  // As resolved colours, which a canvas understands, and asked at each drawing: the theme may change.
  const grid = { stroke: () => style.borderTopColor, width: 1 };
  const axis: uPlot.Axis = {
    stroke: () => style.color,
    grid,
    ticks: grid,
    font: "11px system-ui",
    values: (_, ticks) => ticks.map(figure),
  };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    cursor: { sync: { key: "runs" }, drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [
      { ...axis, label: "step", labelSize: 18, labelFont: "11px system-ui", size: 28 },
      { ...axis, size: 56 },
    ],
    series: [
      { label: "step" },
      ...looks.flatMap(({ name, exact, dashed, colour }, i): uPlot.Series[] => {
        const hue = HUES[(colour ?? i) % HUES.length];
        const shared = { spanGaps: true, ...(dashed ? { dash: [6, 4] } : {}) };
        const top: uPlot.Series = {
          ...shared,
          label: name,
          stroke: `oklch(0.62 0.17 ${hue})`,
          width: 2,
          value: (_, value) => (value === null ? "—" : `${figure(value)} ${unit}`),
        };
        if (exact) return [top];
        const raw = { stroke: `oklch(0.65 0.13 ${hue} / 0.35)`, width: 1, points: { show: false } };
        return [
          { ...shared, ...raw, label: `${name} (raw)`, class: "raw" },
          // A line needs two points to be seen.
          {
            ...top,
            points: { show: (plot, i) => Array.from(plot.data[i]).filter((y) => y !== null).length < 2 },
          },
        ];
      }),
    ],
  };
}

/** Four digits; very small and very large numbers as powers of ten. */
function figure(value: number | null): string {
  if (value === null) return "";
  const short = Number(value.toPrecision(4));
  const size = Math.abs(short);
  return size !== 0 && (size < 1e-3 || size >= 1e7)
    ? short.toExponential()
    : short.toLocaleString(undefined, { maximumSignificantDigits: 4 });
}

/** One row a step that any line has: raw and smoothed value of each line, null where it has none. */
function tableOf(lines: readonly Line[]): uPlot.AlignedData {
  const steps = [...new Set(lines.flatMap(({ points }) => points.map(([step]) => step)))].sort(
    (a, b) => a - b,
  );
  const columns = lines.flatMap(({ points, exact }) => {
    const raw = new Map(points);
    const shown = exact ? [raw] : [raw, new Map(smoothed(points))];
    return shown.map((values) => steps.map((step) => values.get(step) ?? null));
  });
  return [steps, ...columns];
}

/** Exponential moving average, corrected for its start (Kingma and Ba 2015, section 3). Few points stay as they are. */
function smoothed(points: Line["points"]): [number, number][] {
  if (points.length < 20) return points.map(([step, value]) => [step, value]);
  let mean = 0;
  return points.map(([step, value], i) => {
    mean = SMOOTHING * mean + (1 - SMOOTHING) * value;
    return [step, mean / (1 - SMOOTHING ** (i + 1))];
  });
}

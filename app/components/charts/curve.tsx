"use client";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
  name: string;
  /** Step and value, ascending by step. */
  points: readonly (readonly [number, number])[];
}

/** Weight of the past in the smoothed line, per point. */
const SMOOTHING = 0.85;
const HEIGHT = 200;
/** Colours that differ in lightness as well as hue, readable on both themes. */
const HUES = [264, 25, 165, 75, 320, 200, 120, 350];

/** Curves over steps: raw values faint, smoothed ones on top, with a cursor shared by all curves of the page. */
export function Curve({ title, unit, lines }: { title: string; unit: string; lines: readonly Line[] }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = lines.map(({ name }) => name).join("\n");

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const made = new uPlot(optionsOf(box, names.split("\n"), unit), [[]], box);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }));
    resize.observe(box);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, unit]);

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
      <div ref={host} role="img" aria-label={`${title} over steps. Last values: ${last}.`} />
    </figure>
  );
}

function optionsOf(box: HTMLElement, names: readonly string[], unit: string): uPlot.Options {
  const style = getComputedStyle(box);
  const ink = style.getPropertyValue("--muted");
  const grid = { stroke: style.getPropertyValue("--line"), width: 1 };
  const axis = { stroke: () => ink, grid, ticks: grid, font: "11px system-ui" };
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
      ...names.flatMap((name, i): uPlot.Series[] => {
        const hue = HUES[i % HUES.length];
        return [
          {
            label: `${name} (raw)`,
            stroke: `oklch(0.65 0.13 ${hue} / 0.35)`,
            width: 1,
            spanGaps: true,
            points: { show: false },
          },
          {
            label: name,
            stroke: `oklch(0.62 0.17 ${hue})`,
            width: 2,
            spanGaps: true,
            value: (_, value) => (value === null ? "—" : `${value.toPrecision(4)} ${unit}`),
          },
        ];
      }),
    ],
  };
}

/** One row a step that any line has: raw and smoothed value of each line, null where it has none. */
function tableOf(lines: readonly Line[]): uPlot.AlignedData {
  const steps = [...new Set(lines.flatMap(({ points }) => points.map(([step]) => step)))].sort(
    (a, b) => a - b,
  );
  const columns = lines.flatMap(({ points }) => {
    const raw = new Map(points);
    const smooth = new Map(smoothed(points));
    return [raw, smooth].map((values) => steps.map((step) => values.get(step) ?? null));
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

"use client";
import { Maximize2, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { IconButton } from "../ui/button";
import "./curve.css";
import { axes, type ChartSettings, type Points, smoothed, usualSettings } from "./settings";

export interface Line {
  name: string;
  /** Where it stands on the axis, and the value; ascending. */
  points: Points;
  /** Has no noise to smooth away: a learning rate, a rare evaluation. */
  exact?: boolean;
  stroke?: keyof typeof DASHES;
  /** Lines of one number share a colour; the place among the lines, if not given. */
  colour?: number;
}
type Look = Omit<Line, "points">;

const HEIGHT = 200;
/** Pixels drawn and left out. */
const DASHES = { solid: [], dashed: [6, 4], dotted: [2, 4] };
/** Of a line of the legend, as curve.css has it. */
const LEGEND_LINE = 20;
/** Colours that differ in lightness as well as hue, readable on both themes. */
const HUES = [264, 25, 165, 75, 320, 200, 120, 350];
/** Distances between ticks where nothing lies between whole numbers. */
const WHOLE = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/**
 * Curves: raw values faint, smoothed ones on top, with a cursor shared by all curves of the page. Dragging zooms. The
 * legend says raw values: those under the cursor, else the last ones.
 */
export function Curve({
  title,
  unit,
  lines,
  settings = usualSettings,
  height = HEIGHT,
  onEnlarge,
}: {
  title: string;
  unit: string;
  lines: readonly Line[];
  settings?: ChartSettings;
  /** Of the plot without its legend, in pixels. */
  height?: number;
  onEnlarge?: () => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef(false);
  const [isZoomed, setZoomed] = useState(false);
  const looks = JSON.stringify(lines.map(({ points: _, ...look }) => look));
  const { x, logX, logY, smoothing } = settings;

  useEffect(() => {
    const box = host.current;
    if (!box) return;
    const zoomedTo = (on: boolean) => {
      zoom.current = on;
      setZoomed(on);
    };
    zoomedTo(false);
    const options = optionsOf(box, JSON.parse(looks), { height, x, logX, logY });
    options.hooks = { setSelect: [({ select }) => select.width > 0 && zoomedTo(true)] };
    const made = new uPlot(options, [[]], box);
    plot.current = made;
    const reset = () => zoomedTo(false);
    made.over.addEventListener("dblclick", reset);
    const resize = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height }));
    resize.observe(box);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [looks, height, x, logX, logY]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot that was made anew needs its data
  useEffect(() => {
    // New points leave a zoomed plot where it is.
    plot.current?.setData(tableOf(lines, { logX, logY, smoothing }), !zoom.current);
    if (zoom.current) plot.current?.redraw();
  }, [lines, looks, height, x, logX, logY, smoothing]);

  const last = lines
    .map(({ name, points }) => `${name}: ${points.at(-1)?.[1].toPrecision(4) ?? "no value"}`)
    .join(", ");
  return (
    <figure className="min-w-0">
      <figcaption className="flex min-h-7 items-center gap-1 text-sm font-medium">
        <span className="min-w-0 flex-1">
          {title} <span className="font-normal text-muted">({unit})</span>
        </span>
        {isZoomed && (
          <IconButton
            label={`${title}: all of it`}
            onClick={() => {
              zoom.current = false;
              setZoomed(false);
              plot.current?.setData(tableOf(lines, { logX, logY, smoothing }));
            }}
          >
            <RotateCcw />
          </IconButton>
        )}
        {onEnlarge && (
          <IconButton label={`${title}: full screen`} onClick={onEnlarge}>
            <Maximize2 />
          </IconButton>
        )}
      </figcaption>
      <div
        ref={host}
        role="img"
        aria-label={`${title} over ${axes[x]}. Last values: ${last}.`}
        // Its place is kept while the plot is not there yet.
        style={{ minHeight: height + LEGEND_LINE * (lines.length + 1) }}
        className="border-line text-muted"
      />
    </figure>
  );
}

function optionsOf(
  box: HTMLElement,
  looks: readonly Look[],
  { height, x, logX, logY }: Omit<ChartSettings, "smoothing"> & { height: number },
): uPlot.Options {
  const style = getComputedStyle(box);
  const strokes = looks.flatMap(({ exact, stroke = "solid" }) => (exact ? [stroke] : [stroke, stroke]));
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
    height,
    cursor: { sync: { key: "runs" }, drag: { x: true, y: false } },
    // The place on the axis is no line: it has no mark.
    legend: {
      markers: {
        dash: (_, series) => strokes[series - 1] ?? "solid",
        width: (_, series) => (series === 0 ? 0 : 2),
      },
    },
    scales: { x: { time: false, distr: logX ? 3 : 1 }, y: { distr: logY ? 3 : 1 } },
    axes: [
      {
        ...axis,
        label: axes[x],
        labelSize: 18,
        labelFont: "11px system-ui",
        size: 28,
        ...(x === "time" || logX ? {} : { incrs: WHOLE }),
      },
      { ...axis, size: 56 },
    ],
    series: [
      { label: axes[x], value: (_, value) => (value === null ? "last" : figure(value)) },
      ...looks.flatMap(({ name, exact, stroke = "solid", colour }, i): uPlot.Series[] => {
        const hue = HUES[(colour ?? i) % HUES.length];
        const shared = { spanGaps: true, dash: DASHES[stroke] };
        const top: uPlot.Series = {
          ...shared,
          label: name,
          stroke: `oklch(0.62 0.17 ${hue})`,
          width: 2,
          value: (plot, _, series, at) => {
            const raw = plot.data[exact ? series : series - 1];
            const value = at === null ? Array.from(raw).findLast((one) => one !== null) : raw[at];
            return value === null || value === undefined ? "—" : figure(value);
          },
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

/**
 * One row a place on the axis that any line has: raw and smoothed value of each line, null where it has none, or one
 * that a logarithm has no place for.
 */
function tableOf(
  lines: readonly Line[],
  { logX, logY, smoothing }: Pick<ChartSettings, "logX" | "logY" | "smoothing">,
): uPlot.AlignedData {
  const places = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))]
    .filter((x) => !logX || x > 0)
    .sort((a, b) => a - b);
  const columns = lines.flatMap(({ points, exact }) => {
    const raw = new Map(points);
    const shown = exact ? [raw] : [raw, new Map(smoothed(points, smoothing))];
    return shown.map((values) =>
      places.map((x) => {
        const value = values.get(x);
        return value === undefined || (logY && value <= 0) ? null : value;
      }),
    );
  });
  return [places, ...columns];
}

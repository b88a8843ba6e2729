"use client";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { TextMap } from "@/server/meaning/schema";
import type { Legend } from "./colours";

/** A part of the map, in its own coordinates. */
interface Region {
  x: [number, number];
  y: [number, number];
}

/** Room around the outermost points. */
const EDGE = 1.05;
/** How far a key moves the frame, and by how much it makes it larger. */
const STEP = 0.05;
const FRAME = 0.15;

const within = ({ x, y }: TextMap, region: Region): number[] =>
  x.flatMap((value, at) =>
    value >= region.x[0] && value <= region.x[1] && y[at] >= region.y[0] && y[at] <= region.y[1] ? [at] : [],
  );

const ordered = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];

/** All texts as points. A dragged frame chooses those in it; by keys, arrows move a frame and Enter chooses. */
export function TextMapPlot({
  map,
  legend,
  chosen,
  onChoose,
}: {
  map: TextMap;
  legend: Legend;
  /** Points that stand out; null: all alike. */
  chosen: readonly number[] | null;
  onChoose: (points: readonly number[] | null) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const [region, setRegion] = useState<Region | null>(null);
  const from = useRef<[number, number] | null>(null);

  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (!box) return;
    const observer = new ResizeObserver(() => setSize({ width: box.clientWidth, height: box.clientHeight }));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const place = canvas.current;
    if (place && size) draw(place, { ...size, map, legend, chosen, region });
  }, [size, map, legend, chosen, region]);

  const at = ({ nativeEvent }: PointerEvent): [number, number] =>
    size ? toMap(size, nativeEvent.offsetX, nativeEvent.offsetY) : [0, 0];
  const choose = (next: Region) => {
    setRegion(next);
    onChoose(within(map, next));
  };
  const clear = () => {
    setRegion(null);
    onChoose(null);
  };
  const moved = (key: string): Region | null => {
    const { x, y } = region ?? { x: [-FRAME, FRAME], y: [-FRAME, FRAME] };
    const by = (dx: number, dy: number): Region => ({ x: [x[0] + dx, x[1] + dx], y: [y[0] + dy, y[1] + dy] });
    const grown = (by: number): Region => ({ x: [x[0] - by, x[1] + by], y: [y[0] - by, y[1] + by] });
    switch (key) {
      case "ArrowLeft":
        return by(-STEP, 0);
      case "ArrowRight":
        return by(STEP, 0);
      case "ArrowUp":
        return by(0, STEP);
      case "ArrowDown":
        return by(0, -STEP);
      case "+":
        return grown(STEP);
      case "-":
        return x[1] - x[0] > 3 * STEP ? grown(-STEP) : { x, y };
      default:
        return null;
    }
  };
  return (
    <div className="relative h-full min-h-64 w-full overflow-hidden rounded-lg border bg-surface text-muted">
      <canvas
        ref={canvas}
        tabIndex={0}
        aria-label="Map of the texts"
        aria-describedby="text-map-keys"
        className="absolute inset-0 size-full cursor-crosshair touch-none"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = at(event);
        }}
        onPointerMove={(event) => {
          if (!from.current) return;
          const [x, y] = at(event);
          setRegion({ x: ordered(from.current[0], x), y: ordered(from.current[1], y) });
        }}
        onPointerUp={(event) => {
          if (!from.current) return;
          const [x, y] = at(event);
          const next = { x: ordered(from.current[0], x), y: ordered(from.current[1], y) };
          from.current = null;
          // A click with nothing dragged lets go of what was chosen.
          if (next.x[1] - next.x[0] < 0.01 && next.y[1] - next.y[0] < 0.01) clear();
          else choose(next);
        }}
        onPointerCancel={() => {
          from.current = null;
        }}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          const next = moved(event.key);
          if (next) setRegion(next);
          else if (event.key === "Enter" && region) choose(region);
          else if (event.key === "Escape" && (region || chosen)) clear();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
    </div>
  );
}

interface Box {
  width: number;
  height: number;
}

const scaleOf = ({ width, height }: Box) => Math.min(width, height) / (2 * EDGE);

const toMap = (box: Box, x: number, y: number): [number, number] => [
  (x - box.width / 2) / scaleOf(box),
  (box.height / 2 - y) / scaleOf(box),
];

function draw(
  canvas: HTMLCanvasElement,
  {
    map,
    legend,
    chosen,
    region,
    ...box
  }: Box & { map: TextMap; legend: Legend; chosen: readonly number[] | null; region: Region | null },
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * dense);
  canvas.height = Math.round(box.height * dense);
  context.scale(dense, dense);
  const scale = scaleOf(box);
  const dot = map.x.length > 5000 ? 2 : map.x.length > 500 ? 3 : 5;
  const points = (which: (at: number) => boolean, alpha: number) => {
    context.globalAlpha = alpha;
    // A colour at a time: changing it for each point takes longer than drawing.
    for (const [place, { colour }] of legend.entries.entries()) {
      context.fillStyle = colour ?? style.color;
      for (let at = 0; at < map.x.length; at++)
        if (legend.of[at] === place && which(at))
          context.fillRect(
            box.width / 2 + map.x[at] * scale - dot / 2,
            box.height / 2 - map.y[at] * scale - dot / 2,
            dot,
            dot,
          );
    }
  };
  const out = new Set(chosen);
  points((at) => !out.has(at), chosen ? 0.25 : 0.75);
  points((at) => out.has(at), 1);
  context.globalAlpha = 1;
  if (!region) return;
  context.strokeStyle = style.color;
  context.lineWidth = 1.5;
  context.strokeRect(
    box.width / 2 + region.x[0] * scale,
    box.height / 2 - region.y[1] * scale,
    (region.x[1] - region.x[0]) * scale,
    (region.y[1] - region.y[0]) * scale,
  );
}

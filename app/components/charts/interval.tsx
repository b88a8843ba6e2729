import type { Scale } from "@/server/statistics/forest";
import { cn } from "../ui/cn";

/** Where a value lies on a scale, from its start. */
export const placeOn =
  ({ from, to }: Scale) =>
  (value: number) =>
    `${(100 * (value - from)) / (to - from)}%`;

/** A line with points and their interval on a scale, where there are any. The numbers stand beside it. */
export function Interval({
  scale,
  mark,
  points,
  low,
  high,
  className,
}: {
  scale: Scale;
  /** A value to see them beside. */
  mark?: number;
  points: number | null;
  low: number | null;
  high: number | null;
  className?: string;
}) {
  const at = placeOn(scale);
  return (
    <div aria-hidden="true" className={cn("relative h-4 min-w-32", className)}>
      <div className="absolute top-1/2 h-px w-full bg-line" />
      {mark !== undefined && (
        <div className="absolute h-full w-px bg-line-strong" style={{ left: at(mark) }} />
      )}
      {low !== null && high !== null && (
        <div
          className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-ink"
          style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }}
        />
      )}
      {points !== null && (
        <div
          className="absolute top-1/2 size-2 -translate-x-1/2 -translate-y-1/2 rounded-full bg-accent"
          style={{ left: at(points) }}
        />
      )}
    </div>
  );
}

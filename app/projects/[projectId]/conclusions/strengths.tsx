import type { Leaderboard } from "@/server/conclusion/schema";
import { scaleOf } from "@/server/statistics/forest";

/** A line a source: its points and their interval on the scale of the group. The numbers stand in the table beside. */
export function Interval({
  group,
  points,
  low,
  high,
}: {
  group: Leaderboard["groups"][number];
  points: number | null;
  low: number | null;
  high: number | null;
}) {
  const { from, to } = scaleOf(group);
  const at = (value: number) => `${(100 * (value - from)) / (to - from)}%`;
  if (points === null) return null;
  return (
    <div aria-hidden="true" className="relative h-4 min-w-32">
      <div className="absolute top-1/2 h-px w-full bg-line" />
      {low !== null && high !== null && (
        <div
          className="absolute top-1/2 h-0.5 -translate-y-1/2 bg-ink"
          style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }}
        />
      )}
      <div
        className="absolute top-1/2 size-2 -translate-x-1/2 -translate-y-1/2 rounded-full bg-accent"
        style={{ left: at(points) }}
      />
    </div>
  );
}

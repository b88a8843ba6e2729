import { FigureName } from "@/app/components/figure";
import type { FigureId } from "@/server/figure/schema";
import { scaleOf } from "@/server/statistics/forest";
import { Interval, placeOn } from "./interval";

export interface ForestRow {
  figure: FigureId;
  name: string;
  /** What it would be with nothing there, and to which side which fault lies. */
  reads: string;
  /** Percentage points away from none. */
  points: number | null;
  pointsLow: number | null;
  pointsHigh: number | null;
}

const none = { points: 0, pointsLow: 0, pointsHigh: 0 };

const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;

/** Leanings with their 95 % intervals on one scale of percentage points, around none. */
export function Forest({ label, rows }: { label: string; rows: readonly ForestRow[] }) {
  const scale = scaleOf({ standings: [none, ...rows] });
  const at = placeOn(scale);
  return (
    <section aria-label={label} className="flex flex-col gap-3">
      <ul className="flex flex-col gap-3">
        {rows.map(({ figure, name, reads, points, pointsLow, pointsHigh }) => (
          <li key={name} className="grid items-center gap-x-4 gap-y-0.5 md:grid-cols-[14rem_1fr]">
            <div>
              <h3 className="text-sm">
                <FigureName id={figure}>{name}</FigureName>
              </h3>
              <p className="text-sm font-semibold tabular">
                {points === null ? "—" : signed(points)}
                {points !== null && pointsLow !== null && pointsHigh !== null && (
                  <span className="font-normal text-muted">
                    {` [${signed(pointsLow)}, ${signed(pointsHigh)}]`}
                  </span>
                )}
              </p>
              <p className="text-xs text-muted">{reads}</p>
            </div>
            <Interval
              scale={scale}
              mark={none.points}
              points={points}
              low={pointsLow}
              high={pointsHigh}
              className="h-6"
            />
          </li>
        ))}
      </ul>
      <div aria-hidden="true" className="hidden gap-x-4 md:grid md:grid-cols-[14rem_1fr]">
        <span className="text-xs text-muted">percentage points from none</span>
        <div className="relative h-4 text-xs text-muted tabular">
          {scale.marks.map((mark) => (
            <span key={mark} className="absolute -translate-x-1/2" style={{ left: at(mark) }}>
              {mark === 0 ? "0" : `${mark < 0 ? "−" : "+"}${Math.abs(mark)}`}
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

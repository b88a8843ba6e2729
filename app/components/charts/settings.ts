/** What stands along the plots of a page. */
export const axes = { step: "steps", tokens: "tokens", time: "minutes" } as const;
export type Axis = keyof typeof axes;

/** How the plots of a page are drawn. No setting changes a value. */
export interface ChartSettings {
  x: Axis;
  logX: boolean;
  logY: boolean;
  /** Weight of the past in the smoothed line, per point; null: as usual for that many points. */
  smoothing: number | null;
}

export const usualSettings: ChartSettings = { x: "step", logX: false, logY: false, smoothing: null };

/** Weight of the past, where there are enough points for noise to be seen. */
export const USUAL_SMOOTHING = 0.85;
const FEW_POINTS = 20;

export type Points = readonly (readonly [number, number])[];

/** Exponential moving average, corrected for its start (Kingma and Ba 2015, section 3). Few points stay as they are. */
export function smoothed(points: Points, smoothing: number | null): [number, number][] {
  const weight = smoothing ?? (points.length < FEW_POINTS ? 0 : USUAL_SMOOTHING);
  let mean = 0;
  return points.map(([x, value], i) => {
    mean = weight * mean + (1 - weight) * value;
    return [x, mean / (1 - weight ** (i + 1))];
  });
}

/**
 * Points over another axis than steps.
 * @param clock step and where it stands on that axis, ascending; between two, by proportion; beyond the ends, the end
 */
export function along(points: Points, clock: Points): [number, number][] {
  let next = 0;
  return points.map(([step, value]) => {
    while (next < clock.length && clock[next][0] < step) next += 1;
    const [after, before] = [clock.at(next), next > 0 ? clock[next - 1] : undefined];
    if (!after) return [before?.[1] ?? 0, value];
    if (!before || after[0] === step) return [after[1], value];
    return [before[1] + ((step - before[0]) / (after[0] - before[0])) * (after[1] - before[1]), value];
  });
}

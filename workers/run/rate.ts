import type { RunProgress } from "../../db/shape/run";

/** Rates are taken over this long, so that they follow changes but do not flicker. */
const WINDOW_MS = 10_000;

/**
 * Turns counts into progress with rate and time left.
 * @param unit what is counted, in the plural
 */
export function rateOf(unit: string): (done: number, total?: number, message?: string) => RunProgress {
  const samples: { at: number; done: number }[] = [];
  return (done, total, message) => {
    const at = Date.now();
    const newest = samples[samples.length - 1];
    if (!newest || at - newest.at >= 250) samples.push({ at, done });
    while (samples.length > 2 && at - samples[0].at > WINDOW_MS) samples.shift();
    const elapsed = (at - samples[0].at) / 1000;
    const rate = elapsed > 0 ? (done - samples[0].done) / elapsed : undefined;
    const secondsLeft = rate && total !== undefined ? (total - done) / rate : undefined;
    return { done, unit, total, rate, secondsLeft, message };
  };
}

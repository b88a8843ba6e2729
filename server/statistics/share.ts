import { wilsonInterval } from "./wilson";

/** An interval of a share; null where it is not known. */
interface Bounds {
  low: number | null;
  high: number | null;
}

/** A share and its 95 % interval, which may be unknown, as text: "66.7 % [50.0, 80.1]". */
export function interval(share: number, { low, high }: Bounds): string {
  const text = (value: number) => (100 * value).toFixed(1);
  return `${text(share)} %${low === null || high === null ? "" : ` [${text(low)}, ${text(high)}]`}`;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A share of things with its interval, if it is known, as text: "66.7 % [50.0, 80.1] of 21". Null of none. */
export function shareText({
  count,
  of,
  interval: bounds = { low: null, high: null },
}: {
  count: number;
  of: number;
  interval?: Bounds;
}): string | null {
  return of === 0 ? null : `${interval(count / of, bounds)} of ${whole.format(of)}`;
}

/** A share of independent things with its 95 % Wilson score interval, as text. */
export function shareWithInterval(count: number, of: number): string {
  return shareText({ count, of, ...(of > 0 && { interval: wilsonInterval(count, of) }) }) ?? "—";
}

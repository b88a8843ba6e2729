const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const cents = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const crumbs = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 2,
});

/** A number with thousands separated; three significant digits below 100. */
export const amount = (value: number) =>
  Number.isInteger(value) || Math.abs(value) >= 100 ? whole.format(value) : fine.format(value);

/** `1 rater`, `12 raters`. */
export const counted = (count: number, one: string) => `${amount(count)} ${one}${count === 1 ? "" : "s"}`;

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return total % 60 ? `${minutes} min ${total % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = size === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  return `${fine.format(size / 1000 ** power)} ${units[power]}`;
}

/** US dollars, to the cent; of less than ten cents two digits. */
export const dollars = (value: number) => (value > 0 && value < 0.1 ? crumbs : cents).format(value);

export const percent = (part: number, of: number) => (of === 0 ? "—" : `${((100 * part) / of).toFixed(1)} %`);

"use client";
const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

/** How long ago something was; the exact time on hover. Server and browser differ in their clock and time zone. */
export function When({ at, className }: { at: Date; className?: string }) {
  return (
    <time
      dateTime={at.toISOString()}
      title={at.toLocaleString()}
      className={className}
      suppressHydrationWarning
    >
      {ago(at)}
    </time>
  );
}

export function ago(at: Date): string {
  const seconds = (at.getTime() - Date.now()) / 1000;
  const unit = units.find(([, size]) => Math.abs(seconds) >= size);
  return unit ? relative.format(Math.round(seconds / unit[1]), unit[0]) : "just now";
}

"use client";
import { useLocale, useTranslations } from "next-intl";

const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const formats = new Map<string, Intl.RelativeTimeFormat>();

/** One a language: a table has many times, and making a format costs more than using it. */
function formatIn(locale: string): Intl.RelativeTimeFormat {
  const known =
    formats.get(locale) ?? new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  formats.set(locale, known);
  return known;
}

/** How long ago something was; the exact time on hover. Server and browser differ in their clock and time zone. */
export function When({ at, className }: { at: Date; className?: string }) {
  const locale = useLocale();
  const ago = useAgo();
  return (
    <time
      dateTime={at.toISOString()}
      title={at.toLocaleString(locale)}
      className={className}
      suppressHydrationWarning
    >
      {ago(at)}
    </time>
  );
}

/** Says how long ago something was, in the language of the page. */
export function useAgo(): (at: Date) => string {
  const t = useTranslations("ui");
  const locale = useLocale();
  return (at) => {
    const seconds = (at.getTime() - Date.now()) / 1000;
    const unit = units.find(([, size]) => Math.abs(seconds) >= size);
    return unit ? formatIn(locale).format(Math.round(seconds / unit[1]), unit[0]) : t("justNow");
  };
}

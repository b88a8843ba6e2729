"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useId } from "react";

const SHOWN_DAYS = 21;

/** Judgements a day, as bars; the numbers are in the table that screen readers get. */
export function Pace({ days: worked }: { days: readonly { day: string; count: number }[] }) {
  const t = useTranslations("me");
  const format = useFormatter();
  const id = useId();
  const days = lastDays(SHOWN_DAYS).map((day) => ({
    day,
    count: worked.find((one) => one.day === day)?.count ?? 0,
  }));
  const most = Math.max(1, ...days.map((day) => day.count));
  if (days.every((day) => day.count === 0)) return null;
  const name = (day: string) =>
    format.dateTime(new Date(`${day}T12:00:00`), { month: "short", day: "numeric" });
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <h2 id={id} className="text-sm font-semibold">
        {t("pace")}
      </h2>
      <table className="sr-only">
        <tbody>
          {days.map(({ day, count }) => (
            <tr key={day}>
              <th scope="row">{name(day)}</th>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div aria-hidden="true" className="flex h-28 items-end gap-1 border-b">
        {days.map(({ day, count }) => (
          <div
            key={day}
            title={`${name(day)}: ${count}`}
            className="group flex h-full min-w-0 flex-1 flex-col items-center justify-end"
          >
            <span className="text-2xs text-muted opacity-0 group-last:opacity-100 group-hover:opacity-100">
              {count}
            </span>
            <div
              className="w-full max-w-10 rounded-t-sm bg-accent/45 group-last:bg-accent group-hover:bg-accent"
              style={{ blockSize: `${(count / most) * 84}%`, minBlockSize: count > 0 ? 2 : 0 }}
            />
          </div>
        ))}
      </div>
      <div aria-hidden="true" className="flex justify-between text-2xs text-muted">
        <span>{name(days[0]?.day ?? "")}</span>
        <span>{t("paceToday")}</span>
      </div>
    </section>
  );
}

/** The last days by this browser's calendar, as YYYY-MM-DD, today last. */
function lastDays(count: number): string[] {
  const now = new Date();
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (count - 1 - index));
    const pad = (value: number) => String(value).padStart(2, "0");
    return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
  });
}

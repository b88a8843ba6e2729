"use client";
import { useTranslations } from "next-intl";

/** Says how long something took in the language of the page: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function useDuration(): (seconds: number) => string {
  const t = useTranslations("ui.duration");
  return (given) => {
    const total = Math.max(0, Math.round(given));
    if (total < 60) return t("seconds", { seconds: total });
    const [minutes, seconds] = [Math.floor(total / 60), total % 60];
    if (minutes < 60)
      return seconds ? t("minutesAndSeconds", { minutes, seconds }) : t("minutes", { minutes });
    const hours = Math.floor(minutes / 60);
    return minutes % 60 ? t("hoursAndMinutes", { hours, minutes: minutes % 60 }) : t("hours", { hours });
  };
}

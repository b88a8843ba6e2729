import { type Language, languages } from "@/db/shape/language";

/**
 * How each language is named by those who speak it, and the locale by which its numbers and dates are written. Arabic is
 * written with the digits 0 to 9, which are printed on the keys of the desk.
 */
export const spoken: Record<Language, { name: string; locale: string; dir: "ltr" | "rtl" }> = {
  en: { name: "English", locale: "en", dir: "ltr" },
  de: { name: "Deutsch", locale: "de", dir: "ltr" },
  fr: { name: "Français", locale: "fr", dir: "ltr" },
  es: { name: "Español", locale: "es", dir: "ltr" },
  ar: { name: "العربية", locale: "ar-u-nu-latn", dir: "rtl" },
  hi: { name: "हिन्दी", locale: "hi", dir: "ltr" },
  zh: { name: "中文", locale: "zh", dir: "ltr" },
  ja: { name: "日本語", locale: "ja", dir: "ltr" },
};

/** Whether a page in this locale runs from right to left. */
export const isMirrored = (locale: string): boolean =>
  Object.values(spoken).some((one) => one.locale === locale && one.dir === "rtl");

/** Chosen before anybody has signed in, by this browser. */
export const LANGUAGE_COOKIE = "language";

/**
 * The language of a page: what the person chose, else what the browser chose, else the first that the browser asks for
 * and the site speaks.
 * @param accepted the header `Accept-Language`
 */
export function languageFrom({
  person,
  cookie,
  accepted,
}: {
  person?: Language | null;
  cookie?: string;
  accepted?: string | null;
}): Language {
  return person ?? languages.find((known) => known === cookie) ?? firstOf(accepted ?? "") ?? "en";
}

/** `pt, fr-CA;q=0.8, de;q=0.9` asks for German here. */
function firstOf(accepted: string): Language | undefined {
  const asked = accepted.split(",").map((range) => {
    const [tag = "", ...parameters] = range.trim().split(";");
    const weight = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find(Boolean);
    return { language: tag.toLowerCase().split("-")[0], weight: Number(weight ?? 1) };
  });
  return asked
    .toSorted((one, other) => other.weight - one.weight)
    .flatMap(({ language, weight }) => languages.filter((known) => known === language && weight > 0))[0];
}

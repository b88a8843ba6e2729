const names = new Map<string, Intl.DisplayNames>();

/** "Arabic" for `ar`; the tag itself where its name is not known. */
export function languageName(tag: string, locale = "en"): string {
  const known = names.get(locale) ?? new Intl.DisplayNames(locale, { type: "language" });
  names.set(locale, known);
  try {
    return known.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

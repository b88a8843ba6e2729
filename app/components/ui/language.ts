const names = new Intl.DisplayNames("en", { type: "language" });

/** "Arabic" for `ar`; the tag itself where its name is not known. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

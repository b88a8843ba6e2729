import type { When } from "@/server/import/schema";

/** Several values as one text: `A | model_a | > 3`. A value's own `|` has a backslash before it. */
export const writtenWhen = (when: When | undefined): string =>
  [when ?? []]
    .flat()
    .map((value) => String(value).replaceAll("|", "\\|"))
    .join(" | ");

/** What was written so; undefined for nothing. */
export function whenIn(text: string): When | undefined {
  if (text === "") return undefined;
  const values = text.split(/(?<!\\)\|/).map((value) => value.replaceAll("\\|", "|"));
  return values.length === 1 ? values[0] : values.map((value) => value.trim());
}

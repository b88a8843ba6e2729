import type { When } from "@/server/import/schema";

/** Several values as one text: `A | model_a | > 3`. */
export const writtenWhen = (when: When | undefined): string => [when ?? []].flat().join(" | ");

/** What was written so; undefined for nothing. */
export function whenIn(text: string): When | undefined {
  const values = text.split("|").map((value) => value.trim());
  return text === "" ? undefined : values.length === 1 ? text : values;
}

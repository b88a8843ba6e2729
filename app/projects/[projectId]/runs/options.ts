const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An option's value as it is shown. */
export const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Options are text, also those that are numbers: 1e-4 and 0.0001 are one. */
export const numberIn = (text: string): string | number =>
  text === "" || Number.isNaN(Number(text)) ? text : Number(text);

/** Options as text by name, `{ peft: { r: 8 } }` as `peft.r: 8`. */
export function flatOptions(value: unknown, path = ""): Map<string, string> {
  if (!isRecord(value)) return new Map([[path, asText(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flatOptions(inner, path ? `${path}.${key}` : key)]),
  );
}

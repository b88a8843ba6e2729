const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Options as text by name, `{ peft: { r: 8 } }` as `peft.r: 8`. */
export function flatOptions(value: unknown, path = ""): Map<string, string> {
  if (!isRecord(value)) return new Map([[path, typeof value === "string" ? value : JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flatOptions(inner, path ? `${path}.${key}` : key)]),
  );
}

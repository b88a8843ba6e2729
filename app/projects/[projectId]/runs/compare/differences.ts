import type { Run } from "@/app/components/run/status";

/** The options in which runs differ, by name, and each run's values of them as text. */
export function differences(runs: readonly Run[]): {
  options: string[];
  rows: (string | undefined)[][];
} {
  const specs = runs.map(({ kind, spec: { name: _, samplePrompts: __, options, ...others } }) =>
    flat({ method: kind, ...others, ...(isRecord(options) ? options : {}) }),
  );
  const options = [...new Set(specs.flatMap((spec) => [...spec.keys()]))]
    .sort()
    .filter((option) => new Set(specs.map((spec) => spec.get(option))).size > 1);
  return { options, rows: specs.map((spec) => options.map((option) => spec.get(option))) };
}

/** `{ peft: { r: 8 } }` as `peft.r: 8`. */
function flat(value: unknown, path = ""): Map<string, string> {
  if (!isRecord(value)) return new Map([[path, typeof value === "string" ? value : JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...flat(inner, path ? `${path}.${key}` : key)]),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How a document went: what figures are made of, and how it is stored. */
import { z } from "zod";
import { plainNumbers } from "../../db/shape/written-json";
import type { Scores } from "./metrics";
import type { Strict } from "./strict";

export interface Graded {
  readonly strict: Readonly<Record<string, Strict>>;
  /** Whether the model read the prompt without its beginning. */
  readonly cut: boolean;
  /** Of a filter's name: what is left of the answers, and their scores. */
  readonly byFilter: Readonly<
    Record<string, { readonly filtered: readonly unknown[]; readonly metrics: Scores }>
  >;
}

/** Numbers that JSON has not stand there by their names. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);
const leaf = z.union([number, z.boolean()]);

const stored = z.object({
  strict: z.record(z.string(), z.object({ credit: z.number(), failed: z.boolean(), tied: z.boolean() })),
  cut: z.boolean(),
  byFilter: z.record(
    z.string(),
    z.object({
      filtered: z.array(z.unknown()),
      metrics: z.record(z.string(), z.union([leaf, z.array(z.union([leaf, z.array(number)]))])),
    }),
  ),
});

/** As it is read from where it was stored. */
export const gradedOf = (value: unknown): Graded => stored.parse(plainNumbers(value));

/** A value for JSON, with names for the numbers that it has not. */
export function forJson(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(forJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, forJson(item)]));
}

/**
 * The first metric's score of an item under the first filter, where it is one number: what an item is called right by.
 * @returns null for metrics that only all items together have, and for none
 */
export function scoreOf({ byFilter }: Graded, metric: string | undefined): number | null {
  const [first] = Object.values(byFilter);
  const value = metric === undefined ? undefined : first?.metrics[metric];
  const score = typeof value === "boolean" ? Number(value) : value;
  return typeof score === "number" && Number.isFinite(score) ? score : null;
}

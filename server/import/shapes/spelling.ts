import { z } from "zod";
import { parseRowJson } from "../../../db/shape/written-json";
import { RowRefused } from "../problems";
import type { ImportedRater } from "../schema";

/** A number, which tables carry as text. */
export const numeric = z.union(
  [
    z.number(),
    z
      .string()
      .regex(/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i)
      .transform(Number),
  ],
  "must be a number",
);

/** A yes or no, as JSON and tables spell it. */
export const flag = z.union(
  [z.boolean(), z.stringbool(), z.literal([0, 1]).transform(Boolean)],
  "must be true or false",
);

/** A list, which tables carry as JSON text; any other value stays as it is. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseRowJson(value);
  } catch {
    return value;
  }
}

/** A column that holds a list, or JSON text of one. */
export const listOf = <T extends z.ZodType>(element: T) => z.preprocess(unpacked, z.array(element));

const letters = "abcdefghijklmnopqrstuvwxyz";
const english = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });
const tags = new Map<string, string>();
for (const first of letters)
  for (const second of letters) {
    const name = english.of(first + second)?.toLowerCase();
    if (name !== undefined && !tags.has(name)) tags.set(name, first + second);
  }

/** The tag of a language that a file calls by its English name; anything else stays as it is. */
export function languageTag<T>(name: T): NonNullable<T> | string | undefined {
  return typeof name === "string" ? (tags.get(name.toLowerCase()) ?? name) : (name ?? undefined);
}

/** A moment as files write it: seconds or milliseconds since 1970, or ISO 8601, in UTC where no zone is named. */
export function moment(value: unknown): Date | undefined {
  const number = numeric.safeParse(value);
  if (number.success && number.data > 1e8)
    return new Date(number.data > 1e11 ? number.data : number.data * 1000);
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(value);
  const date = new Date(zoned || value.length <= 10 ? value : `${value.replace(" ", "T")}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const modelNames = /gpt|claude|gemini|llama|qwen|mistral|deepseek|(^|[^a-z])llm/i;

/** Whoever a file names as the judge: a person, unless the name is that of a model. */
export function judgeNamed(id: string): ImportedRater {
  return { id, kind: modelNames.test(id) ? "model" : "person" };
}

/** One of several people whom the file only counts: the first of one row need not be the first of another. */
export function annotator(index: number): ImportedRater {
  return { id: `annotator ${index + 1}`, kind: "label" };
}

const ties = new Set(["tie", "equal", "same", "draw", "both", "both_good", "about_the_same"]);
/** Not "none": Python prints a verdict that is missing so. */
const neithers = new Set(["both_bad", "bothbad", "tie_bothbad", "neither"]);

/**
 * What a verdict says about two responses.
 * @param names how the file calls the first and the second response
 * @returns null when it says nothing that can be known for sure
 */
export function outcomeNamed(
  verdict: unknown,
  names: readonly [first: readonly string[], second: readonly string[]],
): "a" | "b" | "tie" | "both_bad" | null {
  if (typeof verdict !== "string" && typeof verdict !== "number") return null;
  const said = plain(String(verdict));
  const [first, second] = names.map((side) => side.some((name) => plain(name) === said));
  if (first !== second) return first ? "a" : "b";
  if (said.startsWith("tie_bothbad") || neithers.has(said)) return "both_bad";
  return ties.has(said) || said === "tie_inconsistent" ? "tie" : null;
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}

/** @throws RowRefused for a verdict that names none of the sides */
export function requireOutcome(
  field: string,
  verdict: unknown,
  names: readonly [first: readonly string[], second: readonly string[]],
): "a" | "b" | "tie" | "both_bad" {
  const outcome = outcomeNamed(verdict, names);
  if (outcome) return outcome;
  throw new RowRefused({
    code: "bad-answer",
    field,
    message: `${field} is ${JSON.stringify(verdict)}, which names neither response.`,
  });
}

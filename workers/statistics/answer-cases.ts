import { z } from "zod";
import { InputError } from "../../server/statistics/estimate";
import { agreementCases } from "./agreement";
import type { Answer } from "./case";
import { designCases } from "./design";
import { jointCases } from "./joint";
import { judgeCases } from "./judge";
import { rankingCases } from "./ranking";
import { ratersCases } from "./raters";

const functions: Record<string, Answer> = {
  ...agreementCases,
  ...rankingCases,
  ...ratersCases,
  ...jointCases,
  ...judgeCases,
  ...designCases,
};

const caseShape = z.looseObject({
  id: z.string({ error: "give the case an id, a text" }),
  fn: z.string({ error: "say which function" }),
});

export type Answered = { id: string; value: unknown } | { id: string; error: string };

/**
 * Answers a list of cases, each `{id, fn, input, …options}`, in their order. What is wrong with one is the error of that
 * one, with its id and the place; the others are answered.
 * @throws InputError where the text is no list of cases at all
 */
export function answerCases(text: string): Answered[] {
  return casesOf(text).map((given, i) => {
    const read = caseShape.safeParse(given);
    if (!read.success) return { id: `#${i}`, error: `case ${i}: ${read.error.issues[0].message}` };
    const { id, fn } = read.data;
    const answer = Object.hasOwn(functions, fn) ? functions[fn] : undefined;
    if (!answer)
      return { id, error: `${id}: no function ${fn}; there are ${Object.keys(functions).join(", ")}` };
    try {
      return { id, value: finite(answer(read.data)) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { id, error: `${id}: ${error.message}` };
    }
  });
}

function casesOf(text: string): unknown[] {
  // Python writes NaN and Infinity, which JSON has not: as texts they are refused where they stand, by case and place.
  const tokens = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
  let read: unknown;
  try {
    read = JSON.parse(text.replaceAll(tokens, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  } catch (error) {
    throw new InputError(`no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const found = z
    .union([z.array(z.unknown()), z.looseObject({ cases: z.array(z.unknown()) })])
    .safeParse(read);
  if (!found.success) throw new InputError('no list of cases: write [{"id": …, "fn": …, "input": …}, …]');
  return Array.isArray(found.data) ? found.data : found.data.cases;
}

/** The value as JSON has it. A number that is not finite is a fault of ours and never printed as one. */
function finite(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) throw new InputError(`the result is ${value}`);
  if (ArrayBuffer.isView(value)) return finite(Array.from(value as Float64Array));
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, finite(each)]])),
    );
  return value;
}

/**
 * Which documents of a benchmark stand in training data, by three rules: any run of 13 words (GPT-3, arXiv 2005.14165,
 * appendix C), at least 70 % of the runs of 8 words (PaLM, arXiv 2204.02311, section 8), and a whole text.
 */

import { WrittenNumber } from "../../db/shape/written-json";
import { longRun, runAt, runsOf, tellingWords, wordsOf } from "./words";

/** Words of a shorter run, and the share of these from which a document is tainted. */
const short = 8;
export const taintedShare = 0.7;

export interface Taint {
  /** Whether some run of 13 words is in the training data. */
  readonly gram13: boolean;
  /** The share of its different runs of 8 words that are; null where it has none. */
  readonly share8: number | null;
  /** Whether its longest text is there as a whole; of documents of very short texts, whether all are in one row. */
  readonly exact: boolean;
  readonly tainted: boolean;
  /** Where it was met first: `file, row n`. */
  readonly where: string | null;
}

interface Known {
  /** Its longest texts, or all of them where they are very short: each has to be there. */
  readonly whole: readonly string[];
  readonly runs8: Set<string>;
  readonly met8: Set<string>;
  gram13: boolean;
  exact: boolean;
  where: string | null;
}

/**
 * @param documents the texts of each document: question, passage, choices
 * @param training training texts with the words for where each stands, read once and not kept
 */
export async function contamination(
  documents: readonly (readonly string[])[],
  training: AsyncIterable<{ readonly text: string; readonly where: string }>,
): Promise<Taint[]> {
  const by13 = new Map<string, Known[]>();
  const by8 = new Map<string, Known[]>();
  const brief: Known[] = [];
  const note = (index: Map<string, Known[]>, run: string, one: Known) => {
    const already = index.get(run);
    if (already === undefined) index.set(run, [one]);
    else if (already.at(-1) !== one) already.push(one);
  };
  const all = documents.map((texts): Known => {
    const words = texts.map(wordsOf);
    const most = Math.max(0, ...words.map(({ length }) => length));
    const telltale = words.filter(({ length }) => length > 0 && (length === most || most < tellingWords));
    const whole = telltale.map((one) => one.join(" "));
    const one: Known = { whole, runs8: new Set(), met8: new Set(), gram13: false, exact: false, where: null };
    for (const text of words) {
      for (const run of runsOf(text, longRun)) note(by13, run, one);
      for (const run of runsOf(text, short)) {
        note(by8, run, one);
        one.runs8.add(run);
      }
    }
    if (most < short) brief.push(one);
    return one;
  });
  for await (const { text, where } of training) {
    const words = wordsOf(text);
    const touched = new Set<Known>(brief);
    for (let start = 0; start + short <= words.length; start++) {
      const run = runAt(words, start, short);
      const met = by8.get(run);
      // A run of 13 that a document has begins with one of 8: most of training data is asked about once.
      if (met === undefined) continue;
      for (const one of met) {
        one.met8.add(run);
        touched.add(one);
      }
      if (start + longRun > words.length) continue;
      for (const one of by13.get(runAt(words, start, longRun)) ?? []) {
        one.gram13 = true;
        one.where ??= where;
      }
    }
    const joined = ` ${words.join(" ")} `;
    for (const one of touched) {
      if (one.exact || one.whole.length === 0 || !one.whole.every((whole) => joined.includes(` ${whole} `)))
        continue;
      one.exact = true;
      one.where ??= where;
    }
  }
  return all.map(({ runs8, met8, gram13, exact, where }) => {
    const share8 = runs8.size === 0 ? null : met8.size / runs8.size;
    return { gram13, share8, exact, tainted: gram13 || exact || (share8 ?? 0) >= taintedShare, where };
  });
}

/** Every text in a value, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || value instanceof WrittenNumber) return [];
  return [...(value instanceof Map ? value.values() : Object.values(value))].flatMap(textsIn);
}

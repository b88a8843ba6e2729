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
  /** Its place among the documents. */
  readonly place: number;
  /** Its longest texts, or all of them where they are very short: each has to be there. */
  readonly whole: readonly string[];
  readonly runs8: ReadonlySet<string>;
}

/** What of a document was met. */
interface Met {
  readonly runs8: Set<string>;
  gram13: boolean;
  exact: boolean;
  where: string | null;
}
const nothing = (): Met => ({ runs8: new Set(), gram13: false, exact: false, where: null });

interface TrainingText {
  readonly text: string;
  readonly where: string;
}

/**
 * @param documents the texts of each document: question, passage, choices
 * @param sources training texts of each source with the words for where each stands, read once and not kept
 * @returns what of each document stands in all sources together, and in each
 */
export async function contamination(
  documents: readonly (readonly string[])[],
  sources: readonly AsyncIterable<TrainingText>[],
): Promise<{ all: Taint[]; each: Taint[][] }> {
  const { known, meet } = indexOf(documents);
  const total = known.map(nothing);
  const each: Taint[][] = [];
  for (const source of sources) {
    const own = known.map(nothing);
    await meet(source, own);
    each.push(own.map((met, place) => taintOf(known[place], met)));
    for (const [place, met] of own.entries()) add(total[place], met);
  }
  return { all: total.map((met, place) => taintOf(known[place], met)), each };
}

function add(total: Met, { runs8, gram13, exact, where }: Met): void {
  for (const run of runs8) total.runs8.add(run);
  total.gram13 ||= gram13;
  total.exact ||= exact;
  total.where ??= where;
}

function taintOf({ runs8 }: Known, met: Met): Taint {
  const { gram13, exact, where } = met;
  const share8 = runs8.size === 0 ? null : met.runs8.size / runs8.size;
  return { gram13, share8, exact, tainted: gram13 || exact || (share8 ?? 0) >= taintedShare, where };
}

/** The documents by their runs of words, and what looks for them in training texts. */
function indexOf(documents: readonly (readonly string[])[]) {
  const by13 = new Map<string, Known[]>();
  const by8 = new Map<string, Known[]>();
  const brief: Known[] = [];
  const note = (index: Map<string, Known[]>, run: string, one: Known) => {
    const already = index.get(run);
    if (already === undefined) index.set(run, [one]);
    else if (already.at(-1) !== one) already.push(one);
  };
  const known = documents.map((texts, place): Known => {
    const words = texts.map(wordsOf);
    const most = Math.max(0, ...words.map(({ length }) => length));
    const telltale = words.filter(({ length }) => length > 0 && (length === most || most < tellingWords));
    const whole = telltale.map((one) => one.join(" "));
    const runs8 = new Set<string>();
    const one: Known = { place, whole, runs8 };
    for (const text of words) {
      for (const run of runsOf(text, longRun)) note(by13, run, one);
      for (const run of runsOf(text, short)) {
        note(by8, run, one);
        runs8.add(run);
      }
    }
    if (most < short) brief.push(one);
    return one;
  });
  const meet = async (training: AsyncIterable<TrainingText>, mets: readonly Met[]) => {
    for await (const { text, where } of training) {
      const words = wordsOf(text);
      const touched = new Set<Known>(brief);
      for (let start = 0; start + short <= words.length; start++) {
        const run = runAt(words, start, short);
        const having = by8.get(run);
        // A run of 13 that a document has begins with one of 8: most of training data is asked about once.
        if (having === undefined) continue;
        for (const one of having) {
          mets[one.place].runs8.add(run);
          touched.add(one);
        }
        if (start + longRun > words.length) continue;
        for (const { place } of by13.get(runAt(words, start, longRun)) ?? []) {
          mets[place].gram13 = true;
          mets[place].where ??= where;
        }
      }
      const joined = ` ${words.join(" ")} `;
      for (const { place, whole } of touched) {
        const met = mets[place];
        if (met.exact || whole.length === 0 || !whole.every((text) => joined.includes(` ${text} `))) continue;
        met.exact = true;
        met.where ??= where;
      }
    }
  };
  return { known, meet };
}

/** Every text in a value, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || value instanceof WrittenNumber) return [];
  return [...(value instanceof Map ? value.values() : Object.values(value))].flatMap(textsIn);
}

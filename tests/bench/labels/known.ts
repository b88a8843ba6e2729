import { fitRidge, predictedBy } from "@/server/statistics/math/ridge";
import type { Item, LabelSet } from "./set";
import { SetRefused } from "./table";

/** What is known of every comparison before anybody is asked: rows of numbers, as many each. */
export interface Known {
  columns: number;
  rows: number[][];
}

/** Chances that the first wins, one a comparison and judge; null where a judge gave no verdict. */
export type Verdicts = (number | null)[][];

/** The set's own judges; without any, one trained on the texts of other kinds of prompts. */
export function judgesOf({ name, items, judges, read }: LabelSet): Verdicts {
  if (judges.length > 0) return items.map((item) => item.judges);
  if (items.some(({ texts }) => texts === null))
    throw new SetRefused(
      `${name}: neither a judge nor the texts to train one on. Add a table with the key and judge_probability or …_result, or columns response1 and response2.`,
    );
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  if (kinds.length < 3)
    throw new SetRefused(
      `${name}: a judge is trained on other kinds of prompts, and there are ${kinds.length}; add one, or a column topic.`,
    );
  read.push(
    `judge trained here: ridge regression on text statistics, each of ${kinds.length} kinds of prompts judged by what people said of the others`,
  );
  const x = items.map(({ texts }) => (texts ? textFacts(texts) : []));
  const columns = x[0].length;
  const y = items.map(({ votes }) => votes.reduce((sum, each) => sum + each, 0) / votes.length);
  const chance = new Map(
    kinds.map((kind) => {
      const others = [...items.keys()].filter((i) => items[i].kind !== kind);
      const map = fitRidge(
        Float64Array.from(others.flatMap((i) => x[i])),
        columns,
        Float64Array.from(others, (i) => y[i]),
        Float64Array.from(others, (i) => items[i].votes.length),
      );
      return [kind, map] as const;
    }),
  );
  return items.map(({ kind }, i) => {
    const map = chance.get(kind);
    const p = map ? predictedBy(map, x[i]) : 0.5;
    return [Math.min(1, Math.max(0, p))];
  });
}

/**
 * Columns made of judges' verdicts alone, and of the texts' lengths: each verdict, and by how much the same judge prefers
 * the one side to the other over all its comparisons and within the prompt.
 */
export function knownOf(items: readonly Item[], verdicts: Verdicts): Known {
  const count = verdicts[0].length;
  const rows: number[][] = items.map(() => []);
  for (let j = 0; j < count; j++) {
    const signed = verdicts.map((each) => 2 * (each[j] ?? 0.5) - 1);
    const missing = verdicts.some((each) => each[j] === null);
    const overall = preferred(items, signed, () => "");
    const within = preferred(items, signed, ({ prompt }) => prompt);
    for (const [i, row] of rows.entries()) {
      row.push(signed[i]);
      if (missing) row.push(verdicts[i][j] === null ? 1 : 0);
      if (items[i].sides) row.push(overall[i], within[i]);
    }
  }
  for (const [i, { texts }] of items.entries()) if (texts) rows[i].push(...lengthFacts(texts));
  return sameLength(rows);
}

/** What is known without any judge: who is compared, and the lengths. */
export function knownWithoutJudge(items: readonly Item[]): Known {
  const names = [...new Set(items.flatMap(({ sides }) => sides ?? []))];
  const isModels = names.length <= 20;
  return sameLength(
    items.map(({ sides, texts }) => [
      ...(isModels ? names.map((each) => (sides?.[0] === each ? 1 : 0) - (sides?.[1] === each ? 1 : 0)) : []),
      ...(texts ? lengthFacts(texts) : []),
    ]),
  );
}

/** Rows of which some lack a fact are filled up with zeros: nothing is known there. */
function sameLength(rows: number[][]): Known {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  return { columns, rows: rows.map((row) => [...row, ...new Array<number>(columns - row.length).fill(0)]) };
}

function preferred(
  items: readonly Item[],
  signed: readonly number[],
  within: (item: Item) => string,
): number[] {
  const sums = new Map<string, [number, number]>();
  const key = (item: Item, side: 0 | 1) => JSON.stringify([within(item), item.sides?.[side]]);
  for (const [i, item] of items.entries())
    for (const side of [0, 1] as const) {
      const sum = sums.get(key(item, side)) ?? [0, 0];
      sums.set(key(item, side), sum);
      sum[0] += side === 0 ? signed[i] : -signed[i];
      sum[1]++;
    }
  const mean = (item: Item, side: 0 | 1) => {
    const [sum, count] = sums.get(key(item, side)) ?? [0, 1];
    return sum / count;
  };
  return items.map((item) => (mean(item, 0) - mean(item, 1)) / 2);
}

function lengthFacts([one, other]: readonly [string, string]): number[] {
  const ratio = Math.tanh(Math.log((one.length + 10) / (other.length + 10)));
  return [ratio, Math.abs(ratio), one.trim() === other.trim() ? 1 : 0];
}

/** How two texts differ in what is easily counted. */
function textFacts([one, other]: readonly [string, string]): number[] {
  const a = textCounts(one);
  const b = textCounts(other);
  return a.map((each, i) => each - b[i]);
}

function textCounts(text: string): number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
  const count = Math.max(1, words.length);
  const sentences = Math.max(1, text.match(/[.!?。！？]+/g)?.length ?? 0);
  const share = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) / count;
  return [
    Math.log1p(text.length),
    Math.log1p(words.length),
    words.length / sentences,
    words.reduce((sum, word) => sum + word.length, 0) / count,
    words.filter((word) => word.length > 6).length / count,
    share(/,/g),
    share(/\?/g),
    share(/!/g),
    (text.match(/\p{Lu}/gu)?.length ?? 0) / Math.max(1, text.length),
    /^\p{Lu}/u.test(text.trim()) ? 1 : 0,
    new Set(words).size / count,
    Math.log1p(new Set(words).size),
    share(/"/g),
    Math.log1p(text.match(/\n/g)?.length ?? 0),
  ];
}

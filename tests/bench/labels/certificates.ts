import { certify } from "@/server/statistics/joint/certificate";
import { randomOf } from "@/server/statistics/math/random";
import { knownOf, type Verdicts } from "./known";
import { potato } from "./potato";
import type { Item } from "./set";

const DELTA = 0.1;
/** Studies are slow in Python: this many are enough to compare labels. */
const COMPARED = 100;

/** Items with a machine's label: how sure it is, and whether people's majority says the contrary. */
interface Labelled {
  name: string;
  confidence: Float64Array;
  wrong: boolean[];
  allowed: number;
}

/**
 * Machine labels that may stand without being looked at: how many labels of people it takes until as large a share is
 * certified as Potato's rule certifies, and how often what is certified holds more errors than it says.
 */
export function certificates(
  items: readonly Item[],
  verdicts: Verdicts,
  { runs, seed }: { runs: number; seed: number },
): void {
  const real = judged(items, verdicts);
  const cases = [
    ...[0.05, 0.1, 0.2].map((allowed) => ({ ...real, allowed })),
    ...[0.05, 0.1].map((allowed) => madeUp(real.wrong.length, allowed, seed)),
  ];
  console.log(
    `  certificates at ${100 - 100 * DELTA} % confidence, ${real.wrong.length} comparisons that people decided; wrong: their majority says the contrary`,
  );
  const draws = cases.map((each, at) => drawsOf(each, Math.min(runs, COMPARED), randomOf(seed + 30 + at)));
  const theirs = potato(draws);
  for (const [at, each] of cases.entries()) {
    const random = randomOf(seed + 40 + at);
    const largest = Array.from({ length: runs }, () => oursOf(each, permutation(each.wrong.length, random)));
    const broken = largest.filter(
      ({ share, errors }) => errors > each.allowed * share * each.wrong.length + 1e-9,
    );
    console.log(
      `  ${`${each.name}, at most ${100 * each.allowed} % wrong`.padEnd(50)} accepts ${percent(mean(largest.map(({ share }) => share)))} of them with ${mean(largest.map(({ asked }) => asked)).toFixed(0)} labels; guarantee broken in ${percent(broken.length / runs)} of ${runs}`,
    );
    if (!theirs) continue;
    const met = theirs[at].flatMap((found, run) => (found.accepted > 0 ? [{ ...found, run }] : []));
    const same = met.map(({ accepted, run }) =>
      oursOf(each, Int32Array.from(draws[at].orders[run]), accepted / each.wrong.length),
    );
    const reached = same.filter(({ share }, i) => share * each.wrong.length >= met[i].accepted);
    console.log(
      met.length === 0
        ? `    Potato's rule accepts nothing, after ${mean(theirs[at].map(({ labels }) => labels)).toFixed(0)} labels`
        : `    Potato's rule accepts something in ${met.length} of ${theirs[at].length}: ${percent(mean(met.map(({ accepted }) => accepted / each.wrong.length)))} with ${mean(met.map(({ labels }) => labels)).toFixed(0)} labels; ours as much or more in ${reached.length} of these, with ${mean(same.map(({ asked }) => asked)).toFixed(0)} labels; theirs broken in ${percent(met.filter(({ accepted, errors }) => errors > each.allowed * accepted + 1e-9).length / theirs[at].length)}`,
    );
  }
}

/** The judge's label by all that it said, where people decided. */
function judged(items: readonly Item[], verdicts: Verdicts): Labelled {
  const decided = [...items.keys()].filter((i) => majority(items[i]) !== 0.5);
  const known = knownOf(
    items.map((item) => ({ ...item, texts: null })),
    verdicts,
  );
  const score = decided.map((i) => known.rows[i].reduce((sum, each) => sum + each, 0) / known.columns);
  return {
    name: "judge",
    confidence: Float64Array.from(score, Math.abs),
    wrong: decided.map((i, at) => score[at] > 0 !== majority(items[i]) > 0.5),
    allowed: 0,
  };
}

/** A machine that errs with chance (1 − c)²/3 where its confidence is c. */
function madeUp(size: number, allowed: number, seed: number): Labelled {
  const random = randomOf(seed + 50);
  const confidence = Float64Array.from({ length: size }, random);
  return {
    name: "made-up machine, wrong in (1 − c)²/3",
    confidence,
    wrong: Array.from(confidence, (c) => random() < (1 - c) ** 2 / 3),
    allowed,
  };
}

function oursOf({ confidence, wrong, allowed }: Labelled, order: Int32Array, enough = 1) {
  const found = certify({ confidence, order, isWrong: (i) => wrong[i], allowed, delta: DELTA, enough });
  return {
    asked: found.asked,
    share: found.accepted.length / wrong.length,
    errors: found.accepted.reduce((sum, i) => sum + (wrong[i] ? 1 : 0), 0),
  };
}

function drawsOf({ confidence, wrong, allowed }: Labelled, runs: number, random: () => number) {
  const orders = Array.from({ length: runs }, () => Array.from(permutation(wrong.length, random)));
  return {
    confidence: Array.from(confidence),
    wrong,
    orders,
    halves: orders.map((order) => order.map(random)),
    allowed,
    delta: DELTA,
  };
}

function permutation(size: number, random: () => number): Int32Array {
  const places = Array.from({ length: size }, (_, i) => [random(), i] as const);
  return Int32Array.from(
    places.sort(([a], [b]) => a - b),
    ([, i]) => i,
  );
}

function majority({ votes }: Item): number {
  const [first, second] = [1, 0].map((side) => votes.filter((each) => each === side).length);
  return first > second ? 1 : second > first ? 0 : 0.5;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/**
 * How often the 95 % intervals that pages show hold the truth: raters with known biases are simulated, and each interval
 * is asked at 20, 50, 200 and 1,000 items (prompts). `npm run bench:coverage [runs] [part of a name]`; 93–97 % is what we hold ourselves
 * to, and what lies outside is marked: its method says so on the page. The truth of a measure without a formula is its
 * value on half a million items.
 */

import { beyondChance } from "@/server/statistics/agreement/chance";
import { agreementChange } from "@/server/statistics/agreement/change";
import type { Coefficient } from "@/server/statistics/agreement/coefficient";
import { sumsOf } from "@/server/statistics/agreement/coefficient";
import { oneWay } from "@/server/statistics/agreement/icc";
import { agreement } from "@/server/statistics/agreement/interval";
import { krippendorff } from "@/server/statistics/agreement/krippendorff";
import { type Ratings, type Units, unitsOf } from "@/server/statistics/agreement/ratings";
import { raw } from "@/server/statistics/agreement/raw";
import { activeMean } from "@/server/statistics/joint/active";
import { ppiBradleyTerry, ppiMean } from "@/server/statistics/joint/ppi";
import { jointMean } from "@/server/statistics/joint/study";
import { randomOf } from "@/server/statistics/math/random";
import { bradleyTerry } from "@/server/statistics/ranking/bradley-terry";
import { plackettLuce } from "@/server/statistics/ranking/plackett-luce";
import { withTies } from "@/server/statistics/ranking/ties";
import { winRate } from "@/server/statistics/ranking/win-rate";
import { reliabilities } from "@/server/statistics/raters/dawid-skene";
import { wilsonInterval } from "@/server/statistics/wilson";
import { judgeStudies } from "./judge-studies";

const runs = Number(process.argv[2] ?? 400);
const wanted = process.argv[3] ?? "";
const SIZES = [20, 50, 200, 1000] as const;
const LARGE = 500_000;

type Random = () => number;
interface Interval {
  low: number | null;
  high: number | null;
}
/** An interval and what it should hold, as often as it is drawn. */
interface Subject {
  name: string;
  /** Intervals of one simulated study of n items with their truths; null where none could be given. */
  study(n: number, random: Random): { interval: Interval; truth: number }[];
}

/** Items on a scale of q points, judged by three raters, the last lenient, a fifth of votes missing. */
function ratingsOf(items: number, q: number, random: Random): Ratings {
  const rows: [number, number, number][] = [];
  for (let i = 0; i < items; i++) {
    const truth = (random() * q) | 0;
    for (let r = 0; r < 3; r++) {
      if (random() < 0.2) continue;
      const noisy = random() < 0.7 ? truth : (random() * q) | 0;
      const lenient = r === 2 && random() < 0.25 ? Math.min(q - 1, noisy + 1) : noisy;
      rows.push([i, r, lenient + 1]);
    }
  }
  return {
    items,
    raters: 3,
    item: Int32Array.from(rows, ([i]) => i),
    rater: Int32Array.from(rows, ([, r]) => r),
    value: Float64Array.from(rows, ([, , value]) => value),
    categories: Array.from({ length: q }, (_, k) => k + 1),
  };
}

function agreementSubject(name: string, q: number, of: (units: Units) => Coefficient): Subject {
  if (!name.includes(wanted)) return { name, study: () => [] };
  const large = unitsOf(ratingsOf(LARGE, q, randomOf(99)));
  const coefficient = of(large);
  const truth = coefficient.finish(sumsOf(coefficient, large)) ?? 0;
  return {
    name,
    study(n, random) {
      const units = unitsOf(ratingsOf(n, q, random));
      return [{ interval: agreement(of(units), units), truth }];
    },
  };
}

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * Strengths that a Bradley–Terry fit tends to where prompts lean: the marginal ones, by a very large sample.
 */
function leaningVotes(
  prompts: number,
  random: Random,
  { raters = 0, tasteOf = 0, ties = 0.2 }: { raters?: number; tasteOf?: number; ties?: number } = {},
) {
  const strength = [0.8, 0.2, -0.3, -0.7];
  const tastes = Array.from({ length: raters }, () => strength.map(() => tasteOf * normal(random)));
  const rows: [number, number, number, number, number][] = [];
  for (let prompt = 0; prompt < prompts; prompt++) {
    const lean = strength.map(() => 0.7 * normal(random));
    for (let vote = 0; vote < 6; vote++) {
      const a = (random() * 4) | 0;
      const b = (a + 1 + ((random() * 3) | 0)) % 4;
      const rater = raters > 0 ? (random() * raters) | 0 : 0;
      const taste = tastes[rater] ?? [0, 0, 0, 0];
      const p = logistic(strength[a] + lean[a] + taste[a] - strength[b] - lean[b] - taste[b]);
      rows.push([a, b, random() < ties ? 0.5 : random() < p ? 1 : 0, prompt, rater]);
    }
  }
  return {
    models: 4,
    a: Int32Array.from(rows, ([a]) => a),
    b: Int32Array.from(rows, ([, b]) => b),
    y: Float64Array.from(rows, ([, , y]) => y),
    cluster: Int32Array.from(rows, ([, , , prompt]) => prompt),
    ...(raters > 0 ? { rater: Int32Array.from(rows, ([, , , , rater]) => rater) } : {}),
  };
}

/** Intervals of strengths that each way of fitting tends to, its truth by a very large sample. */
function strengthSubject(
  name: string,
  design: { raters?: number; tasteOf?: number; ties?: number },
  strengthsOf: (votes: ReturnType<typeof leaningVotes>) => {
    theta: (number | null)[] | null;
    low: (number | null)[] | null;
    high: (number | null)[] | null;
  },
): Subject {
  if (!name.includes(wanted)) return { name, study: () => [] };
  const { rater: _, ...large } = leaningVotes(LARGE / 20, randomOf(97), {
    ...design,
    raters: design.raters && 50_000,
  });
  const truth = strengthsOf(large).theta ?? [];
  return {
    name,
    study(n, random) {
      const { low, high } = strengthsOf(leaningVotes(n, random, design));
      return truth.map((each, i) => ({
        interval: { low: low?.[i] ?? null, high: high?.[i] ?? null },
        truth: each ?? 0,
      }));
    },
  };
}

const marginal = bradleyTerry(leaningVotes(LARGE / 5, randomOf(98)), { spread: "hessian" }).theta ?? [];

/** Three raters of n items on two values, right with the same chance each. */
function normed(truths: Uint8Array, right: number, random: Random): Units {
  const rows = Array.from({ length: 3 * truths.length }, (_, row) => Math.floor(row / 3));
  return unitsOf({
    items: truths.length,
    raters: 3,
    item: Int32Array.from(rows),
    rater: Int32Array.from(rows, (_, row) => row % 3),
    value: Float64Array.from(rows, (item) => (random() < right ? truths[item] : 1 - truths[item])),
    categories: [0, 1],
  });
}

/** The same items before raters have talked about them and after, and the change of α. */
function normingChange(n: number, random: Random) {
  const truths = Uint8Array.from({ length: n }, () => (random() < 0.5 ? 1 : 0));
  const groups = Array.from(truths, (_, item) => String(item));
  const [before, after] = [0.72, 0.85].map((right) => {
    const units = normed(truths, right, random);
    return { units, coefficient: krippendorff(units, "nominal"), groups };
  });
  return agreementChange(before, after);
}

/** Comparisons of four models by people, and what a judge that leans to the first side predicts of each. */
function predictedVotes(rows: number, random: Random) {
  const strength = [0.8, 0.2, -0.3, -0.7];
  const a = new Int32Array(rows);
  const b = new Int32Array(rows);
  const y = new Float64Array(rows);
  const f = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    a[row] = (random() * 4) | 0;
    b[row] = (a[row] + 1 + ((random() * 3) | 0)) % 4;
    y[row] = random() < logistic(strength[a[row]] - strength[b[row]]) ? 1 : 0;
    f[row] = Math.min(1, Math.max(0, 0.3 + 0.5 * y[row] + 0.15 * normal(random)));
  }
  return { a, b, y, f };
}

/** A judge whose prediction leans to the first side; people are what is asked. */
function predicted(random: Random) {
  const difficulty = random();
  const y = random() < 0.3 + 0.5 * difficulty ? 1 : 0;
  const f = Math.min(1, Math.max(0, 0.25 + 0.5 * difficulty + 0.35 * (y - 0.5) + 0.2 * normal(random)));
  return { y, f };
}
const HUMAN_MEAN = 0.55;

const changeOfAlpha = normingChange(LARGE / 5, randomOf(96)).estimate ?? 0;

const subjects: Subject[] = [
  agreementSubject("raw agreement (item)", 3, () => raw("item")),
  agreementSubject("α nominal", 3, (units) => krippendorff(units, "nominal")),
  agreementSubject("α ordinal, 7 points", 7, (units) => krippendorff(units, "ordinal")),
  agreementSubject("α interval, 7 points", 7, (units) => krippendorff(units, "interval")),
  agreementSubject("Fleiss' κ", 3, (units) => beyondChance("fleiss", units, "identity")),
  agreementSubject("Gwet's AC1", 3, (units) => beyondChance("gwet", units, "identity")),
  agreementSubject("Gwet's AC2 quadratic", 7, (units) => beyondChance("gwet", units, "quadratic")),
  agreementSubject("ICC(1,1), 5 points", 5, (units) => oneWay(units)),
  {
    name: "change of α by a norming",
    study: (n, random) => [{ interval: normingChange(n, random), truth: changeOfAlpha }],
  },
  {
    name: "Bradley–Terry θ, by prompt",
    study(n, random) {
      const { low, high } = bradleyTerry(leaningVotes(n, random));
      return marginal.map((truth, i) => ({
        interval: { low: low?.[i] ?? null, high: high?.[i] ?? null },
        truth: truth ?? 0,
      }));
    },
  },
  ...[0, 0.3, 0.7].flatMap((tasteOf) =>
    [3, 10, 20].map((raters) =>
      strengthSubject(`BT θ, ${raters} raters, tastes ${tasteOf}`, { raters, tasteOf }, (votes) =>
        bradleyTerry(votes),
      ),
    ),
  ),
  strengthSubject("Davidson θ, no ties", { ties: 0 }, (votes) => withTies("davidson", votes)),
  strengthSubject("Davidson θ, 20 raters", { raters: 20, tasteOf: 0.3 }, (votes) =>
    withTies("davidson", votes),
  ),
  strengthSubject("Rao–Kupper θ, 20 raters", { raters: 20, tasteOf: 0.3 }, (votes) =>
    withTies("raoKupper", votes),
  ),
  strengthSubject("Plackett–Luce θ, pairs with ties", {}, ({ a, b, y, cluster, rater }) =>
    plackettLuce(
      Array.from(y, (each, r) =>
        each === 0.5 ? [[a[r], b[r]]] : each === 1 ? [[a[r]], [b[r]]] : [[b[r]], [a[r]]],
      ),
      4,
      { cluster, rater },
    ),
  ),
  {
    name: "win rate, by prompt",
    study(n, random) {
      const outcomes = Array.from({ length: n }, (_, p) => {
        const lean = random();
        return [0, 1].map(() => ({
          promptId: String(p),
          score: random() < 0.2 ? 0.5 : random() < 0.4 + 0.4 * lean ? 1 : 0,
        }));
      }).flat();
      return [{ interval: winRate(outcomes), truth: 0.5 * 0.2 + 0.8 * 0.6 }];
    },
  },
  {
    name: "share (Wilson)",
    study(n, random) {
      const count = Array.from({ length: n }, random).filter((each) => each < 0.7).length;
      return [{ interval: wilsonInterval(count, n), truth: 0.7 }];
    },
  },
  {
    name: "PPI++ mean, 10 n predictions",
    study(n, random) {
      const labelled = Array.from({ length: n }, () => predicted(random));
      const rest = Float64Array.from({ length: 10 * n }, () => predicted(random).f);
      const found = ppiMean(
        Float64Array.from(labelled, ({ y }) => y),
        Float64Array.from(labelled, ({ f }) => f),
        rest,
      );
      return [{ interval: found, truth: HUMAN_MEAN }];
    },
  },
  {
    name: "PPI++ Bradley–Terry θ, 10 n predictions",
    study(n, random) {
      const { low, high } = ppiBradleyTerry({
        models: 4,
        labelled: predictedVotes(n, random),
        unlabelled: predictedVotes(10 * n, random),
      });
      // Against the first model.
      return [-0.6, -1.1, -1.5].map((truth, i) => ({
        interval: { low: low?.[i] ?? null, high: high?.[i] ?? null },
        truth,
      }));
    },
  },
  {
    name: "active sampling, n labels",
    study(n, random) {
      const items = Array.from({ length: 4 * n }, () => {
        const { y, f } = predicted(random);
        const p = 0.1 + 0.6 * (1 - 2 * Math.abs(f - 0.5)) ** 2;
        return random() < p ? { f, p, y } : { f, p };
      });
      return [{ interval: activeMean(items), truth: HUMAN_MEAN }];
    },
  },
  {
    name: "joint mean, prompts alike, n labels",
    study(n, random) {
      const rows = Array.from({ length: 4 * n }, () => predicted(random));
      // Each prompt is judged by three, who are of one mind more often than not.
      const y = rows.flatMap((each) => [0, 1, 2].map(() => (random() < 0.7 ? each.y : predicted(random).y)));
      const chance = new Float64Array(y.length).fill(1 / 12);
      const asked = Int32Array.from(y.keys()).filter((row) => random() < chance[row]);
      const found = jointMean(
        {
          known: Float64Array.from(y, (_, row) => rows[Math.floor(row / 3)].f),
          columns: 1,
          group: Int32Array.from(y, (_, row) => Math.floor(row / 3)),
          chance,
          asked,
          y: Float64Array.from(asked, (row) => y[row]),
        },
        { population: "alike" },
      );
      return [{ interval: found, truth: HUMAN_MEAN }];
    },
  },
  {
    name: "reliability (Dawid–Skene), approximate",
    study(n, random) {
      if (n > 200) return [];
      const raters = 12;
      const skill = Array.from({ length: raters }, () => 0.55 + 0.4 * random());
      const rows: [number, number, number][] = [];
      for (let i = 0; i < n; i++) {
        const truth = (random() * 3) | 0;
        const from = (random() * raters) | 0;
        for (let vote = 0; vote < 3; vote++) {
          const r = (from + 5 * vote) % raters;
          rows.push([i, r, random() < skill[r] ? truth : (truth + 1 + ((random() * 2) | 0)) % 3]);
        }
      }
      const found = reliabilities(
        {
          items: n,
          raters,
          classes: 3,
          item: Int32Array.from(rows, ([i]) => i),
          rater: Int32Array.from(rows, ([, r]) => r),
          label: Int32Array.from(rows, ([, , label]) => label),
        },
        { draws: 40, seed: 1 },
      );
      return found.map((interval, r) => ({ interval, truth: skill[r] }));
    },
  },
  ...judgeStudies(),
];

console.log(`Coverage of 95 % intervals in per cent, ${runs} studies each (* outside 93–97)`);
console.log(`${"".padEnd(42)}${SIZES.map((n) => `n=${n}`.padStart(10)).join("")}`);
for (const { name, study } of subjects.filter((each) => each.name.includes(wanted))) {
  const cells = SIZES.map((n) => {
    const random = randomOf(1000 + n);
    let [held, given, none] = [0, 0, 0];
    for (let run = 0; run < (name.startsWith("reliab") ? Math.ceil(runs / 8) : runs); run++)
      for (const { interval, truth } of study(n, random)) {
        if (interval.low === null || interval.high === null) none++;
        else {
          given++;
          if (interval.low <= truth && truth <= interval.high) held++;
        }
      }
    if (given === 0) return "–".padStart(10);
    const share = (100 * held) / given;
    const outside = share < 93 || share > 97 ? "*" : " ";
    return `${share.toFixed(1)}${outside}${none > 0 ? `(${none})` : ""}`.padStart(10);
  });
  console.log(`${name.padEnd(42)}${cells.join("")}`);
}
console.log("In brackets: studies without an interval, such as those without a disagreement.");

import { type Coefficient, ONE_VALUE, sumsOf } from "../agreement/coefficient";
import { type Agreement, agreement, jackknifeError } from "../agreement/interval";
import { mirrored, outcomeCodes } from "../agreement/pairs";
import { type Units, unitsOf } from "../agreement/ratings";
import { agreementWeights, type Weighting } from "../agreement/weights";
import type { Estimate } from "../estimate";
import { studentQuantile } from "../math/student";
import type { Compared } from "./compared";

/** What a judge and people said of one thing: on a scale of points the point, of two responses an `outcomeCodes`. */
export interface Answered {
  prompt: string;
  judge: number;
  people: readonly number[];
}

/** A scale, and how answers to it are compared. */
export interface Scale {
  categories: readonly number[];
  /** `identity` where points have no order. */
  weighting: Weighting;
  /**
   * The same answer with the two responses called the other way round. Given, every item counts both ways, so that
   * nothing depends on which of two responses is called the first; only where it was drawn which stood first.
   */
  mirror?: (code: number) => number;
}

/** The outcomes of comparisons as a scale without an order; “both bad” is a point of it where somebody used it. */
export function outcomeScale(compared: readonly Compared[], { drawn }: { drawn: boolean }): Scale {
  const bothBad = compared.some(
    ({ people, verdict }) => verdict === "both_bad" || people.includes("both_bad"),
  );
  return {
    categories: Object.values(outcomeCodes).filter((code) => bothBad || code !== outcomeCodes.both_bad),
    weighting: "identity",
    ...(drawn && { mirror: mirrored }),
  };
}

/** Comparisons as answers; without a verdict of the judge or a vote there is nothing beside the other. */
export const answersOf = (compared: readonly Compared[]): Answered[] =>
  compared.flatMap((one) => {
    const { verdict } = one;
    return verdict === null || one.people.length === 0
      ? []
      : [
          {
            prompt: one.prompt,
            judge: outcomeCodes[verdict],
            people: one.people.map((outcome) => outcomeCodes[outcome]),
          },
        ];
  });

/** How far a judge agrees with people, beyond chance, and people with one another: the ceiling. */
export interface BesidePeople {
  /** Items that at least one person answered too. */
  items: number;
  kappa: Agreement;
  ac: Agreement;
  /** The same on the items alone that at least two people answered, and what two people reach on these. */
  shared: {
    items: number;
    kappa: { judge: Agreement; people: Agreement /** Judge − people. */; gap: Estimate };
    ac: { judge: Agreement; people: Agreement; gap: Estimate };
  };
}

type Kind = "kappa" | "ac";
type Sides = "judge" | "people";

/** Of the judge's column; people follow. */
const JUDGE = 0;

/**
 * The judge against a person drawn from those of an item, every item weighing the same, and, by the very same estimator,
 * one person against another of the same items: what a judge could reach that were one more of them. Intervals by
 * leaving out one prompt at a time. Who of the people is who does not matter: raters are taken as given.
 * Sources: κ Cohen, Educational and Psychological Measurement 20 (1960), weighted Psychological Bulletin 70 (1968); AC1
 * and AC2 Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008).
 */
export function besidePeople(answers: readonly Answered[], scale: Scale): BesidePeople {
  const some = answers.filter(({ people }) => people.length > 0);
  const several = some.filter(({ people }) => people.length > 1);
  const [all, shared] = [unitsWith(some, scale), unitsWith(several, scale)];
  const compare = (kind: Kind) => ({
    judge: agreement(between("judge", kind, shared, scale), shared),
    people: agreement(between("people", kind, shared, scale), shared),
    gap: gapOf(kind, shared, scale),
  });
  return {
    items: some.length,
    kappa: agreement(between("judge", "kappa", all, scale), all),
    ac: agreement(between("judge", "ac", all, scale), all),
    shared: { items: several.length, kappa: compare("kappa"), ac: compare("ac") },
  };
}

/** Answers as units: the judge is rater 0, people are numbered anew in each item. */
function unitsWith(answers: readonly Answered[], { categories }: Scale): Units {
  const prompts = new Map<string, number>();
  for (const { prompt } of answers) if (!prompts.has(prompt)) prompts.set(prompt, prompts.size);
  const rows = answers.flatMap(({ judge, people }, item) =>
    [judge, ...people].map((value, rater) => ({ item, rater, value })),
  );
  return unitsOf(
    {
      items: answers.length,
      raters: 1 + Math.max(0, ...answers.map(({ people }) => people.length)),
      item: Int32Array.from(rows, ({ item }) => item),
      rater: Int32Array.from(rows, ({ rater }) => rater),
      value: Float64Array.from(rows, ({ value }) => value),
      categories,
      group: Int32Array.from(answers, ({ prompt }) => prompts.get(prompt) ?? 0),
    },
    { byRater: true },
  );
}

const names = { kappa: "Cohen's κ", ac: "Gwet's AC" } as const;

/** Agreement beyond chance from the q × q shares of pairs of answers that the two sides gave to an item. */
function between(sides: Sides, kind: Kind, units: Units, scale: Scale): Coefficient {
  const q = units.categories.length;
  const weights = agreementWeights(units.categories, scale.weighting);
  const mirror = scale.mirror && mirrorsOf(units.categories, scale.mirror);
  const name = kind === "ac" ? `${names.ac}${scale.weighting === "identity" ? 1 : 2}` : names[kind];
  const how = scale.weighting === "identity" ? "" : `, ${scale.weighting} weights`;
  return {
    method: `${name} of ${sides === "judge" ? "the judge and a person" : "two persons"}, every item weighs the same${how}${mirror ? ", both ways round" : ""}`,
    size: q * q,
    add(sums, { category }, weight) {
      const people = category.length - 1;
      const pairs = sides === "judge" ? people : people * (people - 1);
      for (let i = 1; i <= people; i++)
        for (let j = sides === "judge" ? JUDGE : 1; j <= (sides === "judge" ? JUDGE : people); j++) {
          if (i === j) continue;
          const [one, other] = [category[j], category[i]];
          const share = weight / pairs / (mirror ? 2 : 1);
          sums[one * q + other] += share;
          if (mirror) sums[mirror[one] * q + mirror[other]] += share;
        }
    },
    finish(sums) {
      const n = sums.reduce((sum, each) => sum + each, 0);
      if (n < 1e-9) return null;
      const [rows, columns] = [new Float64Array(q), new Float64Array(q)];
      let observed = 0;
      for (const [at, sum] of sums.entries()) {
        observed += (weights[at] * sum) / n;
        rows[Math.floor(at / q)] += sum / n;
        columns[at % q] += sum / n;
      }
      const share = rows.map((row, k) => (row + columns[k]) / 2);
      if (share.filter((each) => each > 1e-9).length < 2) return null;
      const chance = kind === "kappa" ? byMargins(weights, rows, columns) : byGwet(weights, share);
      return 1 - chance > 1e-12 ? (observed - chance) / (1 - chance) : null;
    },
    undefinedBecause: (sums) =>
      sums.every((sum) => sum < 1e-9)
        ? sides === "judge"
          ? "No person judged what the judge judged."
          : "No two people judged the same item."
        : ONE_VALUE,
  };
}

function byMargins(weights: Float64Array, rows: Float64Array, columns: Float64Array): number {
  const q = rows.length;
  return weights.reduce((sum, each, at) => sum + each * rows[Math.floor(at / q)] * columns[at % q], 0);
}

function byGwet(weights: Float64Array, share: Float64Array): number {
  const q = share.length;
  const total = weights.reduce((sum, each) => sum + each, 0);
  return (total / (q * (q - 1))) * share.reduce((sum, each) => sum + each * (1 - each), 0);
}

/** The place of each category's mirror image. */
function mirrorsOf(categories: readonly number[], mirror: (code: number) => number): Int32Array {
  return Int32Array.from(categories, (code) => categories.indexOf(mirror(code)));
}

/** The judge's agreement with people less theirs among themselves, from the same items: their errors go together. */
function gapOf(kind: Kind, units: Units, scale: Scale): Estimate {
  const [judge, people] = [between("judge", kind, units, scale), between("people", kind, units, scale)];
  const gap: Coefficient = {
    method: `${names[kind]} of the judge and a person less that of two persons on the same items`,
    size: judge.size + people.size,
    add(sums, pattern, weight) {
      judge.add(sums.subarray(0, judge.size), pattern, weight);
      people.add(sums.subarray(judge.size), pattern, weight);
    },
    finish(sums) {
      const [own, theirs] = [
        judge.finish(sums.subarray(0, judge.size)),
        people.finish(sums.subarray(judge.size)),
      ];
      return own === null || theirs === null ? null : own - theirs;
    },
    undefinedBecause: (sums) => {
      const own = sums.subarray(0, judge.size);
      return judge.finish(own) === null
        ? judge.undefinedBecause(own)
        : people.undefinedBecause(sums.subarray(judge.size));
    },
  };
  const sums = sumsOf(gap, units);
  const estimate = gap.finish(sums);
  const n = units.groups;
  const result = {
    ...{ estimate, low: null, high: null, n, dropped: 0 },
    method: `${gap.method}; 95 % interval: delete-one jackknife, t(n − 1)`,
  };
  if (estimate === null) return { ...result, reason: gap.undefinedBecause(sums) };
  const se = jackknifeError(gap, units, sums);
  if (se === null || se < 1e-12)
    return { ...result, reason: `${n} prompts say nothing of how much it varies.` };
  const half = studentQuantile(0.975, n - 1) * se;
  return { ...result, low: estimate - half, high: estimate + half };
}

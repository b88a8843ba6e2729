import type { Measure, MeasureName } from "../../db/shape/quality";
import { beyondChance } from "../statistics/agreement/chance";
import type { Coefficient } from "../statistics/agreement/coefficient";
import { cohen } from "../statistics/agreement/cohen";
import { oneWay } from "../statistics/agreement/icc";
import { agreement } from "../statistics/agreement/interval";
import { krippendorff, type Level } from "../statistics/agreement/krippendorff";
import { mirrored, outcomeCodes } from "../statistics/agreement/pairs";
import { overPrompts, rankAgreement } from "../statistics/agreement/rankings";
import { type Ratings, type Units, unitsOf } from "../statistics/agreement/ratings";
import { raw } from "../statistics/agreement/raw";
import type { Estimate } from "../statistics/estimate";
import type { Part } from "./part";

/** A part's votes in the forms that measures ask for. */
export interface Measured {
  part: Part;
  /** Votes on items with two of them or more. */
  shared: Ratings;
  /** All votes; the points of the scale are named, used or not. */
  all: Ratings;
  /**
   * Whether sides were drawn, so that which of two responses is called the first may be turned around: agreement then
   * counts both ways. Where they were not, a leaning that raters share would count as agreement.
   */
  drawn: boolean;
}

interface Entry {
  /** Whether it says something of such a part; what does not apply is not shown. */
  applies(measured: Measured): boolean;
  compute(measured: Measured): Estimate;
  /** What a value means, as a sentence. */
  words(value: number): string;
}

/** Krippendorff's own bounds: Content Analysis, 4th ed. (2019), ch. 12: rely on .8, .667 for tentative conclusions. */
function reliabilityWords(value: number): string {
  if (value >= 0.8) return "Raters can stand in for one another: conclusions hold beyond these raters.";
  if (value >= 0.667) return "Good enough for tentative conclusions; single votes are not reliable.";
  if (value >= 0.4) return "Raters often differ: use several votes an item, and look at what they differ on.";
  if (value > 0.05) return "Little beyond chance: the question, the guidelines or the items are not clear.";
  if (value >= -0.05) return "No more than chance: these votes do not measure what was asked.";
  return "Less than chance: raters read the question in opposite ways.";
}

const shareWords = (value: number): string =>
  `Two raters say the same in ${Math.round(100 * value)} of 100 comparisons; some of them by chance.`;

/** Cicchetti, Psychological Assessment 6 (1994), p. 286. */
function correlationWords(value: number): string {
  if (value >= 0.75) return "Excellent: most of what differs between ratings lies in what is rated.";
  if (value >= 0.6) return "Good: more lies in what is rated than in who rates.";
  if (value >= 0.4) return "Fair: a single rating says as much about its rater as about the response.";
  return "Poor: who rates matters more than what is rated.";
}

function orderWords(value: number): string {
  if (value >= 0.7) return "Raters put the responses in much the same order.";
  if (value >= 0.3) return "Raters share a tendency, not an order.";
  return "Raters hardly agree on an order.";
}

const levelOf = ({ scale }: Part): Level => (scale.by === "points" ? "ordinal" : "nominal");
const isPair = ({ part }: Measured) => part.scale.by === "pairs";

/** Both orientations of every pair, as votes on items of their own: for measures with no symmetric form. */
function bothWays(ratings: Ratings): Ratings {
  const { items, item, rater, value, group } = ratings;
  const twice = <T extends Int32Array | Float64Array>(column: T, other: T) => [...column, ...other];
  return {
    ...ratings,
    items: 2 * items,
    item: Int32Array.from(
      twice(
        item,
        item.map((i) => i + items),
      ),
    ),
    rater: Int32Array.from(twice(rater, rater)),
    value: Float64Array.from(twice(value, value.map(mirrored))),
    ...(group && { group: Int32Array.from(twice(group, group)) }),
  };
}

const of = (units: Units, coefficient: Coefficient): Estimate => agreement(coefficient, units);
const alphaOf = (measured: Measured, symmetric: boolean): Estimate => {
  const { units, coefficient } = alphaUnits(measured, symmetric);
  return of(units, coefficient);
};

/** Krippendorff's α of a part, and what it is taken over. */
export function alphaUnits(
  { part, shared }: Measured,
  symmetric: boolean,
): { units: Units; coefficient: Coefficient } {
  const units = unitsOf(shared);
  return { units, coefficient: krippendorff(units, levelOf(part), { symmetric, mirror: mirrored }) };
}

/** The ranks that each rater gave to the responses of a task, from the pairs that a ranking states. */
function rankings({ part }: Measured): number[][][] {
  const tasks = new Map<string, Map<number, Map<string, number>>>();
  for (let v = 0; v < part.value.length; v++) {
    const { taskId, responses } = part.items[part.item[v]];
    const ofTask = tasks.get(taskId) ?? new Map<number, Map<string, number>>();
    const points = ofTask.get(part.rater[v]) ?? new Map<string, number>();
    // Who is preferred to how many, ties half: the order of these numbers is the ranking.
    const lead = part.value[v] === outcomeCodes.a ? 1 : part.value[v] === outcomeCodes.b ? -1 : 0;
    points.set(responses[0], (points.get(responses[0]) ?? 0) - lead);
    points.set(responses[1], (points.get(responses[1]) ?? 0) + lead);
    tasks.set(taskId, ofTask.set(part.rater[v], points));
  }
  return [...tasks.values()].flatMap((ofTask) => {
    const responses = [...new Set([...ofTask.values()].flatMap((points) => [...points.keys()]))];
    const whole = [...ofTask.values()].filter((points) => points.size === responses.length);
    return responses.length > 2 && whole.length > 1
      ? [whole.map((points) => responses.map((id) => points.get(id) ?? 0))]
      : [];
  });
}

const ranked = (measured: Measured) => isPair(measured) && rankings(measured).length > 0;

/**
 * Every measure of how far raters agree, once: when it applies, how it is computed, and what a value means. What it is,
 * what counts and what its interval covers is its entry of the same name in server/figure/quality.
 */
export const measures: Record<MeasureName, Entry> = {
  rawAgreement: {
    applies: () => true,
    compute({ shared }) {
      const found = of(unitsOf(shared), raw("pair"));
      return { ...found, low: found.low === null ? null : Math.max(0, found.low) };
    },
    words: shareWords,
  },
  alpha: {
    applies: () => true,
    compute: (measured) => alphaOf(measured, isPair(measured) && measured.drawn),
    words: reliabilityWords,
  },
  alphaPlain: {
    applies: (measured) => isPair(measured) && measured.drawn,
    compute: (measured) => alphaOf(measured, false),
    words: reliabilityWords,
  },
  alphaStrength: {
    applies: ({ part: { scale } }) => scale.by === "pairs" && scale.levels > 1,
    compute({ part, shared, drawn }) {
      const places = Int32Array.from(sharedRows(part));
      const value = Float64Array.from(places, (v) => part.strength[v]);
      const units = unitsOf({
        ...shared,
        value,
        categories: [...new Set([...value, ...value.map((x) => -x || 0)])],
      });
      return of(units, krippendorff(units, "ordinal", { symmetric: drawn }));
    },
    words: reliabilityWords,
  },
  ac: {
    applies: () => true,
    compute(measured) {
      const { part, all, drawn } = measured;
      const units = unitsOf(isPair(measured) && drawn ? bothWays(all) : all);
      return of(units, beyondChance("gwet", units, part.scale.by === "points" ? "quadratic" : "identity"));
    },
    words: reliabilityWords,
  },
  kappa: {
    applies: ({ part }) => part.raters.length === 2,
    compute(measured) {
      const { part, shared, drawn } = measured;
      const units = unitsOf(isPair(measured) && drawn ? bothWays(shared) : shared, { byRater: true });
      return of(units, cohen(units, part.scale.by === "points" ? "quadratic" : "identity", [0, 1]));
    },
    words: reliabilityWords,
  },
  icc: {
    applies: ({ part }) => part.scale.by === "points",
    compute({ shared }) {
      const units = unitsOf(shared);
      return of(units, oneWay(units));
    },
    words: correlationWords,
  },
  kendallW: {
    applies: ranked,
    compute: (measured) =>
      overPrompts(
        rankings(measured).map((all) => rankAgreement(all).kendallW),
        "Kendall's W, mean over tasks; 95 % interval: t(n − 1)",
      ),
    words: orderWords,
  },
  tauB: {
    applies: ranked,
    compute: (measured) =>
      overPrompts(
        rankings(measured).map((all) => rankAgreement(all).meanTauB),
        "Kendall's τ-b, mean over pairs of raters and tasks; 95 % interval: t(n − 1)",
      ),
    words: orderWords,
  },
};

/** The votes on items with two or more of them. */
export function sharedRows({ items, item }: Part): number[] {
  const votes = new Int32Array(items.length);
  for (const i of item) votes[i]++;
  return Array.from(item, (_, v) => v).filter((v) => votes[item[v]] > 1);
}

/** What a measured value says, and whether its interval allows another reading. */
export function wordsOf(name: MeasureName, { estimate, low, high, reason }: Measure): string {
  if (estimate === null) return reason ?? "";
  const { words } = measures[name];
  const said = words(estimate);
  const others = [low, high].flatMap((bound) => (bound === null ? [] : words(bound)));
  const open = words !== shareWords && others.some((other) => other !== said);
  return [said, ...(open ? ["The interval allows another reading."] : []), ...(reason ? [reason] : [])].join(
    " ",
  );
}

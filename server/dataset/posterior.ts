import type { modelledAggregations, Recipe } from "../../db/shape/dataset";
import { invalid } from "../errors";
import { crowdBradleyTerry } from "../statistics/raters/crowd-bt";
import { dawidSkene } from "../statistics/raters/dawid-skene";
import { mace } from "../statistics/raters/mace";
import { countedVotes, type Opinion, type Vote } from "./aggregate";
import { comparisonsOf } from "./comparisons";
import type { Comparison, Material } from "./material";

/** What a model of the raters says of the comparisons of a version. */
export interface Posterior {
  /** Nothing of a comparison without a vote that counts. */
  of(promptKey: string, comparison: Comparison): Opinion | undefined;
  /** The model with its parameters and seed: kept with the version. */
  method: string;
}

const outcomes = ["first", "second", "tie", "both_bad"] as const;

/** One vote that counts, with all of the version numbered from 0. */
interface Counted {
  item: number;
  rater: number;
  outcome: Vote["outcome"];
}

interface Comparisons {
  votes: readonly Counted[];
  raters: number;
  /** The two replies of each comparison, numbered over the version. */
  pairs: readonly (readonly [number, number])[];
  replies: number;
}

/** Opinions on comparisons in their order. */
type Model = (given: Comparisons) => { opinions: Opinion[]; method: string };

/** Numbers things in the order in which they are met. */
class Numbering {
  private readonly numbers = new Map<string, number>();

  of(key: string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.numbers.size);
    return this.numbers.size - 1;
  }

  find = (key: string): number | undefined => this.numbers.get(key);

  get size(): number {
    return this.numbers.size;
  }
}

const keyOf = (promptKey: string, { first, second }: Comparison): string =>
  `${promptKey} ${first.key} ${second.key}`;

/**
 * Fits the recipe's model of raters to the votes that count. It sees the comparisons and the votes that the rows are
 * made of: texts pooled, one vote a rater, no adjudication, none weaker than the recipe asks.
 * @throws when nothing was compared
 */
export async function fitPosterior(
  batches: AsyncIterable<readonly Material[]>,
  recipe: Recipe & { aggregation: (typeof modelledAggregations)[number] },
): Promise<Posterior> {
  const items = new Numbering();
  const raters = new Numbering();
  const replies = new Numbering();
  const votes: Counted[] = [];
  const pairs: (readonly [number, number])[] = [];
  const silent = { drop: () => {}, judged: () => {} };
  for await (const batch of batches)
    for (const { promptKey, comparison } of batch.flatMap(({ promptKey, comparisons }) =>
      comparisonsOf(comparisons, recipe, silent).map((comparison) => ({ promptKey, comparison })),
    )) {
      const counted = countedVotes(comparison.votes, recipe, () => {});
      if (counted.length === 0) continue;
      const item = items.of(keyOf(promptKey, comparison));
      const { first, second } = comparison;
      pairs[item] = [replies.of(`${promptKey} ${first.key}`), replies.of(`${promptKey} ${second.key}`)];
      for (const { raterId, outcome } of counted) votes.push({ item, rater: raters.of(raterId), outcome });
    }
  if (votes.length === 0)
    throw invalid(
      `aggregation: ${recipe.aggregation} has no vote to learn from. Loosen the filters or collect votes.`,
    );
  const { opinions, method } = models[recipe.aggregation]({
    votes,
    raters: raters.size,
    pairs,
    replies: replies.size,
  });
  return {
    of(promptKey, comparison) {
      const item = items.find(keyOf(promptKey, comparison));
      return item === undefined ? undefined : opinions[item];
    },
    method,
  };
}

const models: Readonly<Record<(typeof modelledAggregations)[number], Model>> = {
  dawid_skene: (given) => {
    const { posterior, method } = dawidSkene(labelsOf(given));
    return { opinions: opinionsOf(posterior), method };
  },
  mace: (given) => {
    const { posterior, method } = mace(labelsOf(given));
    return { opinions: opinionsOf(posterior), method };
  },
  crowd_bt: crowd,
};

function labelsOf({ votes, raters, pairs }: Comparisons) {
  return {
    items: pairs.length,
    raters,
    classes: outcomes.length,
    item: Int32Array.from(votes, ({ item }) => item),
    rater: Int32Array.from(votes, ({ rater }) => rater),
    label: Int32Array.from(votes, ({ outcome }) => outcomes.indexOf(outcome)),
  };
}

function opinionsOf(posterior: Float64Array): Opinion[] {
  return Array.from({ length: posterior.length / outcomes.length }, (_, item) => {
    const [first, second, tie, both_bad] = posterior.subarray(item * outcomes.length);
    return { first, second, tie, both_bad };
  });
}

/**
 * P(first is better | votes) ∝ σ(θ₁ − θ₂) Π_r η_r^[r said first] (1 − η_r)^[r said second]: the comparison's prior by
 * the strengths, times what its raters said. A comparison of ties alone is a tie: of whom it says nothing.
 */
function crowd({ votes, raters, pairs, replies }: Comparisons): { opinions: Opinion[]; method: string } {
  const { theta, eta, method } = crowdBradleyTerry(
    {
      models: replies,
      a: Int32Array.from(votes, ({ item }) => pairs[item][0]),
      b: Int32Array.from(votes, ({ item }) => pairs[item][1]),
      y: Float64Array.from(votes, ({ outcome }) =>
        outcome === "first" ? 1 : outcome === "second" ? 0 : 0.5,
      ),
    },
    Int32Array.from(votes, ({ rater }) => rater),
    raters,
  );
  const logOdds = pairs.map(([first, second]) => theta[first] - theta[second]);
  const decisive = pairs.map(() => false);
  for (const { item, rater, outcome } of votes) {
    if (outcome !== "first" && outcome !== "second") continue;
    decisive[item] = true;
    logOdds[item] += (outcome === "first" ? 1 : -1) * Math.log(eta[rater] / (1 - eta[rater]));
  }
  return {
    method,
    opinions: logOdds.map((odds, item) => {
      const first = 1 / (1 + Math.exp(-odds));
      return decisive[item]
        ? { first, second: 1 - first, tie: 0, both_bad: 0 }
        : { first: 0, second: 0, tie: 1, both_bad: 0 };
    }),
  };
}

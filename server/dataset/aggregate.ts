import type { Recipe } from "../../db/shape/dataset";

/** One rater's judgement of one pair, turned so that `first` is the response with the smaller key. */
export interface Vote {
  annotationId: string;
  raterId: string;
  outcome: "first" | "second" | "tie" | "both_bad";
  /** (0, 1] for a winner, else 0. */
  strength: number;
  adjudication: boolean;
}

/** What the votes on one pair come to. */
export interface Decision {
  outcome: "first" | "second" | "tie" | "both_bad";
  margin: number | undefined;
  votes: readonly Vote[];
}

export type Aggregation =
  | { decisions: Decision[] }
  | { dropped: "too_few_votes" | "too_little_agreement" | "weak" | "not_adjudicated" };

/**
 * Aggregates the votes on one pair as the recipe says. The winner needs more weight than either other side and
 * than the ties; an equal lead is a tie. With `all` every vote is a decision of its own.
 */
export function aggregate(votes: readonly Vote[], recipe: Recipe): Aggregation {
  const strong = votes.filter((vote) => vote.strength === 0 || vote.strength >= recipe.minStrength);
  if (strong.length === 0) return { dropped: "weak" };
  if (recipe.aggregation === "all") {
    const cast = strong.filter((vote) => !vote.adjudication);
    if (cast.length < recipe.minVotes) return { dropped: "too_few_votes" };
    return { decisions: cast.map((vote) => decide([vote], recipe)) };
  }
  const adjudicated = strong.filter((vote) => vote.adjudication);
  if (adjudicated.length > 0) return { decisions: [decide(adjudicated.slice(-1), recipe)] };
  if (recipe.aggregation === "adjudicated") return { dropped: "not_adjudicated" };
  if (strong.length < recipe.minVotes) return { dropped: "too_few_votes" };
  const decision = decide(strong, recipe);
  if (shareOf(decision.outcome, strong, recipe) < recipe.minAgreement)
    return { dropped: "too_little_agreement" };
  return { decisions: [decision] };
}

function weightOf(vote: Vote, recipe: Recipe): number {
  return recipe.aggregation === "weighted" ? (recipe.raterWeights[vote.raterId] ?? 1) : 1;
}

function weigh(votes: readonly Vote[], recipe: Recipe) {
  const weight = { first: 0, second: 0, tie: 0, both_bad: 0 };
  for (const vote of votes) weight[vote.outcome] += weightOf(vote, recipe);
  return weight;
}

function shareOf(outcome: Vote["outcome"], votes: readonly Vote[], recipe: Recipe): number {
  const weight = weigh(votes, recipe);
  const total = weight.first + weight.second + weight.tie + weight.both_bad;
  return total === 0 ? 0 : weight[outcome] / total;
}

function decide(votes: readonly Vote[], recipe: Recipe): Decision {
  const weight = weigh(votes, recipe);
  const outcomes = ["first", "second", "tie", "both_bad"] as const;
  const most = Math.max(...outcomes.map((outcome) => weight[outcome]));
  const leaders = outcomes.filter((outcome) => weight[outcome] === most);
  const outcome = leaders.length === 1 ? leaders[0] : "tie";
  return { outcome, margin: marginOf(outcome, votes, recipe), votes };
}

/** The winner's lead, in the unit the recipe asks for; never negative. */
function marginOf(outcome: Vote["outcome"], votes: readonly Vote[], recipe: Recipe): number | undefined {
  if (recipe.margin === "none") return undefined;
  if (outcome === "tie" || outcome === "both_bad") return 0;
  let lead = 0;
  let total = 0;
  for (const vote of votes) {
    const weight = weightOf(vote, recipe);
    total += weight;
    const sign =
      vote.outcome === outcome ? 1 : vote.outcome === "first" || vote.outcome === "second" ? -1 : 0;
    lead += sign * weight * (recipe.margin === "strength" ? vote.strength : 1);
  }
  // Six digits, so that the hash does not hang on the order of additions.
  return total === 0 ? 0 : Number(Math.max(0, lead / total).toFixed(6));
}

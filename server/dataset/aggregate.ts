import type { Recipe } from "../../db/shape/dataset";
import type { Leave, LeftOut } from "./schema";

/** One rater's judgement of one pair, turned so that `first` is the response with the smaller key. */
export interface Vote {
  annotationId: string;
  raterId: string;
  outcome: "first" | "second" | "tie" | "both_bad";
  /** (0, 1] for a winner, else 0. */
  strength: number;
  adjudication: boolean;
  /** Orders judgements by the time they were given; votes of one judgement share it. */
  at: number;
}

/** How probable each outcome of a comparison is, given all votes of the version and how reliable its raters are. */
export type Opinion = Readonly<Record<Vote["outcome"], number>>;

/** What the votes on one pair come to. */
export interface Decision {
  outcome: "first" | "second" | "tie" | "both_bad";
  margin: number | undefined;
  votes: readonly Vote[];
  /** How probable each outcome is, where a model of raters decided. */
  opinion?: Opinion;
}

export type Aggregation = { decisions: Decision[] } | { dropped: LeftOut };

/**
 * Aggregates the votes on one pair, in the order in which they were given, as the recipe says. The winner needs more
 * weight than either other side and than the ties; an equal lead is a tie. With `all` every vote is a decision of its
 * own. An adjudication decides alone, in all but `all`.
 * @param leave told of each vote that does not count
 * @param opinion what a model of raters says, where the recipe asks for one: its most probable outcome decides
 */
export function aggregate(
  votes: readonly Vote[],
  recipe: Recipe,
  leave: Leave,
  opinion?: Opinion,
): Aggregation {
  if (recipe.aggregation !== "all") {
    const [decisive] = votes.filter((vote) => vote.adjudication).slice(-1);
    if (decisive)
      return decisive.strength < recipe.minStrength
        ? { dropped: "weak" }
        : { decisions: [decide([decisive], recipe)] };
    if (recipe.aggregation === "adjudicated") return { dropped: "not_adjudicated" };
  }
  const strong = countedVotes(votes, recipe, leave);
  if (strong.length === 0 && votes.some((vote) => isCast(vote) && weightOf(vote, recipe) > 0))
    return { dropped: "weak" };
  if (new Set(strong.map(({ raterId }) => raterId)).size < recipe.minVotes)
    return { dropped: "too_few_votes" };
  if (recipe.aggregation === "all") return { decisions: strong.map((vote) => decide([vote], recipe)) };
  const decision = opinion ? believed(opinion, strong, recipe) : decide(strong, recipe);
  if (shareOf(decision.outcome, strong, recipe) < recipe.minAgreement)
    return { dropped: "too_little_agreement" };
  return { decisions: [decision] };
}

const isCast = ({ adjudication }: Vote): boolean => !adjudication;

/** The votes that count, adjudications aside: one a rater, and none weaker than the recipe asks. */
export function countedVotes(votes: readonly Vote[], recipe: Recipe, leave: Leave): readonly Vote[] {
  const last = lastOfEach(votes.filter(isCast), recipe, leave);
  const strong = last.filter((vote) => vote.strength >= recipe.minStrength);
  for (let n = strong.length; n < last.length; n++) leave("weak_vote");
  return strong;
}

/** One vote a rater, the last that was given; none of a rater without weight. Who wants all votes gets all. */
function lastOfEach(cast: readonly Vote[], recipe: Recipe, leave: Leave): readonly Vote[] {
  if (recipe.aggregation === "all") return cast;
  const last = new Map(cast.map((vote) => [vote.raterId, vote]));
  return cast.filter((vote) => {
    if (last.get(vote.raterId) !== vote) leave("repeated_vote");
    else if (weightOf(vote, recipe) === 0) leave("weightless_vote");
    else return true;
    return false;
  });
}

function weightOf({ raterId, adjudication }: Vote, recipe: Recipe): number {
  return recipe.aggregation === "weighted" && !adjudication ? (recipe.raterWeights[raterId] ?? 1) : 1;
}

function weigh(votes: readonly Vote[], recipe: Recipe) {
  const weight = { first: 0, second: 0, tie: 0, both_bad: 0 };
  for (const vote of votes) weight[vote.outcome] += weightOf(vote, recipe);
  return weight;
}

function shareOf(outcome: Vote["outcome"], votes: readonly Vote[], recipe: Recipe): number {
  const weight = weigh(votes, recipe);
  return weight[outcome] / (weight.first + weight.second + weight.tie + weight.both_bad);
}

const outcomes = ["first", "second", "tie", "both_bad"] as const;

/** The outcome with more weight than any other; a tie where several have the most. */
function leading(weight: Readonly<Record<Vote["outcome"], number>>): Vote["outcome"] {
  const most = Math.max(...outcomes.map((outcome) => weight[outcome]));
  const leaders = outcomes.filter((outcome) => weight[outcome] === most);
  return leaders.length === 1 ? leaders[0] : "tie";
}

function believed(opinion: Opinion, votes: readonly Vote[], recipe: Recipe): Decision {
  const outcome = leading(opinion);
  return { outcome, margin: marginOf(outcome, votes, recipe), votes, opinion };
}

function decide(votes: readonly Vote[], recipe: Recipe): Decision {
  const outcome = leading(weigh(votes, recipe));
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
  return Number(Math.max(0, lead / total).toFixed(6));
}

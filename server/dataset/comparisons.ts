import type { Recipe } from "../../db/shape/dataset";
import { writeJson } from "../../db/shape/written-json";
import { aggregate, type Vote } from "./aggregate";
import type { Comparison, SourceResponse } from "./material";
import type { Leave } from "./schema";

/** Told what was left out of a version and why, and where judgements were at odds. */
export interface Report {
  drop: Leave;
  /** Of a reply that was labelled, or texts compared from several sources: whether there were opposite verdicts. */
  judged(what: "replies" | "texts", opposite: boolean): void;
}

/**
 * A prompt's comparisons as a recipe takes them. A text against itself says nothing. Without repeats, replies of the
 * same text are one reply, whoever gave it: raters saw the text and not its source, so that their votes are votes on
 * one comparison.
 */
export function comparisonsOf(
  comparisons: readonly Comparison[],
  recipe: Recipe,
  report: Report,
): readonly Comparison[] {
  const apart = comparisons.flatMap((comparison) => {
    if (textOf(comparison.first) !== textOf(comparison.second))
      return { ...comparison, votes: oneOfEach(comparison.votes) };
    report.drop("identical_texts");
    return [];
  });
  if (recipe.dedupe === "none" || apart.length < 2) return apart;
  const speakers = new Map<string, SourceResponse>();
  for (const response of apart.flatMap(({ first, second }) => [first, second])) {
    const known = speakers.get(textOf(response));
    if (!known || response.key < known.key) speakers.set(textOf(response), response);
  }
  const groups = new Map<string, Comparison[]>();
  for (const { first, second, votes } of apart) {
    const [a, b] = [first, second].map((response) => speakers.get(textOf(response)) ?? response);
    const turned =
      a.key < b.key ? { first: a, second: b, votes } : { first: b, second: a, votes: votes.map(turn) };
    const key = `${turned.first.key} ${turned.second.key}`;
    groups.set(key, [...(groups.get(key) ?? []), turned]);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? group[0] : pooled(group, recipe, report)));
}

/** What the rater reads: a text, or a conversation of several turns, which no text is. */
const textOf = ({ turns, content }: SourceResponse): string =>
  turns === null ? content : `\0${writeJson(turns)}`;

const turn = (vote: Vote): Vote => ({
  ...vote,
  outcome: vote.outcome === "first" ? "second" : vote.outcome === "second" ? "first" : vote.outcome,
});

function pooled(group: readonly Comparison[], recipe: Recipe, report: Report): Comparison {
  const outcomes = group.flatMap(({ votes }) => {
    const alone = aggregate(votes, recipe, () => {});
    return "decisions" in alone ? alone.decisions.map(({ outcome }) => outcome) : [];
  });
  report.judged("texts", outcomes.includes("first") && outcomes.includes("second"));
  for (let n = 1; n < group.length; n++) report.drop("duplicate");
  return { ...group[0], votes: oneOfEach(group.flatMap(({ votes }) => votes)) };
}

/** One vote a judgement, in the order in which they were given. */
function oneOfEach(votes: readonly Vote[]): readonly Vote[] {
  if (votes.length === 1) return votes;
  const byJudgement = new Map<string, Vote[]>();
  for (const vote of votes)
    byJudgement.set(vote.annotationId, [...(byJudgement.get(vote.annotationId) ?? []), vote]);
  return [...byJudgement.values()].map(oneVote).sort((a, b) => a.at - b.at);
}

/** What one judgement says of two texts, be it under two questions or of two sources; a tie, where it contradicts itself. */
function oneVote(votes: readonly Vote[]): Vote {
  const [vote] = votes;
  if (votes.some(({ outcome }) => outcome !== vote.outcome)) return { ...vote, outcome: "tie", strength: 0 };
  return { ...vote, strength: votes.reduce((sum, { strength }) => sum + strength, 0) / votes.length };
}

import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { rater } from "../../db/schema";
import { fragility, fragilityOf, raterFragilityOf } from "../statistics/design/fragility";
import { componentsOf } from "../statistics/ranking/graph";
import { winsOf } from "../statistics/ranking/votes";
import { among, askedQuestion, type Comparisons, placeOfSource, readComparisons } from "./comparisons";
import type { Fragility, Look } from "./schema";

/** The greatest group of sources that met, or the one that both of a pair belong to. */
function groupOf(comparisons: Comparisons, pair: readonly [number, number] | undefined): number[] {
  const groups = componentsOf(winsOf(comparisons.votes), comparisons.votes.models);
  const most = groups.toSorted((one, other) => other.length - one.length)[0] ?? [];
  return pair ? (groups.find((group) => group.includes(pair[0]) && group.includes(pair[1])) ?? []) : most;
}

/**
 * How few judgements, and which raters, carry the order of two sources: the fewest whose removal turns them round. Exact
 * where two sources were compared with each other alone, else what a search in the order of influence finds.
 */
export async function fragilityBetween(
  db: Db,
  { projectId, source, opponent, ...look }: Look & { projectId: string; source?: string; opponent?: string },
): Promise<Fragility> {
  const nothing = { leader: null, second: null, removed: null, share: null, exact: false };
  const empty = { ...nothing, votes: 0, whose: [], alone: [], together: null };
  const { question } = await askedQuestion(db, { projectId, questionId: look.questionId });
  if (!question) return { ...empty, reason: "Nothing was compared yet." };
  const comparisons = await readComparisons(db, { ...look, projectId, questionId: question.id });
  const pair: [number, number] | undefined =
    source && opponent
      ? [placeOfSource(comparisons, "source", source), placeOfSource(comparisons, "opponent", opponent)]
      : undefined;
  const group = groupOf(comparisons, pair);
  if (group.length < 2)
    return {
      ...empty,
      reason: pair
        ? `${source} and ${opponent} never met, directly or by others.`
        : "Nothing was compared yet.",
    };
  const met = among(comparisons, group);
  const within: [number, number] | undefined = pair && [group.indexOf(pair[0]), group.indexOf(pair[1])];
  const byVote = fragilityOf(met.votes, within);
  if (!("leader" in byVote)) return { ...empty, votes: met.votes.y.length, reason: byVote.reason };
  const byRater = raterFragilityOf(met.votes, within);
  const { leader, second, rows } = byVote;
  const two = met.sources.length === 2;
  const exact = two ? exactly(met, leader) : null;
  const removed = exact ?? byVote.removed;
  const votesOf = new Map<number, number>();
  for (const row of rows.slice(0, removed ?? 0)) {
    const who = met.votes.rater[row];
    votesOf.set(who, (votesOf.get(who) ?? 0) + 1);
  }
  const names = await namesOf(db, met.raters);
  const named = (place: number) => ({ id: met.raters[place], name: names.get(met.raters[place]) ?? "" });
  return {
    leader: met.sources[leader],
    second: met.sources[second],
    votes: met.votes.y.length,
    removed,
    share: removed === null ? null : removed / met.votes.y.length,
    exact: two && removed !== null,
    whose: [...votesOf]
      .sort(([, one], [, other]) => other - one)
      .map(([place, votes]) => ({ ...named(place), votes })),
    alone: "alone" in byRater ? byRater.alone.map(named) : [],
    together: "together" in byRater ? (byRater.together?.map(named) ?? null) : null,
    ...(byVote.reason && { reason: byVote.reason }),
  };
}

/** Of two sources the least number is known: ties move neither. */
function exactly({ votes }: Comparisons, leader: number): number | null {
  let [won, lost] = [0, 0];
  for (let r = 0; r < votes.y.length; r++) {
    const score = votes.a[r] === leader ? votes.y[r] : 1 - votes.y[r];
    if (score === 1) won++;
    if (score === 0) lost++;
  }
  return fragility(won, lost);
}

async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.select({ id: rater.id, name: rater.name }).from(rater).where(anyOf(rater.id, ids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { peoplesVotes, task } from "../../db/schema";
import { bradleyTerry, elo, type Strengths } from "../statistics/ranking/bradley-terry";
import { componentsOf, strongComponentsOf } from "../statistics/ranking/graph";
import { ranksOf } from "../statistics/ranking/rank";
import { withTies } from "../statistics/ranking/ties";
import { winsOf } from "../statistics/ranking/votes";
import { winMatrix } from "../statistics/ranking/win-matrix";
import { among, askedQuestion, type Comparisons, readComparisons } from "./comparisons";
import type { Leaderboard, Look, Standing } from "./schema";

/** Below this many raters the reader is told how few they are. */
const FEW_RATERS = 5;

/**
 * The ranking of sources by the votes of people on one question: Davidson's strengths with ties as outcomes of their own,
 * for each group of sources that met one another by itself.
 */
export async function leaderboardOf(
  db: Db,
  { projectId, ...look }: Look & { projectId: string },
): Promise<Leaderboard> {
  const { question, questions } = await askedQuestion(db, { projectId, questionId: look.questionId });
  if (!question)
    return {
      ...{ question, questions, languages: [], domains: [], groups: [], votes: 0, prompts: 0, raters: 0 },
      leftOut: { sourceUnknown: 0, sameSource: 0, repeated: 0 },
    };
  const of = { projectId, questionId: question.id };
  const [comparisons, parts] = await Promise.all([readComparisons(db, { ...look, ...of }), partsOf(db, of)]);
  return { question, questions, ...parts, ...rankingOf(comparisons) };
}

/** The ranking that comparisons give. */
function rankingOf(comparisons: Comparisons) {
  const { votes, prompts, raters, leftOut } = comparisons;
  const groups = componentsOf(winsOf(votes), votes.models);
  return {
    ...{ votes: votes.y.length, prompts: prompts.length, raters: raters.length, leftOut },
    groups: groups
      .map((group) => groupOf(among(comparisons, group)))
      .sort((one, other) => other.standings.length - one.standings.length),
  };
}

function groupOf({ sources, votes }: Comparisons): Leaderboard["groups"][number] {
  const cautions: string[] = [];
  const strong = strongComponentsOf(winsOf(votes), votes.models);
  const regularised = strong.length > 1;
  const tied = withTies("davidson", votes);
  const fit: Pick<Strengths, "theta" | "low" | "high" | "errors" | "method" | "reason"> & {
    tie: number | null;
  } =
    regularised || !tied.theta
      ? { ...bradleyTerry(votes, { ridge: 0.5 }), tie: null, low: null, high: null, errors: [] }
      : tied;
  if (regularised) cautions.push(separation(sources, votes));
  else if (fit.reason) cautions.push(fit.reason);
  else if (tied.reason) cautions.push(tied.reason);
  const raters = new Set(votes.rater).size;
  if (raters === 1)
    cautions.push(
      "One rater gave all these votes: the intervals say how that rater judges, not how others would.",
    );
  else if (raters < FEW_RATERS && !regularised)
    cautions.push(
      `${raters} raters gave these votes: the intervals are wide because so few say little of how others would judge.`,
    );
  const ranks = ranksOf({ ...fit, listed: sources.map((_, i) => i) });
  const standings = sources.map(
    (source, i): Standing => ({
      source,
      ...outcomesOf(votes, i),
      ...boundsAt(fit, i),
      rank: ranks.rankByDifference?.[i] ?? null,
      rankAtWorst: ranks.rankAtWorst?.[i] ?? null,
    }),
  );
  const order = [...sources.keys()].sort((i, j) => (standings[j].theta ?? 0) - (standings[i].theta ?? 0));
  const { winRate, low, high, games } = winMatrix(votes);
  const inOrder = <T>(table: readonly (readonly T[])[]) => order.map((i) => order.map((j) => table[i][j]));
  return {
    ...{ method: fit.method, tie: fit.tie, regularised, cautions },
    standings: order.map((i) => standings[i]),
    matrix: {
      sources: order.map((i) => sources[i]),
      winRate: inOrder(winRate),
      low: inOrder(low),
      high: inOrder(high),
      games: inOrder(games),
    },
  };
}

/** θ and its interval, and the same in points. */
export function boundsAt(
  { theta, low, high }: Record<"theta" | "low" | "high", readonly (number | null)[] | null>,
  i: number,
) {
  const points = (value: number | null) => (value === null ? null : elo(value));
  const [at, from, to] = [theta, low, high].map((values) => values?.[i] ?? null);
  return {
    theta: at,
    low: from,
    high: to,
    points: points(at),
    pointsLow: points(from),
    pointsHigh: points(to),
  };
}

function outcomesOf({ a, b, y }: Comparisons["votes"], i: number) {
  const counts = { won: 0, lost: 0, tied: 0 };
  for (let r = 0; r < y.length; r++) {
    if (a[r] !== i && b[r] !== i) continue;
    const score = a[r] === i ? y[r] : 1 - y[r];
    counts[score === 1 ? "won" : score === 0 ? "lost" : "tied"]++;
  }
  return counts;
}

/** Why no finite strengths are most likely, and whose fault it is. */
function separation(sources: readonly string[], votes: Comparisons["votes"]): string {
  const named = (holds: (counts: ReturnType<typeof outcomesOf>) => boolean) =>
    sources.filter((_, i) => holds(outcomesOf(votes, i))).join(", ");
  const unbeaten = named(({ lost, tied }) => lost + tied === 0);
  const winless = named(({ won, tied }) => won + tied === 0);
  const who = [unbeaten && `${unbeaten} never lost`, winless && `${winless} never won`]
    .filter(Boolean)
    .join("; ");
  return `${who || "Some sources never lost, or never won, against all the others"}: how far apart they are cannot be told. The order is drawn to the mean (ridge ½) and has no interval; more comparisons would give one.`;
}

/** Languages and domains of a question's votes, most first. */
async function partsOf(db: Db, { projectId, questionId }: { projectId: string; questionId: string }) {
  const rows = await db.execute<{ language: string | null; domain: string | null; votes: number }>(sql`
    select t.language, t.domain, count(*)::int as votes from ${peoplesVotes} v join ${task} t on t.id = v.task_id
    where v.project_id = ${projectId} and v.question_id = ${questionId} group by 1, 2`);
  const by = (part: "language" | "domain") => {
    const sums = new Map<string, number>();
    for (const row of rows) {
      const value = row[part];
      if (value !== null) sums.set(value, (sums.get(value) ?? 0) + row.votes);
    }
    return [...sums]
      .map(([value, votes]) => ({ value, votes }))
      .sort((one, other) => other.votes - one.votes || (one.value < other.value ? -1 : 1));
  };
  return { languages: by("language"), domains: by("domain") };
}

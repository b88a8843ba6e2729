import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { admitted, annotation, peoplesVotes, project } from "../../db/schema";
import type { HourlyRate } from "../../db/shape/project";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import { numberOf } from "../group";
import { forgetKept } from "../look/kept";
import { votesByQuestion } from "../review/votes";
import { oneWay } from "../statistics/agreement/icc";
import { agreement } from "../statistics/agreement/interval";
import { type Units, unitsOf } from "../statistics/agreement/ratings";
import { itemsForHalfWidth, LEAST_PILOT, promptsFor } from "../statistics/design/power";
import {
  among,
  askedQuestion,
  type Comparisons,
  inSlice,
  placeOfSource,
  readComparisons,
} from "./comparisons";
import type { Look, Plan, planInput } from "./schema";

/** Raters a prompt that a plan is made for. */
const WAYS = [1, 2, 3, 5];

type Pilot = Plan["pilot"];

/**
 * How many prompts and judgements tell a win rate from ½, by raters a prompt, from what the votes so far say of ties and
 * of how alike the votes of one prompt are; with the hours of timed judgements, and what they cost at the project's rate.
 */
export async function planOf(
  db: Db,
  {
    projectId,
    winRate,
    power,
    alpha,
    halfWidth,
    ...look
  }: Look & z.output<typeof planInput> & { projectId: string },
): Promise<Plan> {
  const [{ question }, rate] = await Promise.all([
    askedQuestion(db, { projectId, questionId: look.questionId }),
    rateOf(db, projectId),
  ]);
  const { pilot, shared } = await pilotOf(db, { ...look, projectId, questionId: question?.id });
  const assumed = {
    ties: Math.min(pilot.ties ?? 0, 2 * (1 - winRate)),
    alike: Math.min(1, Math.max(0, pilot.alike.estimate ?? 1)),
  };
  const ways = WAYS.map((raters) => {
    const prompts = promptsFor({ ...assumed, p: winRate, alpha, power, votes: raters });
    const judgements = prompts * raters;
    const hours = pilot.seconds === null ? null : (judgements * pilot.seconds) / 3600;
    return { raters, prompts, judgements, hours, cost: hours === null || !rate ? null : hours * rate.amount };
  });
  const { low, high } = pilot.agreement;
  const half = low === null || high === null ? null : (high - low) / 2;
  return {
    ...{ question, rate, pilot, assumed, ways, cautions: cautionsOf(pilot, { assumed, winRate, rate }) },
    agreement: { prompts: shared, halfWidth: half, wanted: halfWidth, ...neededFor(shared, half, halfWidth) },
  };
}

/** What the votes so far say of a study to come. */
async function pilotOf(
  db: Db,
  {
    source,
    opponent,
    questionId,
    ...look
  }: Look & { projectId: string; source?: string | undefined; opponent?: string | undefined },
): Promise<{ pilot: Pilot; shared: number }> {
  const none = { estimate: null, low: null, high: null, reason: "Nothing was judged yet." };
  if (questionId === undefined) {
    const pilot = { votes: 0, prompts: 0, ties: null, alike: none, agreement: none, seconds: null, timed: 0 };
    return { pilot, shared: 0 };
  }
  const of = { ...look, questionId };
  const [all, times, asked] = await Promise.all([
    readComparisons(db, of),
    timesOf(db, of),
    votesByQuestion(db, look.projectId),
  ]);
  const group =
    source && opponent
      ? [placeOfSource(all, "source", source), placeOfSource(all, "opponent", opponent)]
      : all.sources.map((_, i) => i);
  const chosen = among(all, group);
  const { y, cluster } = chosen.votes;
  const units = scoresOf(chosen);
  const alike = agreement(oneWay(units), units);
  const found = asked.find((each) => each.questionId === questionId)?.agreement;
  return {
    shared: found?.prompts ?? 0,
    pilot: {
      votes: y.length,
      prompts: new Set(cluster).size,
      ties: y.length > 0 ? y.filter((each) => each === 0.5).length / y.length : null,
      alike: boundsOf(alike),
      agreement: found ? boundsOf(found) : none,
      ...times,
    },
  };
}

const boundsOf = ({ estimate, low, high, reason }: Omit<Pilot["alike"], "reason"> & { reason?: string }) => ({
  estimate,
  low,
  high,
  ...(reason && { reason }),
});

/** What a reader has to know of a plan that had to assume something. */
function cautionsOf(
  pilot: Pilot,
  { assumed, winRate, rate }: { assumed: Plan["assumed"]; winRate: number; rate: HourlyRate | null },
): string[] {
  const cautions: string[] = [];
  if (pilot.ties === null) cautions.push("No votes yet: it is reckoned without ties.");
  else if (assumed.ties < pilot.ties)
    cautions.push(
      `With ${Math.round(100 * pilot.ties)} % ties a win rate of ${winRate} cannot be: it is reckoned with the most ties that it can have.`,
    );
  if (pilot.alike.estimate === null)
    cautions.push(
      "Too few pairs were judged by two raters to say how alike their votes are: it is reckoned as if a further rater of a prompt added nothing.",
    );
  if (pilot.seconds === null) cautions.push("No judgement was timed yet: hours are not known.");
  else if (rate === null) cautions.push("No hourly rate is set: what it costs is not known.");
  return cautions;
}

function neededFor(
  prompts: number,
  halfWidth: number | null,
  wanted: number,
): { needed: number | null; reason?: string } {
  if (halfWidth === null)
    return { needed: null, reason: "Agreement has no interval yet: have two raters judge the same pairs." };
  if (prompts < LEAST_PILOT)
    return {
      needed: null,
      reason: `${prompts} prompts that two raters judged are too few to plan from: have ${LEAST_PILOT} judged twice first.`,
    };
  return { needed: itemsForHalfWidth({ items: prompts, halfWidth, wanted }) };
}

/**
 * Scores on two responses by raters: 1 the one whose source sorts first, 0 the other, ½ neither. Pairs of one prompt
 * belong together.
 */
function scoresOf({ votes, responses, raters }: Comparisons): Units {
  const items = new Map<string, number>();
  const prompts = new Map<number, number>();
  const group: number[] = [];
  const rows = responses.map(([one, other], r) => {
    const turned = votes.a[r] > votes.b[r];
    const item = numberOf(items, turned ? `${other} ${one}` : `${one} ${other}`);
    group[item] = numberOf(prompts, votes.cluster[r]);
    return { item, rater: votes.rater[r], value: turned ? 1 - votes.y[r] : votes.y[r] };
  });
  return unitsOf({
    items: items.size,
    raters: raters.length,
    item: Int32Array.from(rows, ({ item }) => item),
    rater: Int32Array.from(rows, ({ rater }) => rater),
    value: Float64Array.from(rows, ({ value }) => value),
    categories: [0, 0.5, 1],
    group: Int32Array.from(group),
  });
}

/** The median time of the judgements behind the votes. */
async function timesOf(
  db: Db,
  { projectId, questionId, ...slice }: Look & { projectId: string; questionId: string },
) {
  const [found] = await db.execute<{ seconds: number | null; timed: number }>(sql`
    select percentile_cont(0.5) within group (order by n.visible_ms) / 1000 as seconds, count(n.visible_ms)::int as timed
    from ${annotation} n join ${admitted} counts on counts.id = n.id
    where n.project_id = ${projectId} and n.visible_ms is not null and exists (
      select from ${peoplesVotes} v where v.annotation_id = n.id and v.question_id = ${questionId} ${inSlice(slice)})`);
  return found;
}

async function rateOf(db: Db, projectId: string): Promise<HourlyRate | null> {
  const [found] = await db
    .select({ rate: project.hourlyRate })
    .from(project)
    .where(eq(project.id, projectId));
  if (!found) throw notFound("The project");
  return found.rate;
}

/** Says what an hour of judging costs, or that nobody knows. */
export async function setRate(
  db: Db,
  actor: Actor,
  { projectId, rate }: { projectId: string; rate: HourlyRate | null },
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await rateOf(tx, projectId);
    await tx.update(project).set({ hourlyRate: rate }).where(eq(project.id, projectId));
    await forgetKept(tx, projectId, "plan");
    await audit(tx, actor, {
      action: "conclusion.setRate",
      target: { kind: "project", id: projectId },
      projectId,
      before: { rate: before },
      after: { rate },
    });
  });
}

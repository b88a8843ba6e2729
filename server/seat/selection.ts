import { and, desc, eq, exists, isNull, ne, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  assignment,
  judge,
  judgeCard,
  judgeVerdict,
  judgeVersion,
  model,
  peoplesVotes,
  project,
  score,
  task,
} from "../../db/schema";
import { judgePolicyFrom } from "../../db/shape/judge";

/** The weight of a task on which the votes agree, or that has none: every task keeps a chance of coming first. */
const UNDISPUTED = 0.05;

/**
 * Puts the open seats of a project into the order that its settings ask for. The order of the responses within a
 * task, and with it the blinding, is none of its business.
 * @returns the number of seats that were placed
 */
export async function orderSeats(db: Db, projectId: string): Promise<number> {
  const selection = await selectionOf(db, projectId);
  switch (selection) {
    case "uncertainty": {
      const versionId = await queueingJudge(db, projectId);
      if (versionId) return draw(db, projectId, judgesUncertainty(versionId));
      const modelId = await newestScorer(db, projectId);
      return draw(db, projectId, modelId ? uncertainty(modelId) : alike);
    }
    case "disagreement":
      return draw(db, projectId, disagreement());
    case "random":
      return draw(db, projectId, alike);
    case "in_order":
      return placeInOrder(db, projectId);
    case undefined:
      return 0;
  }
}

/**
 * After tasks or seats were added, or changed places by hand: draws all open seats anew where a rule draws them, so
 * that new ones stand among the others with a chance on the same scale. Where none does, they stand in order already.
 */
export async function orderNewSeats(db: Db, projectId: string): Promise<void> {
  if ((await selectionOf(db, projectId)) !== "in_order") await orderSeats(db, projectId);
}

async function selectionOf(db: Db, projectId: string) {
  const [home] = await db
    .select({ selection: project.selection })
    .from(project)
    .where(eq(project.id, projectId));
  return home?.selection;
}

/** Every task weighs the same: pure chance, or a model that is yet to score. */
const alike = sql`select id, 1::float8 as u from waiting`;

/** The version of a judge that the project lets order the queue, while it is in use and its card says that it may. */
async function queueingJudge(db: Db, projectId: string): Promise<string | undefined> {
  const [home] = await db.select({ judges: project.judges }).from(project).where(eq(project.id, projectId));
  const { queueBy } = judgePolicyFrom(home?.judges ?? null);
  if (queueBy === null) return undefined;
  const [found] = await db
    .select({ id: judgeCard.versionId })
    .from(judgeCard)
    .innerJoin(judgeVersion, eq(judgeVersion.id, judgeCard.versionId))
    .innerJoin(judge, and(eq(judge.id, judgeVersion.judgeId), isNull(judge.archivedAt)))
    .where(
      and(eq(judgeCard.versionId, queueBy), eq(judgeCard.projectId, projectId), ne(judgeCard.role, "advise")),
    );
  return found?.id;
}

/** The newest reward model that has scored something. */
async function newestScorer(db: Db, projectId: string): Promise<string | undefined> {
  const scores = db.select({ one: sql`1` }).from(score).where(eq(score.modelId, model.id));
  const [newest] = await db
    .select({ id: model.id })
    .from(model)
    .where(and(eq(model.projectId, projectId), isNull(model.archivedAt), exists(scores)))
    .orderBy(desc(model.createdAt))
    .limit(1);
  return newest?.id;
}

/**
 * How unsure something is of each task, and a third of the average on top: a quarter of what comes first is drawn by
 * chance alone, whatever it is sure of, so that estimates can be weighted back. A task of which nothing is known weighs as
 * much as the average of the others: it neither jumps the queue nor waits.
 * @param scored rows of `id` and `unsure`
 */
const orChance = (scored: SQL): SQL => sql`
  select id, coalesce(unsure, average, 0) + coalesce(nullif(average, 0) / 3, 1) as u
  from (select id, unsure, avg(unsure) over () as average from (${scored}) scored) averaged`;

/** Σ p(1−p) over the pairs of a task, with p = σ(rₐ − r_b) by a reward model. */
const uncertainty = (modelId: string): SQL =>
  orChance(sql`
    select w.id, sum(p.p * (1 - p.p)) as unsure
    from waiting w
    left join lateral (
      select 1 / (1 + exp(least(50, greatest(-50, sb.reward - sa.reward)))) as p
      from score sa join score sb on sa.response_id < sb.response_id
      where sa.model_id = ${modelId} and sb.model_id = ${modelId}
        and sa.response_id = any(w.response_ids) and sb.response_id = any(w.response_ids)
    ) p on true
    group by w.id`);

/**
 * p(1−p), with p the mean over a judge's orders and samples of how probable it is that the first of two responses is the
 * better: where its orders disagree p is ½. Of more responses a judge says no such p.
 */
const judgesUncertainty = (versionId: string): SQL =>
  orChance(sql`
    select w.id, avg(v.p) * (1 - avg(v.p)) as unsure
    from waiting w left join ${judgeVerdict} v on v.task_id = w.id and v.version_id = ${versionId} and v.wording = 0
    group by w.id`);

/**
 * uᵢ = 0.05 + the mean over a task's pairs of 1 − Σ s², with s the shares of the outcomes among the votes.
 * @param without an annotation whose votes do not count
 */
const disagreement = (without: string | null = null): SQL => sql`
  select w.id, ${UNDISPUTED}::float8 + coalesce(avg(pair.split), 0) as u
  from waiting w
  left join lateral (
    select 1 - sum((o.votes / o.of) ^ 2) as split
    from (
      select p.question_id, p.response_a, p.response_b, count(*)::float8 as votes,
        sum(count(*)) over (partition by p.question_id, p.response_a, p.response_b)::float8 as of
      from ${peoplesVotes} p
      where p.task_id = w.id and p.annotation_id is distinct from ${without}::uuid
      group by p.question_id, p.response_a, p.response_b, p.outcome
    ) o
    group by o.question_id, o.response_a, o.response_b
  ) pair on true
  group by w.id`;

/** The logarithm of a waiting time with rate 1, by chance. */
const luck = sql`ln(-ln(random() * (1 - 1e-12) + 1e-13))`;

/** A Gumbel key, the highest first, as a whole number: a task that is drawn anew finds its place among the others. */
const placeOf = (chance: SQL, drawnLuck: SQL = luck): SQL =>
  sql`round(1e9 * (${drawnLuck} - ln(${chance} + 1e-12)))::bigint`;

/** Tasks that somebody may still be given. */
const waiting = (of: SQL) => sql`waiting as (
  select ${task.id} as id, ${task.responseIds} as response_ids, ${task.priority} as priority from ${task}
  where ${of} and exists (select from ${assignment}
    where ${assignment.taskId} = ${task.id} and ${assignment.status} = 'open' and not apart)
)`;

/**
 * Draws an order of the tasks with open seats: task i comes before others with probability proportional to uᵢ, by
 * Gumbel keys (Vieira 2014, "Gumbel-max trick and weighted reservoir sampling"). uᵢ/Σu, the chance of being drawn
 * first among the tasks of the same priority, is kept on the open seats. Seats that are taken keep theirs, and with
 * them the judgements, so that estimates can be weighted back: e^(place/10⁹) is exponential with the rate of that chance.
 */
async function draw(db: Db, projectId: string, weights: SQL): Promise<number> {
  const moved = await db.execute<{ id: string }>(sql`
    with ${waiting(sql`${task.projectId} = ${projectId}`)}, weighted as (${weights}), chances as (
      select id, u / sum(u) over (partition by priority) as probability from weighted join waiting using (id)
    ), drawn as (select id, probability, ${placeOf(sql`probability`)} as place from chances)
    update ${assignment} set position = drawn.place, selection_probability = drawn.probability, drawn_at = now() from drawn
    where ${assignment.taskId} = drawn.id and ${assignment.status} = 'open'
    returning ${assignment.id}`);
  return moved.length;
}

/** After a new vote, where the project asks for what is disputed: draws the task's open seats anew. */
export async function placeAfterVote(
  db: Db,
  { annotationId, ...of }: { projectId: string; taskId: string; annotationId: string },
): Promise<void> {
  await placeAnew(db, of, disagreement(annotationId));
}

/** Takes votes back or changes them, and draws the task's open seats anew where the project asks for what is disputed. */
export async function placeAfter<Result>(
  tx: Db,
  of: { projectId: string; taskId: string; selection: (typeof project.$inferSelect)["selection"] },
  change: () => Promise<Result>,
): Promise<Result> {
  if (of.selection !== "disagreement") return change();
  const [before] = await tx.execute<{ u: number }>(
    sql`with waiting as (select ${of.taskId}::uuid as id) ${disagreement()}`,
  );
  const result = await change();
  await placeAnew(tx, of, sql`select id, ${before?.u}::float8 as u from waiting`);
  return result;
}

/**
 * Draws a task's open seats anew with what its votes say now, and leaves all others where they are. A task that came
 * after the last draw has all drawn.
 * @param before the task's u with the votes that were known at its last draw
 */
async function placeAnew(
  db: Db,
  { projectId, taskId }: { projectId: string; taskId: string },
  before: SQL,
): Promise<void> {
  const [placed] = await db.execute<{ isNew: boolean }>(sql`
    with ${waiting(sql`${task.id} = ${taskId}`)}, votes_now as (${disagreement()}), votes_before as (${before}),
    drawn as (
      select id, v.u / o.u as ratio, ${luck} as luck
      from waiting join votes_now v using (id) join votes_before o using (id)
    ), moved as (
      update ${assignment} set drawn_at = null,
        position = ${placeOf(sql`coalesce(selection_probability, 1) * ratio`, sql`luck`)},
        selection_probability = selection_probability * ratio / (1 + selection_probability * (ratio - 1))
      from drawn where ${assignment.taskId} = drawn.id and ${assignment.status} = 'open'
      returning selection_probability is null as "isNew"
    )
    select "isNew" from moved limit 1`);
  if (placed?.isNew) await orderSeats(db, projectId);
}

/** Gives the open seats the place of their task; no rule chose them. */
async function placeInOrder(db: Db, projectId: string): Promise<number> {
  const moved = await db.execute<{ id: string }>(sql`
    update ${assignment} set position = ${task.position}, selection_probability = null, drawn_at = null from ${task}
    where ${assignment.taskId} = ${task.id} and ${task.projectId} = ${projectId} and ${assignment.status} = 'open'
    returning ${assignment.id}`);
  return moved.length;
}

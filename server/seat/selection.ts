import { and, desc, eq, exists, isNull, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, model, peoplesVotes, project, score, task } from "../../db/schema";

/** The weight of a task on which the votes agree, or that has none: every task keeps a chance of coming first. */
const UNDISPUTED = 0.05;

/**
 * Puts the open seats of a project into the order that its settings ask for. The order of the responses within a
 * task, and with it the blinding, is none of its business.
 * @returns the number of seats that were placed
 */
export async function orderSeats(db: Db, projectId: string): Promise<number> {
  const [home] = await db
    .select({ selection: project.selection })
    .from(project)
    .where(eq(project.id, projectId));
  switch (home?.selection) {
    case "uncertainty": {
      const modelId = await newestScorer(db, projectId);
      return modelId ? draw(db, projectId, uncertainty(modelId)) : 0;
    }
    case "disagreement":
      return draw(db, projectId, disagreement());
    case "random":
      return place(db, projectId, sql`floor(random() * 1e15)::bigint`);
    case "in_order":
      return place(db, projectId, sql`${task.position}`);
    case undefined:
      return 0;
  }
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

/** uᵢ = Σ p(1−p) over the pairs of a task, with p = σ(rₐ − r_b) by a reward model. */
const uncertainty = (modelId: string): SQL => sql`
  select w.id, sum(p.p * (1 - p.p)) as u
  from waiting w
  join lateral (
    select 1 / (1 + exp(least(50, greatest(-50, sb.reward - sa.reward)))) as p
    from score sa join score sb on sa.response_id < sb.response_id
    where sa.model_id = ${modelId} and sb.model_id = ${modelId}
      and sa.response_id = any(w.response_ids) and sb.response_id = any(w.response_ids)
  ) p on true
  group by w.id`;

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

/** A Gumbel key, the highest first, as a whole number: a task that is drawn anew finds its place among the others. */
const placeOf = (weight: SQL): SQL =>
  sql`round(-1e9 * (ln(${weight} + 1e-12) - ln(-ln(random() * (1 - 1e-12) + 1e-13))))::bigint`;

/**
 * Draws an order of the tasks with open seats: task i comes before others with probability proportional to uᵢ, by
 * Gumbel keys (Vieira 2014, "Gumbel-max trick and weighted reservoir sampling"). uᵢ/Σu, the chance of being drawn
 * first, is kept on the task so that estimates can be weighted back.
 */
async function draw(db: Db, projectId: string, weights: SQL): Promise<number> {
  const moved = await db.execute<{ id: string }>(sql`
    with waiting as (
      select distinct t.id, t.response_ids from task t join assignment a on a.task_id = t.id
      where t.project_id = ${projectId} and a.status = 'open'
    ), weighted as (${weights}), drawn as (
      select id, u / sum(u) over () as probability, ${placeOf(sql`u`)} as place from weighted
    ), kept as (
      update task set selection_probability = drawn.probability from drawn where task.id = drawn.id
    )
    update assignment set position = drawn.place from drawn
    where assignment.task_id = drawn.id and assignment.status = 'open'
    returning assignment.id`);
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
    with waiting as (
      select t.id, t.response_ids, t.selection_probability as p from task t
      where t.id = ${taskId} and exists (select from assignment a where a.task_id = t.id and a.status = 'open')
    ), votes_now as (${disagreement()}), votes_before as (${before}), drawn as (
      select w.id, w.p, v.u / o.u as ratio, ${placeOf(sql`v.u`)} as place
      from waiting w join votes_now v using (id) join votes_before o using (id)
    ), kept as (
      update task set selection_probability = d.p * d.ratio / (1 + d.p * (d.ratio - 1))
      from drawn d where task.id = d.id
    ), moved as (
      update assignment set position = drawn.place from drawn
      where assignment.task_id = drawn.id and assignment.status = 'open'
    )
    select p is null as "isNew" from drawn`);
  if (placed?.isNew) await orderSeats(db, projectId);
}

/** Gives the open seats a place by their task alone; no rule chose them. */
async function place(db: Db, projectId: string, at: SQL): Promise<number> {
  const moved = await db.execute<{ id: string }>(sql`
    with placed as (
      select ${task.id} as id, ${at} as place from ${task}
      where ${task.projectId} = ${projectId}
        and exists (select 1 from ${assignment} a where a.task_id = ${task.id} and a.status = 'open')
    ), kept as (
      update ${task} set selection_probability = null from placed where ${task.id} = placed.id
    )
    update assignment set position = placed.place from placed
    where assignment.task_id = placed.id and assignment.status = 'open'
    returning assignment.id`);
  return moved.length;
}

import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { admitted, annotation, assignment, mark, pair, prompt, rater, task } from "../../db/schema";
import { excerpt } from "../content/list";
import { endOf } from "../cursor";
import { kindOf, type Question } from "../form/schema";
import { currentForm } from "../form/versions";
import type { Disagreement } from "./schema";

/** Ratings of one thing are agreed on while they lie within this share of their scale: 3 and 4 of five, not 3 and 5. */
const CLOSE = 0.25;

const ofPeople = sql`rater_kind <> 'model'`;

/**
 * What raters differ on in answers to one question, a row each: its task, how many answered, how many of them gave the
 * most frequent answer, and the expected loss of leaving it as it is (see `disputes`).
 */
function disputed(question: Question, projectId: string): SQL[] {
  const { id, required } = question;
  return kindOf(question.type)
    .scales(question)
    .flatMap((scale) => {
      if (scale.by === "pairs")
        return sql`
          select ${pair.taskId} as task_id, ${pair.votes} as n,
            greatest(${pair.a}, ${pair.b}, ${pair.tie}, ${pair.bothBad}) as most,
            ${wrong(sql`greatest(${pair.a}, ${pair.b}, ${pair.tie}, ${pair.bothBad})`, sql`${pair.votes}`, scale.outcomes.length)} as loss
          from ${pair}
          where ${pair.projectId} = ${projectId} and ${pair.questionId} = ${id} and ${pair.agreement} < 1`;
      // Whoever leaves open what need not be answered disagrees with nobody.
      if (!required) return [];
      const marks = sql`from ${mark} where project_id = ${projectId} and question_id = ${id} and ${ofPeople}`;
      if (scale.by === "points") {
        const [low, high] = [Math.min(...scale.points), Math.max(...scale.points)];
        const range = high - low;
        return sql`
          select task_id, n, most, (off + (power(middle - ${low}, 2) + power(${high} - middle, 2)) / (2 * ${range}::float8))
            / ((n + 1) * ${range}::float8) as loss
          from (
            select task_id, array_agg(value) as given, count(*) as n, percentile_cont(0.5) within group (order by value) as middle
            ${marks} and item = ${scale.attribute} group by task_id, response_id
            having max(value) - min(value) > ${CLOSE * range}
          ) rated cross join lateral (
            select sum(times * abs(value - middle)) as off, max(times) as most
            from (select value, count(*) as times from unnest(given) value group by value) counted
          ) spread`;
      }
      if (scale.multiple)
        return sql`
          select task_id, n, greatest(ticked, n - ticked) as most, ${wrong(sql`greatest(ticked, n - ticked)`, sql`n`, 2)} as loss
          from (select task_id, count(*) as ticked ${marks} group by task_id, response_id, item) chosen
          join (select ${admitted.taskId} as task_id, count(*) as n from ${admitted}
            where ${admitted.projectId} = ${projectId} and not ${admitted.isAdjudication} and ${admitted.raterKind} <> 'model'
            group by 1) judged using (task_id)
          where ticked < n`;
      return sql`
        select task_id, n, most, ${wrong(sql`most`, sql`n`, scale.options.length)} as loss
        from (
          select task_id, sum(times) as n, max(times) as most
          from (select task_id, response_id, item, count(*) as times ${marks} group by 1, 2, 3) counted
          group by task_id, response_id
        ) chosen where most < n`;
    });
}

/** How probable it is that the most frequent of `n` answers is not the right one. */
const wrong = (most: SQL, n: SQL, categories: number): SQL =>
  sql`1 - (${most} + ${1 / categories}::float8) / (${n} + 1)`;

interface Asked {
  projectId: string;
  /** Who would decide: what they judged themselves is none of theirs. */
  personId: string;
}

/**
 * The queue as `with … queue as (task_id, votes, agreement, gain)`. Each reason to leave a task out is a condition of its
 * own within the project, and has an index: taken together the planner reads all judgements for them.
 */
async function queueOf(db: Db, { projectId, personId }: Asked): Promise<SQL> {
  const { questions } = await currentForm(db, projectId);
  const parts = questions.flatMap((question) => disputed(question, projectId));
  const none = sql`select null::uuid as task_id, 0 as n, 0 as most, 0::float8 as loss where false`;
  return sql`
    with disputed (task_id, n, most, loss) as (${sql.join(parts.length > 0 ? parts : [none], sql` union all `)}),
    queue as (
      select task_id, max(n)::int as votes, min(most::float8 / n) as agreement, sum(loss)::float8 as gain
      from disputed
      where not exists (select from ${assignment} where ${assignment.projectId} = ${projectId}
          and ${assignment.taskId} = disputed.task_id and ${assignment.status} in ('open', 'leased', 'returned'))
        and not exists (select from ${annotation} where ${annotation.projectId} = ${projectId}
          and ${annotation.taskId} = disputed.task_id and current and ${annotation.origin} = 'adjudication')
        and not exists (select from ${annotation} where ${annotation.taskId} = disputed.task_id and current
          and ${annotation.raterId} in (select ${rater.id} from ${rater}
            where ${rater.projectId} = ${projectId} and ${rater.personId} = ${personId}))
      group by task_id
    )`;
}

/**
 * Tasks that all wanted raters have judged, that they differ on, and that nobody has decided yet: what is gained most by
 * a decision first, one page after `cursor`. What they agree on is no part of it, and no task on which they agree.
 *
 * The gain of a decision is the expected value of perfect information: how much is expected to be wrong if the votes
 * stand as they are, summed over all that the task's answers state, so that a ranking of five with six disputed pairs
 * comes before one pair. Of n votes with one more spread evenly over what could have been said (a Dirichlet prior of
 * weight one):
 * - a pair, one option of several: the probability that the most frequent answer is not the right one,
 *   1 − (n_max + 1/C) / (n + 1), with C possible answers;
 * - several options: the same for each, ticked or not;
 * - a rating: the expected distance from the median, as a share of the scale. Ratings within a quarter of the scale
 *   count as agreed.
 * Texts and edits are no votes: nobody writes the same twice. Such a task can be decided by its address.
 */
export async function disputes(
  db: Db,
  { cursor, limit, ...asked }: Asked & { cursor?: string; limit: number },
): Promise<{ items: Disagreement[]; total: number; nextCursor: string | null }> {
  const end = cursor === undefined ? undefined : endOf(cursor);
  const after = end
    ? sql`where (queue.gain, queue.task_id) < (${end.value}::float8, ${end.id}::uuid)`
    : sql``;
  const rows = await db.execute<
    Omit<Disagreement, "lastSubmittedAt"> & {
      lastSubmittedAt: string;
      total: number;
      [column: string]: unknown;
    }
  >(sql`
    ${await queueOf(db, asked)}
    select queue.task_id as "taskId", ${task.promptId} as "promptId", ${excerpt} as prompt,
      ${task.language} as language, ${task.domain} as domain, queue.votes, queue.agreement, queue.gain,
      (select max(${annotation.submittedAt}) from ${annotation} where ${annotation.taskId} = queue.task_id and current
        and ${annotation.origin} <> 'model') as "lastSubmittedAt", queue.total
    from (
      select *, (select count(*)::int from queue) as total from queue
      ${after} order by gain desc, task_id desc limit ${limit}
    ) queue join ${task} on ${task.id} = queue.task_id join ${prompt} on ${prompt.id} = ${task.promptId}
    order by queue.gain desc, queue.task_id desc`);
  const last = rows.length === limit ? rows[rows.length - 1] : undefined;
  return {
    items: rows.map(({ total: _, lastSubmittedAt, ...row }) => ({
      ...row,
      lastSubmittedAt: new Date(lastSubmittedAt),
    })),
    total: rows[0]?.total ?? 0,
    nextCursor: last ? `${last.gain}_${last.taskId}` : null,
  };
}

/** The same queue for whoever will decide blind: which tasks, and nothing of how the votes stand. */
export async function undecided(
  db: Db,
  { limit, ...asked }: Asked & { limit: number },
): Promise<{ taskIds: string[]; total: number }> {
  const rows = await db.execute<{ taskId: string; total: number }>(sql`
    ${await queueOf(db, asked)}
    select task_id as "taskId", count(*) over ()::int as total from queue order by gain desc, task_id desc limit ${limit}`);
  return { taskIds: rows.map(({ taskId }) => taskId), total: rows[0]?.total ?? 0 };
}

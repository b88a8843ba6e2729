import { and, eq, ne, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, curation, gold, pair, prompt, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { noteSeen } from "../blindness/seen";
import { excerpt } from "../content/list";
import { endOf } from "../cursor";
import { conflict, forbidden, invalid, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { answerProblems } from "../form/answers";
import type { Answers } from "../form/schema";
import { currentForm } from "../form/versions";
import { factsOf } from "../judgement/facts";
import { retire } from "../judgement/retire";
import { storeJudgements } from "../judgement/store";
import { raterOf } from "../rater/rater";

interface Disagreement {
  taskId: string;
  promptId: string;
  prompt: string;
  language: string | null;
  domain: string | null;
  votes: number;
  agreement: number;
  lastSubmittedAt: Date;
}

/**
 * Tasks that all wanted raters have judged, where they disagree on a pair, and that nobody has adjudicated yet: least
 * agreed first, one page after `cursor`.
 */
export async function disagreements(
  db: Db,
  { projectId, cursor, limit }: { projectId: string; cursor?: string; limit: number },
): Promise<{ items: Disagreement[]; total: number; nextCursor: string | null }> {
  const queue = sql`
    with disputed as (
      select ${pair.taskId} as task_id, max(${pair.votes}) as votes, min(${pair.agreement}) as agreement from ${pair}
      where ${pair.projectId} = ${projectId} and ${pair.agreement} < 1 group by ${pair.taskId}
    ), queue as (
      select * from disputed
      where not exists (select from ${assignment} where ${assignment.taskId} = disputed.task_id
          and ${assignment.status} in ('open', 'leased', 'returned'))
        and not exists (select from ${annotation} where ${annotation.taskId} = disputed.task_id
          and ${annotation.origin} = 'adjudication' and current)
    )`;
  const end = cursor === undefined ? undefined : endOf(cursor);
  const after = end
    ? sql`where (queue.agreement, queue.task_id) > (${end.value}::float8, ${end.id}::uuid)`
    : sql``;
  const rows = await db.execute<
    Record<keyof Disagreement, string> & { total: number; agreement: number }
  >(sql`
    ${queue}
    select queue.task_id as "taskId", ${task.promptId} as "promptId", ${excerpt} as prompt,
      ${task.language} as language, ${task.domain} as domain, queue.votes, queue.agreement,
      (select max(${annotation.submittedAt}) from ${annotation} where ${annotation.taskId} = queue.task_id and current)
        as "lastSubmittedAt",
      (select count(*)::int from queue) as total
    from queue join ${task} on ${task.id} = queue.task_id join ${prompt} on ${prompt.id} = ${task.promptId}
    ${after} order by queue.agreement, queue.task_id limit ${limit}`);
  const last = rows.length === limit ? rows[rows.length - 1] : undefined;
  return {
    items: rows.map(({ total: _, votes, lastSubmittedAt, ...row }) => ({
      ...row,
      votes: Number(votes),
      lastSubmittedAt: new Date(lastSubmittedAt),
    })),
    total: rows[0]?.total ?? 0,
    nextCursor: last ? `${last.agreement}_${last.taskId}` : null,
  };
}

/** Decides a task. The decision takes no seat; a later one replaces it, and both are kept. */
export async function adjudicate(
  db: Db,
  actor: Actor,
  {
    projectId,
    taskId,
    personId,
    answers,
    reason,
  }: { projectId: string; taskId: string; personId: string; answers: Answers; reason: string },
): Promise<{ annotationId: string }> {
  return db.transaction(async (tx) => {
    const [decided] = await tx
      .select()
      .from(task)
      .where(and(eq(task.id, taskId), eq(task.projectId, projectId)))
      .for("no key update");
    if (!decided) throw notFound("The task");
    if ((await tx.$count(gold, eq(gold.taskId, taskId))) > 0)
      throw conflict("The answer to this task is known: it is a gold item. Change the item instead.");
    const form = await currentForm(tx, projectId);
    const problems = answerProblems(form.questions, decided.responseIds.length, answers);
    if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
    const earlier = await tx
      .select({ id: annotation.id, revision: annotation.revision })
      .from(annotation)
      .where(
        and(
          eq(annotation.taskId, taskId),
          eq(annotation.origin, "adjudication"),
          eq(annotation.current, true),
        ),
      );
    await retire(tx, { annotationIds: earlier.map(({ id }) => id), withdrawn: false });
    const raterId = await raterOf(tx, { projectId, personId });
    const own = and(
      eq(annotation.taskId, taskId),
      eq(annotation.raterId, raterId),
      ne(annotation.origin, "adjudication"),
      eq(annotation.current, true),
    );
    if ((await tx.$count(annotation, own)) > 0)
      throw forbidden("You have judged this task yourself: somebody else has to decide it.");
    // Whoever decides has seen the votes, and takes no seat of the task any more.
    await noteSeen(tx, { personId, shown: [{ taskId }] });
    const { promptId, responseIds } = decided;
    const { questions } = form;
    const [annotationId] = await storeJudgements(tx, {
      projectId,
      judgements: [
        {
          taskId,
          promptId,
          raterId,
          assignmentId: null,
          origin: "adjudication",
          revision: (earlier[0]?.revision ?? 0) + 1,
          answers,
          facts: factsOf({ questions, answers, order: null, responseIds }),
          // Everything is shown to whoever decides, in canonical order.
          order: responseIds.map((_, index) => index),
          formVersionId: form.id,
          submittedAt: new Date(),
        },
      ],
    });
    await tx
      .insert(curation)
      .values({ projectId, taskId, annotationId, action: "adjudicate", reason, personId: actor.personId });
    await audit(tx, actor, {
      action: "review.adjudicate",
      target: { kind: "task", id: taskId },
      projectId,
      after: { annotationId, answers, reason },
    });
    projectChanged(db, projectId);
    return { annotationId };
  });
}

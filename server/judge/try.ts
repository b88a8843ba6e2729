import { and, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { admitted, prompt, task } from "../../db/schema";
import type { Actor } from "../audit/audit";
import { excerpt } from "../content/list";
import type { Answer, Question } from "../form/schema";
import { groupBy } from "../group";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { draftOf } from "./judge";
import { storedAnswer } from "./record";
import { estimateFor } from "./run";
import { type JudgeDraft, type JudgeEstimate, type JudgeTry, judgeFilterSchema, TEN } from "./schema";

/** Tasks that people have judged, ten at most: what a rubric is tried on. */
export const triedOn = (seed: number) => judgeFilterSchema.parse({ judged: "by_people", limit: TEN, seed });

/** What a try of settings would take, before it begins. */
export async function estimateTry(
  db: Db,
  { projectId, settings, seed }: JudgeDraft & { projectId: string },
): Promise<JudgeEstimate> {
  const version = await draftOf(db, { projectId, settings });
  return estimateFor(db, { version, projectId, filter: triedOn(seed) });
}

/**
 * Queues a try of settings on ten items that people judged: replies and verdicts are its result, and no judgement.
 * @throws BAD_REQUEST where its model cannot answer the question in the form that is asked for
 */
export async function startTry(
  db: Db,
  actor: Actor,
  { projectId, ...spec }: JudgeTry & { projectId: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const version = await draftOf(tx, { projectId, settings: spec.settings });
    return queueRun(tx, actor, {
      projectId,
      kind: "judge_try",
      title: "Try a rubric",
      spec,
      requirements: version.model ? { engine: "onnx" } : {},
    });
  });
}

/** What people answered to a question on tasks, and how their prompts begin. */
export async function besideDraft(
  db: Db,
  { question, taskIds }: { question: Question; taskIds: readonly string[] },
): Promise<Map<string, { excerpt: string; people: Answer[] }>> {
  if (taskIds.length === 0) return new Map();
  const prompts = await db
    .select({ taskId: task.id, excerpt })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(inArray(task.id, [...taskIds]));
  const rows = await db
    .select({ taskId: admitted.taskId, answers: admitted.answers })
    .from(admitted)
    .where(
      and(
        inArray(admitted.taskId, [...taskIds]),
        eq(admitted.isAdjudication, false),
        sql`${admitted.raterKind} <> 'model'`,
      ),
    )
    .orderBy(admitted.id);
  const given = groupBy(rows, ({ taskId }) => taskId);
  return new Map(
    prompts.map(({ taskId, excerpt }) => [
      taskId,
      {
        excerpt,
        people: (given.get(taskId) ?? []).flatMap(({ answers }) => {
          const answer = answers[question.id];
          return answer ? [storedAnswer(question, answer)] : [];
        }),
      },
    ]),
  );
}

import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, isToJudge, project, prompt, rater, response, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { taskKey } from "../content/keys";
import { promptsWhere } from "../content/list";
import { conflict, invalid, notFound } from "../errors";
import { isAsked, type Question } from "../form/schema";
import { currentForm } from "../form/versions";
import { groupBy } from "../group";
import { forgetPlaces } from "../seat/place";
import { orderNewSeats } from "../seat/selection";
import { insertTasks, type NewTask } from "./insert";
import type { CreateTasks } from "./schema";

/** Prompts read and tasks written at a time. */
const BATCH = 2000;

/** Makes tasks from prompts. Tasks with the same responses that are there already are left as they are. */
export async function createTasks(
  db: Db,
  actor: Actor,
  { projectId, ...input }: CreateTasks & { projectId: string },
): Promise<{ created: number; existing: number }> {
  return db.transaction(async (tx) => {
    const [settings] = await tx.select().from(project).where(eq(project.id, projectId));
    if (!settings) throw notFound("The project");
    const { questions } = await currentForm(tx, projectId);
    if (input.raterIds) await requireRaters(tx, { projectId, raterIds: input.raterIds });
    const counts = { created: 0, existing: 0 };
    let after: string | undefined;
    for (;;) {
      const prompts = await readPrompts(tx, { ...input, projectId, after });
      if (prompts.length === 0) break;
      after = prompts[prompts.length - 1].id;
      const tasks = prompts.flatMap((found) => tasksOf(found, input, settings.overlap, questions));
      const made = await insertTasks(tx, { projectId, tasks });
      counts.created += made.size;
      counts.existing += tasks.length - made.size;
    }
    if (counts.created + counts.existing === 0)
      throw invalid(
        "No task can be made: no prompt matches, or none has the responses that the form's required questions ask about.",
      );
    await orderNewSeats(tx, projectId);
    await audit(tx, actor, {
      action: "task.create",
      target: { kind: "project", id: projectId },
      projectId,
      after: { ...input, ...counts },
    });
    forgetPlaces();
    return counts;
  });
}

interface PromptToJudge {
  id: string;
  key: string;
  language: string | null;
  domain: string | null;
  responses: { id: string; key: string }[];
}

async function readPrompts(
  tx: Db,
  { projectId, promptIds, filter, after }: CreateTasks & { projectId: string; after?: string },
): Promise<PromptToJudge[]> {
  const prompts = await tx
    .select({ id: prompt.id, key: prompt.key, language: prompt.language, domain: prompt.domain })
    .from(prompt)
    .where(
      and(
        await promptsWhere(tx, { ...filter, projectId }),
        promptIds ? inArray(prompt.id, promptIds) : undefined,
        after ? gt(prompt.id, after) : undefined,
      ),
    )
    .orderBy(asc(prompt.id))
    .limit(BATCH);
  const responses = await tx
    .select({ id: response.id, key: response.key, promptId: response.promptId })
    .from(response)
    .where(
      inArray(
        response.promptId,
        prompts.map(({ id }) => id),
      ),
    )
    .orderBy(asc(response.id));
  const byPrompt = groupBy(responses, ({ promptId }) => promptId);
  return prompts.map((found) => ({ ...found, responses: byPrompt.get(found.id) ?? [] }));
}

function tasksOf(
  found: PromptToJudge,
  { grouping, responseIds, overlap, priority, raterIds, language, domain }: CreateTasks,
  projectOverlap: number,
  questions: readonly Question[],
): NewTask[] {
  const chosen = responseIds
    ? responseIds.map((id) => {
        const reply = found.responses.find((response) => response.id === id);
        if (!reply) throw notFound(`The response ${id} of this prompt`);
        return reply;
      })
    : found.responses;
  const groups = grouping === "pairs" && !responseIds ? pairsOf(chosen) : [chosen];
  return groups
    .filter((group) =>
      questions.some((question) => question.required && isAsked(question, group.length, questions)),
    )
    .map((group) => ({
      promptId: found.id,
      key: taskKey(
        found.key,
        group.map(({ key }) => key),
      ),
      responseIds: group.map(({ id }) => id),
      overlap: raterIds?.length ?? overlap ?? projectOverlap,
      priority,
      language: language ?? found.language,
      domain: domain ?? found.domain,
      reservedFor: raterIds,
    }));
}

const pairsOf = <T>(items: readonly T[]): T[][] =>
  items.flatMap((first, index) => items.slice(index + 1).map((second) => [first, second]));

async function requireRaters(
  tx: Db,
  { projectId, raterIds }: { projectId: string; raterIds: readonly string[] },
): Promise<void> {
  const different = [...new Set(raterIds)];
  if (different.length < raterIds.length)
    throw invalid("A rater is named twice; nobody judges a task twice.");
  const found = await tx.$count(rater, and(eq(rater.projectId, projectId), inArray(rater.id, different)));
  if (found < different.length) throw notFound("One of the raters");
}

interface SomeTasks {
  projectId: string;
  taskIds: readonly string[];
}

/** Locks the tasks and refuses ids that are not of this project, or of gold items, which nobody waits for. */
async function lockTasks(tx: Db, { projectId, taskIds }: SomeTasks): Promise<void> {
  const found = await tx
    .select({ id: task.id })
    .from(task)
    .where(and(eq(task.projectId, projectId), inArray(task.id, [...taskIds]), isToJudge))
    .orderBy(asc(task.id))
    .for("no key update");
  if (found.length < new Set(taskIds).size) throw notFound("One of the tasks");
}

/** Seats with a higher priority are given out first. */
export async function setPriority(
  db: Db,
  actor: Actor,
  { projectId, taskIds, priority }: SomeTasks & { priority: number },
): Promise<{ tasks: number }> {
  return db.transaction(async (tx) => {
    await lockTasks(tx, { projectId, taskIds });
    await tx
      .update(task)
      .set({ priority })
      .where(inArray(task.id, [...taskIds]));
    await tx
      .update(assignment)
      .set({ priority })
      .where(inArray(assignment.taskId, [...taskIds]));
    await orderNewSeats(tx, projectId);
    await audit(tx, actor, {
      action: "task.setPriority",
      target: { kind: "project", id: projectId },
      projectId,
      after: { taskIds, priority },
    });
    forgetPlaces();
    return { tasks: taskIds.length };
  });
}

/** Reserves the open seats of tasks, one for each named rater; without names, opens reserved seats to everybody. */
export async function reserveSeats(
  db: Db,
  actor: Actor,
  { projectId, taskIds, raterIds }: SomeTasks & { raterIds: readonly string[] },
): Promise<{ tasks: number }> {
  return db.transaction(async (tx) => {
    await lockTasks(tx, { projectId, taskIds });
    await requireRaters(tx, { projectId, raterIds });
    const open = and(inArray(assignment.taskId, [...taskIds]), eq(assignment.status, "open"));
    const seats = await tx
      .select({ id: assignment.id, taskId: assignment.taskId })
      .from(assignment)
      .where(open)
      .orderBy(asc(assignment.id))
      .for("update");
    await tx.update(assignment).set({ reservedFor: null }).where(open);
    const byTask = groupBy(seats, ({ taskId }) => taskId);
    const short = taskIds.filter((id) => (byTask.get(id)?.length ?? 0) < raterIds.length);
    if (short.length > 0)
      throw conflict(`${short.length} of the tasks have fewer than ${raterIds.length} open seats.`);
    for (const [index, raterId] of raterIds.entries())
      await tx
        .update(assignment)
        .set({ reservedFor: raterId })
        .where(
          inArray(
            assignment.id,
            [...byTask.values()].map((ofTask) => ofTask[index].id),
          ),
        );
    await audit(tx, actor, {
      action: "task.reserve",
      target: { kind: "project", id: projectId },
      projectId,
      after: { taskIds, raterIds },
    });
    forgetPlaces();
    return { tasks: taskIds.length };
  });
}

/** Closes the seats that nobody holds. Judgements stay, and raters may finish what they hold. */
export async function withdrawTasks(
  db: Db,
  actor: Actor,
  { projectId, taskIds }: SomeTasks,
): Promise<{ tasks: number }> {
  return db.transaction(async (tx) => {
    await lockTasks(tx, { projectId, taskIds });
    await tx
      .update(assignment)
      .set({ status: "closed" })
      .where(and(inArray(assignment.taskId, [...taskIds]), eq(assignment.status, "open")));
    await tx
      .update(task)
      .set({
        overlap: sql`(select count(*) from ${assignment}
          where ${assignment.taskId} = ${task.id} and ${assignment.status} not in ('skipped', 'closed'))`,
      })
      .where(inArray(task.id, [...taskIds]));
    await audit(tx, actor, {
      action: "task.withdraw",
      target: { kind: "project", id: projectId },
      projectId,
      after: { taskIds },
    });
    return { tasks: taskIds.length };
  });
}

import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { admitted, curation, gold, goldAnswer, prompt, rater, response, task } from "../../db/schema";
import type { goldSources } from "../../db/shape/gold";
import { storedJson } from "../../db/shape/written-json";
import { type Actor, audit } from "../audit/audit";
import { noteSeen } from "../blindness/seen";
import { taskKey } from "../content/keys";
import { excerpt } from "../content/list";
import { invalid, notFound } from "../errors";
import { answerProblems, reasonIn } from "../form/answers";
import { isComparable } from "../form/right";
import { type Answers, type Question, storedAnswers } from "../form/schema";
import { currentForm, formQuestions } from "../form/versions";
import { groupBy } from "../group";
import { insertTasks } from "../task/insert";
import type { adoptGoldSchema, GoldRow, madeGoldSchema, NewGold } from "./schema";

type Made = z.infer<typeof madeGoldSchema>;

interface Item extends NewGold {
  formVersionId: string;
  questions: readonly Question[];
}

interface Making {
  projectId: string;
  source: (typeof goldSources)[number];
  items: readonly Item[];
}

/**
 * Makes items from answers that somebody states.
 * @throws BAD_REQUEST with the place in the list, the question and what is wrong; then none is made
 */
export async function createGold(
  db: Db,
  actor: Actor,
  { projectId, items, personId }: { projectId: string; items: readonly NewGold[]; personId: string },
): Promise<Made> {
  return db.transaction(async (tx) => {
    const { id: formVersionId, questions } = await currentForm(tx, projectId);
    return make(tx, actor, {
      projectId,
      personId,
      source: "manager",
      items: items.map((item) => ({ ...item, formVersionId, questions })),
    });
  });
}

/**
 * Makes items of judgements that are there: each adjudication, or each judgement of a rater who is trusted. What they
 * wrote as their reason is the item's. The judged tasks stay as they are.
 */
export async function adoptGold(
  db: Db,
  actor: Actor,
  {
    projectId,
    personId,
    raterId,
    reason,
    ...how
  }: z.infer<typeof adoptGoldSchema> & { projectId: string; personId: string },
): Promise<Made> {
  return db.transaction(async (tx) => {
    if (raterId) {
      const isHere = and(eq(rater.id, raterId), eq(rater.projectId, projectId));
      if ((await tx.$count(rater, isHere)) === 0) throw notFound("The rater");
    }
    const judged = await tx
      .select({
        promptId: task.promptId,
        responseIds: task.responseIds,
        answers: admitted.answers,
        formVersionId: admitted.formVersionId,
        decidedBecause: curation.reason,
      })
      .from(admitted)
      .innerJoin(task, eq(task.id, admitted.taskId))
      .leftJoin(curation, and(eq(curation.annotationId, admitted.id), eq(curation.action, "adjudicate")))
      .where(
        and(
          eq(admitted.projectId, projectId),
          eq(admitted.isAdjudication, raterId === undefined),
          raterId ? eq(admitted.raterId, raterId) : undefined,
        ),
      );
    const items = await Promise.all(
      judged.map(async ({ decidedBecause, ...row }): Promise<Item[]> => {
        const questions = await formQuestions(tx, row.formVersionId);
        const given = storedAnswers(row.answers);
        const answers = comparableIn(questions, given);
        const why = (decidedBecause ?? reasonIn(questions, given))?.slice(0, 2000).trim() || reason;
        return Object.keys(answers).length > 0 ? [{ ...row, ...how, answers, reason: why, questions }] : [];
      }),
    );
    if (items.flat().length === 0)
      throw invalid("There is no such judgement whose answers can be compared: no item was made.");
    return make(tx, actor, {
      projectId,
      personId,
      source: raterId ? "rater" : "adjudication",
      items: items.flat(),
    });
  });
}

const comparableIn = (questions: readonly Question[], answers: Answers): Answers =>
  Object.fromEntries(
    Object.entries(answers).filter(([id]) => questions.some((one) => one.id === id && isComparable(one))),
  );

/** An item is a task of its own, without seats: each is made when it is given out. Whoever makes it has seen its answer. */
async function make(
  tx: Db,
  actor: Actor,
  { projectId, personId, source, items }: Making & { personId: string },
): Promise<Made> {
  const content = await contentOf(tx, { projectId, items });
  const wanted = items.map((item, index) => {
    const at = `Item ${index + 1}`;
    const of = content.get(item.promptId);
    if (!of) throw invalid(`${at}: the prompt ${item.promptId} is none of this project.`);
    const keys = item.responseIds.map((id) => {
      const key = of.responses.get(id);
      if (!key) throw invalid(`${at}: the response ${id} is none of its prompt.`);
      return key;
    });
    checkAnswers(item, at);
    return { item, of, key: `gold:${taskKey(of.key, keys)}` };
  });
  const tasks = wanted.map(({ item: { promptId, responseIds }, of: { language, domain }, key }) => ({
    ...{ promptId, responseIds, key, language, domain },
    overlap: 0,
  }));
  const made = await insertTasks(tx, { projectId, tasks });
  const fresh = wanted.flatMap(({ item: { answers, formVersionId, reason, tolerance, use }, key }) => {
    const taskId = made.get(key);
    // Of two that name the same responses the first is made.
    made.delete(key);
    return taskId ? [{ taskId, answers, formVersionId, reason, tolerance, use }] : [];
  });
  await tx.execute(sql`
    insert into ${gold} (task_id, project_id, use, answers, form_version_id, tolerance, reason, source, created_by)
    select "taskId", ${projectId}::uuid, use, answers, "formVersionId", tolerance, reason, ${source}::gold_source,
      ${actor.personId}::uuid
    from json_to_recordset(${storedJson(fresh)}::text::json) as t ("taskId" uuid, use gold_use, answers json,
      "formVersionId" uuid, tolerance smallint, reason text)`);
  await noteSeen(tx, { personId, shown: fresh.map(({ taskId }) => ({ taskId })) });
  const counts = { created: fresh.length, existing: items.length - fresh.length };
  await audit(tx, actor, {
    action: "gold.create",
    target: { kind: "project", id: projectId },
    projectId,
    after: { source, ...counts, taskIds: fresh.map(({ taskId }) => taskId) },
  });
  return counts;
}

async function contentOf(tx: Db, { projectId, items }: Pick<Making, "projectId" | "items">) {
  const promptIds = [...new Set(items.map(({ promptId }) => promptId))];
  const prompts = await tx
    .select({ id: prompt.id, key: prompt.key, language: prompt.language, domain: prompt.domain })
    .from(prompt)
    .where(and(eq(prompt.projectId, projectId), inArray(prompt.id, promptIds)));
  const responses = await tx
    .select({ id: response.id, key: response.key, promptId: response.promptId })
    .from(response)
    .where(inArray(response.promptId, promptIds));
  const byPrompt = groupBy(responses, ({ promptId }) => promptId);
  return new Map(
    prompts.map((row) => [
      row.id,
      { ...row, responses: new Map((byPrompt.get(row.id) ?? []).map(({ id, key }) => [id, key])) },
    ]),
  );
}

function checkAnswers({ questions, answers, responseIds: { length: k } }: Item, at: string): void {
  // Of a form with several questions some answers may be known.
  const optional = questions.map((question) => ({ ...question, required: false }));
  const [problem] = answerProblems(optional, k, answers);
  if (problem) throw invalid(`${at}: ${problem.message}`);
  for (const question of questions)
    if (answers[question.id] && !isComparable(question))
      throw invalid(
        `${at}: answers to "${question.label}" are texts, which cannot be compared. Leave it out.`,
      );
  if (Object.keys(answers).length === 0) throw invalid(`${at}: state the answer to one question at least.`);
}

/** All items, newest first, with how raters did. Whoever reads them gets none of them as a task. */
export async function listGold(
  db: Db,
  { projectId, personId }: { projectId: string; personId: string },
): Promise<GoldRow[]> {
  const counted = (which: ReturnType<typeof sql>) =>
    sql<number>`(select count(*)::int from ${goldAnswer} where ${goldAnswer.taskId} = ${gold.taskId} and ${which})`;
  const rows = await db
    .select({
      item: gold,
      promptId: task.promptId,
      responseIds: task.responseIds,
      language: task.language,
      domain: task.domain,
      excerpt,
      given: counted(sql`true`),
      answered: counted(sql`annotation_id is not null`),
      right: counted(sql`correct`),
    })
    .from(gold)
    .innerJoin(task, eq(task.id, gold.taskId))
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(eq(gold.projectId, projectId))
    .orderBy(desc(gold.createdAt), desc(gold.taskId));
  const responses = await db
    .select({ id: response.id, content: response.content })
    .from(response)
    .where(
      inArray(
        response.id,
        rows.flatMap(({ responseIds }) => responseIds),
      ),
    );
  const replyOf = new Map(responses.map((reply) => [reply.id, reply]));
  await noteSeen(db, { personId, shown: rows.map(({ item: { taskId } }) => ({ taskId })) });
  return Promise.all(
    rows.map(async ({ item, responseIds, ...row }) => ({
      ...item,
      ...row,
      answers: storedAnswers(item.answers),
      questions: await formQuestions(db, item.formVersionId),
      responses: responseIds.flatMap((id) => replyOf.get(id) ?? []),
    })),
  );
}

/**
 * Gives an item out no more.
 * @param wasWrong its answers so far count neither way from now on
 */
export async function retireGold(
  db: Db,
  actor: Actor,
  { projectId, taskId, wasWrong }: { projectId: string; taskId: string; wasWrong: boolean },
): Promise<void> {
  await db.transaction(async (tx) => {
    const one = and(eq(gold.taskId, taskId), eq(gold.projectId, projectId));
    const [found] = await tx.select({ retiredAt: gold.retiredAt }).from(gold).where(one).for("update");
    if (!found) throw notFound("The gold item");
    await tx
      .update(gold)
      .set({ retiredAt: found.retiredAt ?? new Date() })
      .where(one);
    if (wasWrong) await tx.update(goldAnswer).set({ correct: null }).where(eq(goldAnswer.taskId, taskId));
    await audit(tx, actor, {
      action: "gold.retire",
      target: { kind: "task", id: taskId },
      projectId,
      after: { wasWrong },
    });
  });
}

import { and, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { judgeVerdict, peoplesVotes, prompt, response, task } from "../../db/schema";
import type { JudgeFailure } from "../../db/shape/judge";
import type { Exposure } from "../../db/shape/model";
import type { preferenceOutcomes } from "../../db/shape/review";
import { mark } from "../../db/view/vote";
import type { Answer, Question } from "../form/schema";
import { groupBy } from "../group";
import { seenPrompts } from "../model/exposure";
import { modelsOf } from "./judge";
import { storedAnswer } from "./record";
import type { JudgeVersion } from "./schema";

/** What a version said of a task in one order and sample. */
export interface SaidOnce {
  /** Position i showed canonical response order[i]. */
  order: number[];
  sample: number;
  /** In canonical order; null where it failed. */
  answer: Answer | null;
  /** Of two responses: how probable it is that the canonical first is better, a tie half. */
  p: number | null;
  /** Share of the first token's probability that lay on labels; null without log-probabilities. */
  mass: number | null;
  failure: JudgeFailure | null;
  cost: number | null;
  ms: number | null;
}

/** A person's vote on a pair of the task's responses, by their places in canonical order, a < b. */
interface PersonsVote {
  raterId: string;
  a: number;
  b: number;
  outcome: (typeof preferenceOutcomes)[number];
  /** Whether a stood first on the screen; null where that is not known. */
  aFirst: boolean | null;
}

/** A person's mark: a rating (`item` the attribute) or a chosen option (`item` the option, value 1). */
interface PersonsMark {
  raterId: string;
  /** The response's place in canonical order; null: the task as a whole. */
  response: number | null;
  item: string;
  value: number;
}

/** A task that a version was asked about, beside what people say of it. */
export interface Beside {
  taskId: string;
  promptId: string;
  language: string | null;
  domain: string | null;
  /**
   * Of a registered model: what it, and all that it was made from, had seen of the prompt. What it says of prompts that
   * it was trained on says little of others. Null of a model elsewhere, of which nobody knows.
   */
  exposure: Exposure | null;
  /** The responses in canonical order, with their length in Unicode code points. */
  responses: { id: string; source: string | null; length: number }[];
  said: SaidOnce[];
  votes: PersonsVote[];
  marks: PersonsMark[];
}

const PAGE = 1000;

/**
 * Verdicts of one version of a judge beside people's current votes and marks under the same question, task by task: what
 * is known of a judge's worth is computed from this and nothing else. Tasks that nobody judged are there too, with no
 * votes and marks. What counts as a vote is what the views `vote` and `mark` say.
 */
export async function* besidePeople(
  db: Db,
  { projectId, version, question }: { projectId: string; version: JudgeVersion; question: Question },
): AsyncGenerator<Beside[]> {
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const tasks = await db
      .select({
        taskId: task.id,
        promptId: task.promptId,
        responseIds: task.responseIds,
        language: prompt.language,
        domain: prompt.domain,
      })
      .from(task)
      .innerJoin(prompt, eq(prompt.id, task.promptId))
      .where(
        and(
          eq(task.projectId, projectId),
          sql`${task.id} > ${after}`,
          sql`exists (select from ${judgeVerdict} v where v.task_id = ${task.id} and v.version_id = ${version.id})`,
        ),
      )
      .orderBy(task.id)
      .limit(PAGE);
    if (tasks.length === 0) return;
    after = tasks[tasks.length - 1].taskId;
    const ids = tasks.map(({ taskId }) => taskId);
    const [said, votes, marks, responses, exposures] = await Promise.all([
      verdictsOn(db, version, ids),
      votesOn(db, question.id, ids),
      marksOn(db, question.id, ids),
      responsesOf(
        db,
        tasks.flatMap(({ responseIds }) => responseIds),
      ),
      exposuresOf(
        db,
        version,
        tasks.map(({ promptId }) => promptId),
      ),
    ]);
    yield tasks.map(({ responseIds, ...row }): Beside => {
      const place = (id: string) => responseIds.indexOf(id);
      return {
        ...row,
        exposure: exposures?.get(row.promptId) ?? null,
        responses: responseIds.flatMap((id) => responses.get(id) ?? []),
        said: (said.get(row.taskId) ?? []).map(({ taskId: _, answer, ...once }) => ({
          ...once,
          answer: answer && storedAnswer(question, answer),
        })),
        votes: (votes.get(row.taskId) ?? []).map(({ raterId, responseA, responseB, outcome, aFirst }) => ({
          ...{ raterId, a: place(responseA), b: place(responseB), outcome, aFirst },
        })),
        marks: (marks.get(row.taskId) ?? []).map(({ raterId, responseId, item, value }) => ({
          ...{ raterId, response: responseId === null ? null : place(responseId), item, value },
        })),
      };
    });
  }
}

async function verdictsOn(db: Db, { id }: JudgeVersion, taskIds: string[]) {
  const { taskId, order, sample, answer, p, mass, failure, cost, ms } = judgeVerdict;
  const rows = await db
    .select({ taskId, order, sample, answer, p, mass, failure, cost, ms })
    .from(judgeVerdict)
    .where(
      and(eq(judgeVerdict.versionId, id), inArray(judgeVerdict.taskId, taskIds), eq(judgeVerdict.wording, 0)),
    )
    .orderBy(judgeVerdict.taskId, judgeVerdict.order, judgeVerdict.sample);
  return groupBy(rows, (row) => row.taskId);
}

async function votesOn(db: Db, questionId: string, taskIds: string[]) {
  const rows = await db.execute<{
    taskId: string;
    raterId: string;
    responseA: string;
    responseB: string;
    outcome: PersonsVote["outcome"];
    aFirst: boolean | null;
  }>(sql`
    select task_id as "taskId", rater_id as "raterId", response_a as "responseA", response_b as "responseB", outcome,
      a_shown_first as "aFirst"
    from ${peoplesVotes} v where ${inArray(sql`task_id`, taskIds)} and question_id = ${questionId} order by id`);
  return groupBy([...rows], ({ taskId }) => taskId);
}

async function marksOn(db: Db, questionId: string, taskIds: string[]) {
  const { taskId, raterId, responseId, item, value } = mark;
  const rows = await db
    .select({ taskId, raterId, responseId, item, value })
    .from(mark)
    .where(
      and(inArray(mark.taskId, taskIds), eq(mark.questionId, questionId), sql`${mark.raterKind} <> 'model'`),
    )
    .orderBy(mark.id);
  return groupBy(rows, (row) => row.taskId);
}

async function exposuresOf(
  db: Db,
  version: JudgeVersion,
  promptIds: string[],
): Promise<Map<string, Exposure> | null> {
  const modelIds = modelsOf(version);
  if (modelIds.length === 0) return null;
  const { known, exposure } = seenPrompts(db, modelIds);
  const rows = await db
    .select({ id: prompt.id, exposure })
    .from(prompt)
    .leftJoin(known, eq(known.promptId, prompt.id))
    .where(inArray(prompt.id, [...new Set(promptIds)]));
  return new Map(rows.map(({ id, exposure }) => [id, exposure]));
}

async function responsesOf(db: Db, ids: string[]) {
  const rows = await db
    .select({
      id: response.id,
      source: response.source,
      length: sql<number>`char_length(${response.content})`,
    })
    .from(response)
    .where(inArray(response.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

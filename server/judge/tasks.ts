import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  evaluationTask,
  isToJudge,
  judgeVerdict,
  peoplesVotes,
  prompt,
  response,
  task,
} from "../../db/schema";
import type { AskedWords } from "../../db/shape/judge";
import { mark } from "../../db/view/vote";
import { promptsWhere } from "../content/list";
import { isAsked, type Question } from "../form/schema";
import { formQuestions } from "../form/versions";
import { quorumOf } from "./members";
import { type Place, repliesWanted, requestsOf } from "./request";
import type { JudgeFilter, JudgeVersion } from "./schema";

/** As many responses as a task may have. */
const MOST_RESPONSES = 20;

/** The question that a version answers, and for how many responses its form asks it. */
export async function questionOf(
  db: Db,
  { formVersionId, questionId }: Pick<JudgeVersion, "formVersionId" | "questionId">,
): Promise<{ question: Question; askedOf: number[] }> {
  const questions = await formQuestions(db, formVersionId);
  const question = questions.find(({ id }) => id === questionId);
  if (!question) throw new Error(`The judge's form has no question "${questionId}".`);
  const sizes = Array.from({ length: MOST_RESPONSES + 1 }, (_, k) => k);
  return { question, askedOf: sizes.filter((k) => isAsked(question, k, questions)) };
}

/** Tasks of a project that a filter admits and a version can be asked about. */
async function admitting(
  db: Db,
  version: JudgeVersion,
  { projectId, filter }: { projectId: string; filter: JudgeFilter },
): Promise<SQL | undefined> {
  const { askedOf } = await questionOf(db, version);
  const judged = sql`(exists (select from ${peoplesVotes} v where v.task_id = ${task.id} and v.question_id = ${version.questionId})
    or exists (select from ${mark} m where m.task_id = ${task.id} and m.question_id = ${version.questionId} and m.rater_kind <> 'model'))`;
  return and(
    eq(task.projectId, projectId),
    isToJudge,
    await promptsWhere(db, { ...filter, projectId }),
    inArray(sql`cardinality(${task.responseIds})`, askedOf),
    filter.judged === "by_people" ? judged : undefined,
    filter.judged === "not_by_people" ? sql`not ${judged}` : undefined,
    filter.besideVersion
      ? sql`exists (select from ${judgeVerdict} v where v.task_id = ${task.id} and v.version_id = ${filter.besideVersion})`
      : undefined,
    filter.evaluationId
      ? sql`exists (select from ${evaluationTask} e where e.task_id = ${task.id} and e.evaluation_id = ${filter.evaluationId})`
      : undefined,
  );
}

/** A response of the judge's own kin stands among them. */
const isKin = (family: string) =>
  sql`exists (select from ${response} r where r.id = any(${task.responseIds}) and strpos(lower(r.source), ${family.toLowerCase()}) > 0)`;

/** Fewer verdicts are there than the version asks for: failures are asked for again. */
function isOpen(version: JudgeVersion, words: AskedWords): SQL<boolean> {
  const wanted = sql`case when cardinality(${task.responseIds}) > 1 then ${repliesWanted(version, 2, words)}::int else ${repliesWanted(version, 1, words)}::int end`;
  return sql<boolean>`(select count(*) from ${judgeVerdict} v
    where v.version_id = ${version.id} and v.task_id = ${task.id} and ${inThese(words)} and v.failure is null) < ${wanted}`;
}

const inThese = (words: AskedWords) => (words === "rubric" ? sql`v.wording = 0` : sql`v.wording > 0`);

/**
 * The tasks that a version does not judge for the kinship of their responses: those with one of its own kin; of a panel
 * those where so many members have to sit out that no majority is left; of a cascade those where all have to. Undefined
 * of one that judges all.
 */
function isBarred({ family, assembly, members }: JudgeVersion): SQL | undefined {
  if (!assembly) return family === null ? undefined : isKin(family);
  const families = members.flatMap((member) => member.family ?? []);
  const most = members.length - (assembly.kind === "panel" ? quorumOf(assembly) : 1);
  if (families.length <= most) return undefined;
  const sittingOut = families.map((each) => sql`(${isKin(each)})::int`);
  return sql`${sql.join(sittingOut, sql` + `)} > ${most}`;
}

/** Those of some tasks that have no response of a family's kin. */
export async function withoutKin(
  db: Db,
  { family, taskIds }: { family: string | null; taskIds: readonly string[] },
): Promise<string[]> {
  if (family === null || taskIds.length === 0) return [...taskIds];
  const found = await db
    .select({ id: task.id })
    .from(task)
    .where(and(inArray(task.id, [...taskIds]), sql`not ${isKin(family)}`));
  const free = new Set(found.map(({ id }) => id));
  return taskIds.filter((id) => free.has(id));
}

/**
 * The tasks that a version is to judge, in an order that a hash draws, so that a limit takes the same of them for each
 * judge; and how many others have a response of its own family.
 */
export async function tasksToJudge(
  db: Db,
  {
    version,
    words = "rubric",
    ...of
  }: { version: JudgeVersion; projectId: string; filter: JudgeFilter; words?: AskedWords },
): Promise<{ taskIds: string[]; barred: number }> {
  const isJudged = sql`exists (select from ${judgeVerdict} v where v.version_id = ${version.id}
    and v.task_id = ${task.id} and v.wording = 0 and v.failure is null)`;
  const where = and(
    await admitting(db, version, of),
    // In other words alone nothing stands beside it.
    words === "paraphrases" ? isJudged : undefined,
  );
  const bars = isBarred(version);
  // Open or not does not decide what is drawn: what is judged already makes no room for others.
  const drawn = await db
    .select({ id: task.id, isOpen: isOpen(version, words) })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(and(where, bars && sql`not (${bars})`))
    .orderBy(
      of.filter.seed === 0
        ? sql`md5(${task.id}::text)`
        : sql`md5(${task.id}::text || ${of.filter.seed}::text)`,
    )
    .limit(of.filter.limit);
  const [{ barred }] =
    bars === undefined
      ? [{ barred: 0 }]
      : await db
          .select({ barred: sql<number>`count(*)::int` })
          .from(task)
          .innerJoin(prompt, eq(prompt.id, task.promptId))
          .where(and(where, bars));
  return { taskIds: drawn.flatMap(({ id, isOpen }) => (isOpen ? [id] : [])), barred };
}

/** A task as a judge is asked about it. */
export interface TaskToJudge {
  taskId: string;
  promptId: string;
  messages: (typeof prompt.$inferSelect)["messages"];
  tools: (typeof prompt.$inferSelect)["tools"];
  metadata: Record<string, unknown>;
  /** In canonical order. */
  responses: { id: string; content: string; metadata: Record<string, unknown> }[];
  /** What is to be asked: orders, samples and wordings without a verdict. */
  wanted: Place[];
}

/** Tasks with their texts and with what a version has not said of them yet. */
export async function readTasks(
  db: Db,
  {
    version,
    taskIds,
    words = "rubric",
  }: { version: JudgeVersion; taskIds: readonly string[]; words?: AskedWords },
): Promise<TaskToJudge[]> {
  if (taskIds.length === 0) return [];
  const rows = await db
    .select({
      taskId: task.id,
      promptId: task.promptId,
      responseIds: task.responseIds,
      messages: prompt.messages,
      tools: prompt.tools,
      metadata: prompt.metadata,
    })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(inArray(task.id, [...taskIds]));
  const ids = [...new Set(rows.flatMap(({ responseIds }) => responseIds))];
  const responses = await db
    .select({ id: response.id, content: response.content, metadata: response.metadata })
    .from(response)
    .where(inArray(response.id, ids));
  const known = new Map(responses.map((each) => [each.id, each]));
  const said = await db
    .select({
      taskId: judgeVerdict.taskId,
      order: judgeVerdict.order,
      sample: judgeVerdict.sample,
      wording: judgeVerdict.wording,
    })
    .from(judgeVerdict)
    .where(
      and(
        eq(judgeVerdict.versionId, version.id),
        inArray(judgeVerdict.taskId, [...taskIds]),
        sql`${judgeVerdict.failure} is null`,
      ),
    );
  const keyOf = (taskId: string, { order, sample, wording }: Place) =>
    `${taskId} ${order.join(",")} ${sample} ${wording}`;
  const there = new Set(said.map(({ taskId, ...place }) => keyOf(taskId, place)));
  const byId = new Map(rows.map((row) => [row.taskId, row]));
  return taskIds.flatMap((taskId): TaskToJudge[] => {
    const row = byId.get(taskId);
    if (!row) return [];
    const { responseIds, ...rest } = row;
    const found = responseIds.flatMap((id) => known.get(id) ?? []);
    if (found.length !== responseIds.length) return [];
    const wanted = requestsOf(version, { k: found.length, taskId }, words).filter(
      (place) => !there.has(keyOf(taskId, place)),
    );
    return [{ ...rest, responses: found, wanted }];
  });
}

import { and, desc, eq, getTableColumns, lt, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { admitted, endpoint, judge, judgeVerdict, prompt, task } from "../../db/schema";
import type { AskedWords } from "../../db/shape/judge";
import type { Actor } from "../audit/audit";
import { excerpt } from "../content/list";
import { receiptOf } from "../endpoint/ledger";
import { estimate, sizeOf } from "../endpoint/price";
import { conflict, invalid } from "../errors";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { endpointsOf, getJudgeVersion, modelsOf } from "./judge";
import { storedAnswer } from "./record";
import { requestOf, WORDING } from "./request";
import type {
  JudgeEstimate,
  JudgeFilter,
  JudgeResult,
  JudgeRun,
  JudgeVersion,
  Verdict,
  verdictsInputSchema,
} from "./schema";
import { questionOf, readTasks, type TaskToJudge, tasksToJudge, withoutKin } from "./tasks";

/** Tasks from whose texts the size of all is told. */
const SAMPLE = 200;

/** What a run over the tasks of a filter would take, before it begins. */
export async function estimateJudging(
  db: Db,
  {
    projectId,
    judgeVersionId,
    filter,
    words,
  }: { projectId: string; judgeVersionId: string; filter: JudgeFilter; words: AskedWords },
): Promise<JudgeEstimate> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId });
  return estimateFor(db, { version, projectId, filter, words });
}

/** What a version takes on the tasks of a filter, be it stored or a draft. */
export async function estimateFor(
  db: Db,
  {
    version,
    projectId,
    filter,
    words = "rubric",
  }: { version: JudgeVersion; projectId: string; filter: JudgeFilter; words?: AskedWords },
): Promise<JudgeEstimate> {
  const { taskIds, barred } = await tasksToJudge(db, { version, projectId, filter, words });
  const counts = { tasks: taskIds.length, barred };
  if (!version.assembly) return { ...counts, ...(await asking(db, version, taskIds, words)) };
  // At most all of them: which of a cascade are asked shows as it goes.
  const parts: Awaited<ReturnType<typeof asking>>[] = [];
  for (const { id, family } of version.members) {
    const member = await getJudgeVersion(db, { projectId, judgeVersionId: id });
    parts.push(await asking(db, member, await withoutKin(db, { family, taskIds }), words));
  }
  const sum = (values: readonly (number | null)[]) =>
    values.reduce((total, each) => (total === null || each === null ? null : total + each), 0);
  const paid = parts.filter(({ input }) => input !== null);
  return {
    ...{ ...counts, calls: parts.reduce((total, { calls }) => total + calls, 0) },
    input: paid.length > 0 ? sum(paid.map(({ input }) => input)) : null,
    output: paid.length > 0 ? sum(paid.map(({ output }) => output)) : null,
    cost: sum(parts.map(({ cost }) => cost)),
  };
}

/** What a version that is asked itself takes on tasks. */
async function asking(
  db: Db,
  version: JudgeVersion,
  taskIds: readonly string[],
  words: AskedWords,
): Promise<Pick<JudgeEstimate, "calls" | "input" | "output" | "cost">> {
  const sampled = await readTasks(db, { version, taskIds: taskIds.slice(0, SAMPLE), words });
  return askingOf(db, version, sampled, sampled.length > 0 ? taskIds.length / sampled.length : 0);
}

/**
 * What it takes to ask a version, which is asked itself, what is wanted of tasks.
 * @param times how many tasks each of these stands for
 */
export async function askingOf(
  db: Db,
  version: JudgeVersion,
  tasks: readonly TaskToJudge[],
  times = 1,
): Promise<Pick<JudgeEstimate, "calls" | "input" | "output" | "cost">> {
  const calls = Math.round(tasks.reduce((sum, { wanted }) => sum + wanted.length, 0) * times);
  if (!version.endpoint || !version.rubric) return { calls, input: null, output: null, cost: 0 };
  const { question } = await questionOf(db, version);
  const rubricked = { ...version, question, rubric: version.rubric };
  const sizes = tasks.flatMap(({ messages, metadata, responses, wanted }) => {
    const item = { messages, metadata, contents: responses.map(({ content }) => content) };
    return wanted.map((place) => sizeOf(requestOf(rubricked, item, { ...place, alternatives: 20 })));
  });
  const [prices] = await db.select().from(endpoint).where(eq(endpoint.id, version.endpoint.id));
  return estimate(sizes, prices, times);
}

/**
 * Queues the judging of tasks by one version of a judge.
 * @throws CONFLICT where the judge or its endpoint is out of use
 */
export async function startJudging(
  db: Db,
  actor: Actor,
  { projectId, ...spec }: JudgeRun & { projectId: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const version = await getJudgeVersion(tx, { projectId, judgeVersionId: spec.judgeVersionId });
    const name = `${version.name} v${version.version}`;
    const [{ archivedAt }] = await tx.select().from(judge).where(eq(judge.id, version.judgeId));
    if (archivedAt) throw conflict(`${name} is out of use.`);
    await checkWordings(tx, { projectId, version });
    if (spec.words === "paraphrases" && !version.rubric?.paraphrases?.length)
      throw invalid(
        `The rubric of ${name} stands in one wording alone: make a version with paraphrases of it first.`,
      );
    for (const member of version.members) {
      const [{ archivedAt }] = await tx.select().from(judge).where(eq(judge.id, member.judgeId));
      if (archivedAt)
        throw conflict(
          `${member.name} v${member.version}, of which ${name} is made, is out of use: make a version without it.`,
        );
    }
    for (const endpointId of endpointsOf(version))
      await requireEndpoint(tx, {
        ...{ endpointId, cap: spec.cap },
        removed: `An endpoint of ${name} is out of use: make a version with another one.`,
      });
    return queueRun(tx, actor, {
      projectId,
      kind: "judge",
      title: spec.words === "rubric" ? `Judge with ${name}` : `Ask ${name} in other words`,
      spec,
      requirements: modelsOf(version).length > 0 ? { engine: "onnx" } : {},
    });
  });
}

/** @throws CONFLICT with `removed` where an endpoint is out of use, BAD_REQUEST for a cap without its prices */
export async function requireEndpoint(
  db: Db,
  { endpointId, cap, removed }: { endpointId: string; cap: number | null; removed: string },
): Promise<void> {
  const [{ removedAt, inputPrice, outputPrice }] = await db
    .select()
    .from(endpoint)
    .where(eq(endpoint.id, endpointId));
  if (removedAt) throw conflict(removed);
  if (cap !== null && (inputPrice === null || outputPrice === null))
    throw invalid("A cap needs the endpoint's prices: set them first, 0 where it costs nothing.");
}

/** @throws CONFLICT where a version was asked in the words of an earlier release: its verdicts must not mix with others */
export function checkWording({ name, version, wording, rubric }: JudgeVersion): void {
  if (rubric !== null && wording !== WORDING)
    throw conflict(
      `${name} v${version} was asked in the words of an earlier release, and now it would be asked in others: make a new version of it.`,
    );
}

/** @throws CONFLICT where a version, or a member that it is made of, was asked in the words of an earlier release */
export async function checkWordings(
  db: Db,
  { projectId, version }: { projectId: string; version: JudgeVersion },
): Promise<void> {
  checkWording(version);
  for (const { id } of version.members)
    checkWording(await getJudgeVersion(db, { projectId, judgeVersionId: id }));
}

/** What a run of kind `judge` came to, as the tables have it: an attempt before this one counts too. */
export async function judgedBy(
  db: Db,
  { runId, version }: { runId: string; version: JudgeVersion },
): Promise<Pick<JudgeResult, "verdicts" | "failed" | "failures" | "judged" | "cost">> {
  const rows = await db
    .select({ failure: judgeVerdict.failure, count: sql<number>`count(*)::int` })
    .from(judgeVerdict)
    // A judge of judges has its members asked in the same run.
    .where(and(eq(judgeVerdict.runId, runId), eq(judgeVerdict.versionId, version.id)))
    .groupBy(judgeVerdict.failure);
  const [{ judged }] = await db.execute<{ judged: number }>(sql`
    select count(distinct v.task_id)::int as judged from ${judgeVerdict} v
    join ${admitted} n on n.task_id = v.task_id and n.rater_id = ${version.raterId}
    where v.run_id = ${runId} and v.version_id = ${version.id} and v.wording = 0`);
  const verdicts = rows.find(({ failure }) => failure === null)?.count ?? 0;
  return {
    verdicts,
    failed: rows.reduce((sum, { count }) => sum + count, 0) - verdicts,
    failures: Object.fromEntries(rows.flatMap(({ failure, count }) => (failure ? [[failure, count]] : []))),
    judged,
    cost: await judgingCost(db, { runId, version }),
  };
}

/** What a run has paid for judging, in US dollars: 0 where no endpoint judges, null where one has no price. */
export async function judgingCost(
  db: Db,
  { runId, version }: { runId: string; version: JudgeVersion },
): Promise<number | null> {
  if (endpointsOf(version).length === 0) return 0;
  const { cost, unpriced } = await receiptOf(db, { runId });
  return unpriced > 0 ? null : cost;
}

/** What a version said, newest first, one page after `cursor` (the id of the last one seen). */
export async function listVerdicts(
  db: Db,
  {
    projectId,
    judgeVersionId,
    only,
    taskId,
    cursor,
    limit,
  }: z.infer<typeof verdictsInputSchema> & { projectId: string },
): Promise<{ items: Verdict[]; nextCursor: string | null }> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId });
  const { question } = await questionOf(db, version);
  const rows = await db
    .select({ ...getTableColumns(judgeVerdict), promptId: task.promptId, excerpt })
    .from(judgeVerdict)
    .innerJoin(task, eq(task.id, judgeVerdict.taskId))
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(
      and(
        eq(judgeVerdict.versionId, judgeVersionId),
        only ? sql`${judgeVerdict.failure} is ${only === "failed" ? sql`not null` : sql`null`}` : undefined,
        taskId ? eq(judgeVerdict.taskId, taskId) : undefined,
        cursor ? lt(judgeVerdict.id, cursor) : undefined,
      ),
    )
    .orderBy(desc(judgeVerdict.id))
    .limit(limit);
  return {
    items: rows.map(({ answer, ...row }) => ({ ...row, answer: answer && storedAnswer(question, answer) })),
    nextCursor: rows.length === limit ? rows[rows.length - 1].id : null,
  };
}

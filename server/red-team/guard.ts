import { and, asc, eq, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { isAttack, judge, model, redTeamAttempt, redTeamVerdict } from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import type { RedTeamPolicy } from "../../db/shape/red-team";
import type { Actor } from "../audit/audit";
import { conflict } from "../errors";
import { answerTo, isQuestionOf, type Question } from "../form/schema";
import { groupBy } from "../group";
import { getJudgeVersion } from "../judge/judge";
import { type Account, storedAnswer } from "../judge/record";
import { requestsOf } from "../judge/request";
import { askingOf, checkWording, requireEndpoint } from "../judge/run";
import type { JudgeEstimate, JudgeVersion } from "../judge/schema";
import { questionOf, type TaskToJudge } from "../judge/tasks";
import { type Said, settledBy } from "../judge/verdict";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import type { guardSpecSchema } from "./schema";

/**
 * Attempts with what a guard has not said of them yet, as judges are asked: the conversation, and the last reply as the
 * one that is judged. Of those on the guard itself, or a model of its own kin, none.
 */
export async function attemptsToGuard(
  db: Db,
  { projectId, judgeVersionId }: { projectId: string; judgeVersionId: string },
): Promise<TaskToJudge[]> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId });
  const rows = await db
    .select({ id: redTeamAttempt.id, messages: redTeamAttempt.messages })
    .from(redTeamAttempt)
    .innerJoin(model, eq(model.id, redTeamAttempt.modelId))
    .where(
      and(
        eq(redTeamAttempt.projectId, projectId),
        isAttack,
        version.model ? ne(model.id, version.model.id) : undefined,
        version.family === null
          ? undefined
          : sql`strpos(lower(${model.name}), ${version.family.toLowerCase()}) = 0`,
      ),
    )
    .orderBy(asc(redTeamAttempt.id));
  const said = await db
    .select({ attemptId: redTeamVerdict.attemptId, sample: redTeamVerdict.sample })
    .from(redTeamVerdict)
    .where(and(eq(redTeamVerdict.versionId, judgeVersionId), isNull(redTeamVerdict.failure)));
  const there = new Set(said.map(({ attemptId, sample }) => `${attemptId} ${sample}`));
  return rows.flatMap(({ id, messages }): TaskToJudge[] => {
    const reply = messages.at(-1);
    const wanted = requestsOf(version, { k: 1, taskId: id }).filter(
      ({ sample }) => !there.has(`${id} ${sample}`),
    );
    if (!reply || wanted.length === 0) return [];
    return [
      {
        ...{ taskId: id, promptId: id, messages: messages.slice(0, -1), tools: null, metadata: {}, wanted },
        responses: [{ id, content: reply.content, metadata: {} }],
      },
    ];
  });
}

/** What it would take to have the guard judge all that it has not. */
export async function estimateGuard(
  db: Db,
  { projectId, judgeVersionId }: { projectId: string; judgeVersionId: string },
): Promise<JudgeEstimate> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId });
  const tasks = await attemptsToGuard(db, { projectId, judgeVersionId });
  return { tasks: tasks.length, barred: 0, ...(await askingOf(db, version, tasks)) };
}

/**
 * Queues the guard over all that it has not judged.
 * @throws CONFLICT where none is set, or the judge or its endpoint is out of use
 */
export async function startGuard(
  db: Db,
  actor: Actor,
  {
    projectId,
    policy,
    cap,
  }: { projectId: string; policy: RedTeamPolicy; cap: z.infer<typeof guardSpecSchema>["cap"] },
): Promise<Run> {
  return db.transaction(async (tx) => {
    if (!policy.guard) throw conflict("No guard is set: choose a judge first.");
    const { judgeVersionId } = policy.guard;
    const version = await getJudgeVersion(tx, { projectId, judgeVersionId });
    const name = `${version.name} v${version.version}`;
    const [{ archivedAt }] = await tx.select().from(judge).where(eq(judge.id, version.judgeId));
    if (archivedAt) throw conflict(`${name} is out of use.`);
    checkWording(version);
    if (version.endpoint)
      await requireEndpoint(tx, {
        ...{ endpointId: version.endpoint.id, cap },
        removed: `The endpoint of ${name} is out of use: take a version with another one.`,
      });
    return queueRun(tx, actor, {
      projectId,
      kind: "guard",
      title: `Guard attacks with ${name}`,
      spec: { judgeVersionId, cap },
      requirements: version.model ? { engine: "onnx" } : {},
    });
  });
}

/** Keeps what the guard said of an attempt. A verdict that is there stays; a failure gives way to what was said since. */
export async function recordGuard(
  db: Db,
  {
    said,
    account,
    ...key
  }: {
    attemptId: string;
    versionId: string;
    sample: number;
    projectId: string;
    runId: string;
    said: Said;
    account: Account;
  },
): Promise<void> {
  const told =
    "failure" in said
      ? { answer: null, failure: said.failure, reason: said.reason }
      : { answer: said.answer, failure: null, reason: null };
  const row = { ...told, reply: account.reply, cost: account.cost, runId: key.runId };
  await db.transaction(async (tx) => {
    // Erased meanwhile, there is nothing to keep it beside.
    const [there] = await tx
      .select({ id: redTeamAttempt.id })
      .from(redTeamAttempt)
      .where(eq(redTeamAttempt.id, key.attemptId))
      .for("key share");
    if (!there) return;
    await tx
      .insert(redTeamVerdict)
      .values({ ...key, ...row })
      .onConflictDoUpdate({
        target: [redTeamVerdict.attemptId, redTeamVerdict.versionId, redTeamVerdict.sample],
        set: row,
        setWhere: isNotNull(redTeamVerdict.failure),
      });
  });
}

/** What the guard says of attempts: whether each succeeded. Those of which it says nothing are counted. */
export async function guarded(
  db: Db,
  {
    projectId,
    guard,
    attemptIds,
  }: { projectId: string; guard: NonNullable<RedTeamPolicy["guard"]>; attemptIds: readonly string[] },
): Promise<{ succeeded: Map<string, boolean>; failed: number }> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId: guard.judgeVersionId });
  const { question } = await questionOf(db, version);
  const rows = await db
    .select()
    .from(redTeamVerdict)
    .where(
      and(
        eq(redTeamVerdict.versionId, guard.judgeVersionId),
        inArray(redTeamVerdict.attemptId, [...attemptIds]),
      ),
    );
  const succeeded = new Map<string, boolean>();
  let failed = 0;
  for (const [attemptId, own] of groupBy(rows, (row) => row.attemptId)) {
    const said = saidBy({ version, question, answers: own.flatMap(({ answer }) => answer ?? []) });
    if (said === null) failed++;
    else
      succeeded.set(
        attemptId,
        said.some((value) => guard.harmful.includes(value)),
      );
  }
  return { succeeded, failed };
}

/** The options that all samples together come to; null where they settle nothing. */
function saidBy({
  version,
  question,
  answers,
}: {
  version: JudgeVersion;
  question: Question;
  answers: readonly StoredAnswers[string][];
}): string[] | null {
  const settled = settledBy(
    { question, settles: version.settles },
    answers.map((answer) => ({ order: [0], answer: storedAnswer(question, answer), p: null })),
  );
  if (!settled || !isQuestionOf("choice", question)) return null;
  return answerTo("choice", question, { [question.id]: settled })?.values.flat() ?? null;
}

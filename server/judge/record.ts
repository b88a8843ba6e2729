import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, judgeVerdict, task } from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import type { Answer, Question } from "../form/schema";
import { storedAnswers } from "../form/schema";
import { factsOf } from "../judgement/facts";
import { storeJudgements } from "../judgement/store";
import { markKept } from "../look/kept";
import { repliesWanted } from "./request";
import type { JudgeVersion } from "./schema";
import { type Said, settledBy } from "./verdict";

/** How a verdict came about. */
export interface Account {
  reply: string | null;
  reasoning: string | null;
  model: string | null;
  fingerprint: string | null;
  input: number | null;
  output: number | null;
  cost: number | null;
  ms: number | null;
  attempts: number;
}

/**
 * Keeps what a version said of a task in one order, and with the last of them, if none failed, the judgement that they
 * come to, in one transaction. A verdict that is there stays; a failure gives way to what was said since.
 * @returns whether the task is judged now and was not before
 */
export async function recordVerdict(
  db: Db,
  given: {
    version: JudgeVersion;
    question: Question;
    projectId: string;
    runId: string;
    taskId: string;
    order: readonly number[];
    sample: number;
    wording: number;
    said: Said;
    account: Account;
  },
): Promise<boolean> {
  const { version, question, projectId, runId, taskId, order, sample, wording, said, account } = given;
  const told =
    "failure" in said
      ? { ...said, answer: null, p: null, mass: null }
      : { ...said, failure: null, reason: null };
  const row = { ...told, ...account, runId };
  const isJudged = await db.transaction(async (tx) => {
    // Held, so that of two verdicts that come at once the later one sees both.
    const [judged] = await tx
      .select({ promptId: task.promptId, responseIds: task.responseIds })
      .from(task)
      .where(eq(task.id, taskId))
      .for("no key update");
    if (!judged) return false;
    await tx
      .insert(judgeVerdict)
      .values({ ...row, projectId, versionId: version.id, taskId, order: [...order], sample, wording })
      .onConflictDoUpdate({
        target: [
          judgeVerdict.versionId,
          judgeVerdict.taskId,
          judgeVerdict.order,
          judgeVerdict.sample,
          judgeVerdict.wording,
        ],
        set: { ...row, createdAt: sql`now()` },
        setWhere: sql`${judgeVerdict.failure} is not null`,
      });
    // In other words nothing is judged.
    return wording === 0 && settle(tx, { version, question, projectId, taskId, ...judged });
  });
  await markKept(db, projectId, "joint");
  return isJudged;
}

async function settle(
  tx: Db,
  given: {
    version: JudgeVersion;
    question: Question;
    projectId: string;
    taskId: string;
    promptId: string;
    responseIds: string[];
  },
): Promise<boolean> {
  const { version, question, projectId, taskId, promptId, responseIds } = given;
  const rows = await tx
    .select({ order: judgeVerdict.order, answer: judgeVerdict.answer, p: judgeVerdict.p })
    .from(judgeVerdict)
    .where(
      and(
        eq(judgeVerdict.versionId, version.id),
        eq(judgeVerdict.taskId, taskId),
        eq(judgeVerdict.wording, 0),
        isNull(judgeVerdict.failure),
      ),
    )
    .orderBy(judgeVerdict.order, judgeVerdict.sample);
  const verdicts = rows.flatMap(({ answer, ...rest }) =>
    answer ? [{ ...rest, answer: storedAnswer(question, answer) }] : [],
  );
  if (verdicts.length < repliesWanted(version, responseIds.length)) return false;
  const answer = settledBy({ question, settles: version.settles }, verdicts);
  if (!answer) return false;
  // Also one that was taken back by people: it is not judged anew behind them.
  const mine = and(eq(annotation.taskId, taskId), eq(annotation.raterId, version.raterId));
  if ((await tx.$count(annotation, mine)) > 0) return false;
  const answers = { [question.id]: answer };
  // Shown in both orders, nothing stood first.
  const shown = new Set(verdicts.map(({ order }) => order.join(" ")));
  const order = shown.size === 1 && version.verdictBy !== "reward" ? verdicts[0].order : null;
  await storeJudgements(tx, {
    projectId,
    judgements: [
      {
        ...{ taskId, promptId, raterId: version.raterId, assignmentId: null, origin: "model", answers },
        facts: factsOf({ questions: [question], answers, order, responseIds }),
        order: verdicts[0].order,
        formVersionId: version.formVersionId,
        submittedAt: new Date(),
      },
    ],
  });
  return true;
}

export const storedAnswer = (question: Question, answer: StoredAnswers[string]): Answer =>
  storedAnswers({ [question.id]: answer })[question.id];

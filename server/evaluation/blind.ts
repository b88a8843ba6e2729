import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { evaluation, evaluationTask, peoplesVotes, prompt } from "../../db/schema";
import type { Exposure, Settled } from "../../db/shape/model";
import { type Actor, audit } from "../audit/audit";
import { promptKey, taskKey } from "../content/keys";
import { invalid } from "../errors";
import { comparing } from "../form/answers";
import type { Question } from "../form/schema";
import { currentForm } from "../form/versions";
import { groupBy } from "../group";
import { seenPrompts } from "../model/exposure";
import { getModel } from "../model/model";
import { orderNewSeats } from "../seat/selection";
import { comparisonsFor } from "../statistics/design/power";
import { type WinRate, winRate } from "../statistics/ranking/win-rate";
import { insertTasks } from "../task/insert";
import { queueModelRun } from "./evaluation";
import type { EvaluateSpec, Evaluation } from "./schema";

/** Queues a blind comparison, with the question that its votes are to be counted under. */
export async function startEvaluation(
  db: Db,
  actor: Actor,
  { projectId, ...spec }: EvaluateSpec & { projectId: string },
) {
  const question = await questionOf(db, { projectId, questionId: spec.questionId });
  return queueModelRun(db, actor, {
    projectId,
    kind: "evaluate",
    modelIds: [spec.modelId, spec.opponentId],
    wants: "writes",
    title: ([ours, theirs]) => `Evaluate ${ours} against ${theirs}`,
    spec: { ...spec, questionId: question.id },
  });
}

/**
 * The question of the project's form whose votes an evaluation counts: two questions about a pair are no two votes.
 * @throws when the form compares nothing, or under several questions and none is named
 */
export async function questionOf(
  db: Db,
  { projectId, questionId }: { projectId: string; questionId: string | undefined },
): Promise<Question> {
  const known = comparing((await currentForm(db, projectId)).questions, 2);
  const named =
    questionId === undefined && known.length < 2 ? known[0] : known.find(({ id }) => id === questionId);
  if (named) return named;
  if (known.length === 0)
    throw invalid(
      "No question of this project compares two responses, so that the experts could not say which model is better. Add a preference question to the form.",
    );
  const choice = known.map(({ id, label }) => `"${id}" (${label})`).join(", ");
  throw invalid(
    questionId === undefined
      ? `This project compares two responses under ${known.length} questions, whose votes are not counted together. Name one as questionId: ${choice}.`
      : `questionId: the form compares two responses under no question "${questionId}". Name one of: ${choice}.`,
  );
}

export interface AskedPrompt {
  prompt: typeof prompt.$inferSelect;
  exposure: Exposure;
}

/**
 * The prompts of an evaluation: first those that the versions behind the two models hold out, then those that are in
 * none of them, last those that one of the models, or a model it was made from, was trained on.
 */
export async function promptsToAsk(
  db: Db,
  { projectId, modelIds, limit }: { projectId: string; modelIds: readonly string[]; limit: number },
): Promise<AskedPrompt[]> {
  const { known, exposure } = seenPrompts(db, modelIds);
  return db
    .select({ prompt, exposure })
    .from(prompt)
    .leftJoin(known, eq(known.promptId, prompt.id))
    .where(eq(prompt.projectId, projectId))
    .orderBy(
      sql`case when ${known.trained} then 2 when ${known.promptId} is null then 1 else 0 end`,
      prompt.id,
    )
    .limit(limit);
}

/** What each of two models replied to a prompt; an id where the reply is more than nothing, and stored. */
export interface Replied extends AskedPrompt {
  model: Reply;
  opponent: Reply;
}
export interface Reply {
  content: string;
  id: string | null;
}

/** Equal replies are a tie, also two empty ones, and an empty one loses: that needs nobody. Of all others people say. */
function sort({ prompt: { id: promptId }, exposure, model: ours, opponent: theirs }: Replied) {
  const settled = (outcome: Settled["outcome"], reason: Settled["reason"]) => ({
    settled: { promptId, exposure, outcome, reason },
  });
  if (ours.content === theirs.content) return settled("tied", "equal");
  if (ours.id === null) return settled("lost", "empty");
  if (theirs.id === null) return settled("won", "empty");
  return { modelResponseId: ours.id, opponentResponseId: theirs.id };
}

/**
 * Opens an evaluation: counts what needs nobody, and makes blind tasks of the other pairs. Done again after a crash,
 * it adds nothing twice.
 */
export async function openEvaluation(
  db: Db,
  actor: Actor,
  {
    projectId,
    runId,
    modelId,
    opponentId,
    questionId,
    overlap,
    replied,
    unanswered,
  }: {
    projectId: string;
    runId: string;
    modelId: string;
    opponentId: string;
    questionId: string;
    overlap: number;
    replied: readonly Replied[];
    /** Prompts that a model could not read, because they are longer than it. */
    unanswered: number;
  },
): Promise<{ id: string; tasks: number; settled: number }> {
  return db.transaction(async (tx) => {
    const [known] = await tx
      .select({ id: evaluation.id, settled: evaluation.settled })
      .from(evaluation)
      .where(eq(evaluation.runId, runId));
    if (known) {
      const tasks = await tx.$count(evaluationTask, eq(evaluationTask.evaluationId, known.id));
      return { id: known.id, tasks, settled: known.settled.length };
    }
    const sorted = replied.map((pair) => ({ ...pair, ...sort(pair) }));
    const settled = sorted.flatMap((pair) => ("settled" in pair ? pair.settled : []));
    const [created] = await tx
      .insert(evaluation)
      .values({
        projectId,
        modelId,
        opponentId,
        runId,
        questionId,
        settled,
        unanswered,
        createdBy: actor.personId,
      })
      .returning({ id: evaluation.id });
    const pairs = sorted.flatMap((pair) => {
      if ("settled" in pair) return [];
      const { prompt: asked, exposure, modelResponseId, opponentResponseId } = pair;
      const responseIds = [modelResponseId, opponentResponseId];
      return {
        exposure,
        modelResponseId,
        opponentResponseId,
        task: {
          promptId: asked.id,
          key: taskKey(promptKey(asked.messages, asked.tools ?? []), [...responseIds, created.id]),
          // Neither side always comes first in the canonical order.
          responseIds: responseIds.toSorted(),
          overlap,
          priority: 1,
          language: asked.language,
          domain: asked.domain,
        },
      };
    });
    const ids = await insertTasks(tx, { projectId, tasks: pairs.map(({ task }) => task) });
    await orderNewSeats(tx, projectId);
    const rows = pairs.flatMap(({ task: { key }, ...row }) => {
      const taskId = ids.get(key);
      return taskId ? [{ evaluationId: created.id, taskId, ...row }] : [];
    });
    if (rows.length > 0) await tx.insert(evaluationTask).values(rows);
    await audit(tx, actor, {
      action: "evaluation.open",
      target: { kind: "evaluation", id: created.id },
      projectId,
      after: { modelId, opponentId, questionId, tasks: rows.length, settled: settled.length, overlap },
    });
    return { id: created.id, tasks: rows.length, settled: settled.length };
  });
}

interface Row extends Record<string, unknown> {
  id: string;
  model_id: string;
  model_name: string;
  opponent_id: string;
  opponent_name: string;
  run_id: string | null;
  created_at: string;
  question: string | null;
  settled: Settled[];
  unanswered: number;
  tasks: number;
  waiting: number;
  exposures: Partial<Record<Exposure | "unknown", number>>;
  votes: { promptId: string; outcome: Outcome }[];
}

type Outcome = "won" | "lost" | "tied" | "bothBad";

/** A tie and both bad are half a win: neither says that one model is better. */
const scores: Readonly<Record<Outcome, number>> = { won: 1, lost: 0, tied: 0.5, bothBad: 0.5 };

/** Prompts that would settle who is ahead, at the rate and the share of ties so far; each prompt weighs the same. */
function toSettle(
  { estimate }: WinRate,
  outcomes: readonly { promptId: string; outcome: Outcome }[],
): number | null {
  if (estimate === null || estimate === 0.5) return null;
  const shares = [...groupBy(outcomes, ({ promptId }) => promptId).values()].map(
    (own) => own.filter(({ outcome }) => scores[outcome] === 0.5).length / own.length,
  );
  const ties = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  // What is left of rounding would be refused.
  return comparisonsFor({ p: estimate, ties: Math.min(ties, 1 - 2 * Math.abs(estimate - 0.5)) });
}

/**
 * The evaluations a model took part in, as seen from the model that was evaluated, with what counts so far: people's
 * votes under the evaluation's question, and what needed nobody. An evaluation of a time before it named a question
 * counts the one with most votes.
 */
export async function evaluationsOf(
  db: Db,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<Evaluation[]> {
  await getModel(db, { projectId, modelId });
  const rows = await db.execute<Row>(sql`
    select e.id, m.id as model_id, m.name as model_name, o.id as opponent_id, o.name as opponent_name,
      e.run_id, e.created_at, e.settled, e.unanswered, asked.id as question,
      (select count(*)::int from evaluation_task t where t.evaluation_id = e.id) as tasks,
      (select count(*)::int from evaluation_task t join assignment a on a.task_id = t.task_id
        where t.evaluation_id = e.id and a.status in ('open', 'leased', 'returned')) as waiting,
      coalesce((select jsonb_object_agg(exposure, n) from (
        select coalesce(t.exposure::text, 'unknown') as exposure, count(*)::int as n
        from evaluation_task t where t.evaluation_id = e.id group by 1) counted), '{}') as exposures,
      coalesce((
        select jsonb_agg(jsonb_build_object('promptId', p.prompt_id, 'outcome', case
          when p.outcome = 'tie' then 'tied' when p.outcome = 'both_bad' then 'bothBad'
          when (p.outcome = 'a') = (p.response_a = t.model_response_id) then 'won' else 'lost' end))
        from evaluation_task t join ${peoplesVotes} p on p.task_id = t.task_id and p.question_id = asked.id
        where t.evaluation_id = e.id), '[]') as votes
    from evaluation e
    join model m on m.id = e.model_id
    join model o on o.id = e.opponent_id
    left join lateral (
      select coalesce(e.question_id, (
        select p.question_id from evaluation_task t join ${peoplesVotes} p on p.task_id = t.task_id
        where t.evaluation_id = e.id group by 1 order by count(*) desc, 1 limit 1)) as id) asked on true
    where e.project_id = ${projectId} and (e.model_id = ${modelId} or e.opponent_id = ${modelId})
    order by e.created_at desc`);
  return rows.map((row) => {
    const outcomes = [...row.votes, ...row.settled];
    const count = (outcome: Outcome, among: readonly { outcome: Outcome }[] = outcomes) =>
      among.filter((one) => one.outcome === outcome).length;
    const rate = winRate(outcomes.map(({ promptId, outcome }) => ({ promptId, score: scores[outcome] })));
    const exposed = (exposure: Exposure) =>
      (row.exposures[exposure] ?? 0) + row.settled.filter((one) => one.exposure === exposure).length;
    return {
      id: row.id,
      model: { id: row.model_id, name: row.model_name },
      opponent: { id: row.opponent_id, name: row.opponent_name },
      runId: row.run_id,
      createdAt: new Date(row.created_at),
      questionId: row.question,
      tasks: row.tasks,
      waiting: row.waiting,
      won: count("won"),
      lost: count("lost"),
      tied: count("tied"),
      bothBad: count("bothBad"),
      withoutPeople: {
        won: count("won", row.settled),
        lost: count("lost", row.settled),
        tied: count("tied", row.settled),
      },
      unanswered: row.unanswered,
      prompts: {
        heldOut: exposed("held_out"),
        new: exposed("new"),
        trained: exposed("trained"),
        unknown: row.exposures.unknown ?? 0,
      },
      winRate: rate,
      toSettle: toSettle(rate, outcomes),
    };
  });
}

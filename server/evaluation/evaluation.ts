import { and, asc, desc, eq, inArray, notExists, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { datasetVersion, model, peoplesVotes, prompt, response, score } from "../../db/schema";
import type { RunKind } from "../../db/shape/run-kinds";
import type { Actor } from "../audit/audit";
import { responseKey } from "../content/keys";
import { replyTurns, storedTurns } from "../content/rendered";
import { invalid } from "../errors";
import { getModel } from "../model/model";
import type { Model } from "../model/schema";
import { queueRun } from "../run/queue";

/** Queues work that a model does. */
export async function queueModelRun(
  db: Db,
  actor: Actor,
  input: {
    projectId: string;
    kind: Extract<RunKind, "generate" | "score" | "evaluate" | "chat">;
    modelIds: readonly string[];
    /** What the models must be for this work. */
    wants: "writes" | "scores";
    title: (names: string[]) => string;
    spec: Record<string, unknown>;
  },
) {
  return db.transaction(async (tx) => {
    const models: Model[] = [];
    for (const modelId of input.modelIds)
      models.push(await getModel(tx, { projectId: input.projectId, modelId }));
    const wrong = models.find(({ method }) => (method === "reward") !== (input.wants === "scores"));
    if (wrong)
      throw invalid(
        input.wants === "scores"
          ? `${wrong.name} is no reward model.`
          : `${wrong.name} is a reward model: it scores and does not write.`,
      );
    return queueRun(tx, actor, {
      projectId: input.projectId,
      kind: input.kind,
      title: input.title(models.map(({ name }) => name)),
      spec: input.spec,
      requirements: { engine: "onnx" },
    });
  });
}

/** Prompts that a model has not answered, in the order they came. */
export async function unansweredPrompts(
  db: Db,
  { projectId, source, limit }: { projectId: string; source: string; limit: number },
) {
  const answered = db
    .select({ one: sql`1` })
    .from(response)
    .where(and(eq(response.promptId, prompt.id), eq(response.source, source)));
  return db
    .select({ id: prompt.id, messages: prompt.messages, tools: prompt.tools })
    .from(prompt)
    .where(and(eq(prompt.projectId, projectId), notExists(answered)))
    .orderBy(asc(prompt.id))
    .limit(limit);
}

/** Stores a model's reply. @returns its id, also when it was stored before */
export async function storeReply(
  db: Db,
  {
    projectId,
    promptId,
    content,
    source,
    runId,
  }: { projectId: string; promptId: string; content: string; source: string; runId: string },
): Promise<string> {
  const [stored] = await db
    .insert(response)
    .values({
      projectId,
      promptId,
      content,
      source,
      key: responseKey({ content, source }),
      metadata: { runId },
    })
    .onConflictDoUpdate({ target: [response.promptId, response.key], set: { source } })
    .returning({ id: response.id });
  return stored.id;
}

/** Responses that a reward model has not scored, with their prompts; by prompt, so that pairs are scored together. */
export async function unscoredPrompts(
  db: Db,
  {
    projectId,
    modelId,
    afterPrompt,
    limit,
  }: { projectId: string; modelId: string; afterPrompt: string; limit: number },
) {
  return db.query.prompt.findMany({
    columns: { id: true, messages: true, tools: true },
    where: (t, { and, eq, gt }) =>
      and(
        eq(t.projectId, projectId),
        gt(t.id, afterPrompt),
        sql`exists (select 1 from response r where r.prompt_id = ${t.id}
          and not exists (select 1 from score s where s.response_id = r.id and s.model_id = ${modelId}))`,
      ),
    orderBy: (t, { asc }) => asc(t.id),
    limit,
  });
}

/** The responses to prompts, each with the turns that a model reads. */
export async function responsesOf(db: Db, promptIds: readonly string[]) {
  const rows = await db
    .select({
      id: response.id,
      promptId: response.promptId,
      content: response.content,
      turns: sql`${response.metadata}->'messages'`.mapWith(response.metadata),
    })
    .from(response)
    .where(inArray(response.promptId, [...promptIds]))
    .orderBy(asc(response.id));
  return rows.map(({ id, promptId, content, turns }) => ({
    id,
    promptId,
    turns: replyTurns({ content, turns: storedTurns(turns) }),
  }));
}

export async function storeScores(
  db: Db,
  {
    projectId,
    modelId,
    rewards,
  }: { projectId: string; modelId: string; rewards: readonly { responseId: string; reward: number }[] },
): Promise<void> {
  if (rewards.length === 0) return;
  await db
    .insert(score)
    .values(rewards.map((row) => ({ projectId, modelId, ...row })))
    .onConflictDoUpdate({ target: [score.modelId, score.responseId], set: { reward: sql`excluded.reward` } });
}

/**
 * Pairs on which most experts prefer what the model scores lower, the widest gaps first. Votes are those under one
 * question, or they would pool two things that may contradict each other: that of the version the model learnt from,
 * else the one with most votes in the project.
 */
export async function rewardDisagreements(
  db: Db,
  { projectId, modelId, limit }: { projectId: string; modelId: string; limit: number },
) {
  const rows = await db.execute<{
    task_id: string;
    prompt_id: string;
    prompt: string;
    preferred_id: string;
    preferred: string;
    preferred_reward: number;
    other_id: string;
    other: string;
    other_reward: number;
    votes: number;
    gap: number;
  }>(sql`
    with asked as (
      select question->>'id' as id
      from ${model} m join ${datasetVersion} v on v.id = m.version_id,
        jsonb_array_elements(coalesce(v.manifest->'questions', '[]')) question
      where m.id = ${modelId}
    ), counted as (
      select id from asked
      union all
      (select p.question_id from ${peoplesVotes} p
        where p.project_id = ${projectId} and not exists (select from asked)
        group by 1 order by count(*) desc, 1 limit 1)
    ), cast_votes as (
      -- Several questions may ask the same thing: of those a rater has one vote on a pair, the last.
      select distinct on (p.rater_id, p.task_id, p.response_a, p.response_b) p.*
      from ${peoplesVotes} p
      where p.project_id = ${projectId} and p.question_id in (select id from counted)
      order by p.rater_id, p.task_id, p.response_a, p.response_b, p.id desc
    ), votes as (
      select p.task_id, p.prompt_id, p.response_a, p.response_b, count(*)::int as votes,
        sum(case p.outcome when 'a' then 1 when 'b' then -1 else 0 end) as lead
      from cast_votes p
      group by 1, 2, 3, 4
    ), pairs as (
      select task_id, prompt_id, votes,
        case when lead > 0 then response_a else response_b end as preferred,
        case when lead > 0 then response_b else response_a end as other
      from votes where lead <> 0
    )
    select pairs.task_id, pairs.prompt_id, left(prompt.search_text, 300) as prompt, votes,
      liked.id as preferred_id, left(liked.content, 300) as preferred, sl.reward as preferred_reward,
      rest.id as other_id, left(rest.content, 300) as other, sr.reward as other_reward,
      sr.reward - sl.reward as gap
    from pairs
    join score sl on sl.response_id = preferred and sl.model_id = ${modelId}
    join score sr on sr.response_id = other and sr.model_id = ${modelId}
    join response liked on liked.id = preferred
    join response rest on rest.id = other
    join prompt on prompt.id = pairs.prompt_id
    where sr.reward > sl.reward
    order by gap desc limit ${limit}`);
  return rows.map((row) => ({
    taskId: row.task_id,
    promptId: row.prompt_id,
    prompt: row.prompt,
    preferred: { id: row.preferred_id, excerpt: row.preferred, reward: row.preferred_reward },
    other: { id: row.other_id, excerpt: row.other, reward: row.other_reward },
    votes: row.votes,
    gap: row.gap,
  }));
}

/** The responses to a prompt, best first by a reward model. */
export async function rankedResponses(db: Db, of: { projectId: string; modelId: string; promptId: string }) {
  await getModel(db, of);
  return db
    .select({
      id: response.id,
      source: response.source,
      excerpt: sql<string>`left(${response.content}, 300)`,
      reward: score.reward,
    })
    .from(score)
    .innerJoin(response, eq(response.id, score.responseId))
    .where(
      and(
        eq(score.modelId, of.modelId),
        eq(score.projectId, of.projectId),
        eq(response.promptId, of.promptId),
      ),
    )
    .orderBy(desc(score.reward));
}

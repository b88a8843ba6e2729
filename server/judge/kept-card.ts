import { eq, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { judgeCard, judgeVerdict, mark, prompt, task, vote } from "../../db/schema";
import { type JudgePolicy, type JudgeRole, judgeRoles } from "../../db/shape/judge";
import { ancestry } from "../model/model";
import { roleOf, type Standing, type Worth } from "../statistics/judge/role";
import { reckonCard, versionBefore } from "./card";
import { type JudgeCard, type ReckonedCard, reckonedCardSchema } from "./card-schema";
import { getJudgeVersion, modelsOf } from "./judge";
import { judgePolicy } from "./policy";
import type { JudgeVersion } from "./schema";

/** Goes up with each change of what a card says of the same verdicts and votes: those that are kept are reckoned anew. */
const RECKONING = 3;

type Look = { projectId: string; judgeVersionId: string };

/** The card of a version with what the judge may by it, and keeps both. */
export async function cardOfVersion(db: Db, look: Look): Promise<JudgeCard> {
  const found = await readCard(db, look);
  const { kept, card, standing, inputs } = found;
  const { role } = standing;
  const lost = lostBy(kept, role);
  if (kept?.inputs !== inputs || kept.role !== role || kept.lostRole !== (lost?.role ?? null)) {
    const row = { inputs, card, role, lostRole: lost?.role ?? null, lostAt: lost?.at ?? null };
    await db
      .insert(judgeCard)
      .values({ versionId: look.judgeVersionId, projectId: look.projectId, ...row })
      .onConflictDoUpdate({ target: judgeCard.versionId, set: { ...row, reckonedAt: sql`now()` } });
  }
  return { ...card, standing: { ...standing, lost } };
}

/** What a version may by its card as it is now, in the state that a transaction sees; nothing is kept. */
export async function standingOfVersion(db: Db, look: Look): Promise<Standing> {
  return (await readCard(db, look)).standing;
}

async function readCard(db: Db, look: Look) {
  const version = await getJudgeVersion(db, look);
  const [policy, inputs, [kept]] = await Promise.all([
    judgePolicy(db, look.projectId),
    inputsOf(db, version, look),
    db.select().from(judgeCard).where(eq(judgeCard.versionId, version.id)),
  ]);
  const same = kept?.inputs === inputs ? reckonedCardSchema.safeParse(kept.card) : null;
  const card = same?.success ? same.data : await reckonCard(db, { projectId: look.projectId, version });
  return { kept, card, inputs, standing: standingOf(version, card, policy) };
}

/** What a version may by its card under a policy. */
function standingOf(version: JudgeVersion, card: ReckonedCard, policy: JudgePolicy): Standing {
  const { pairs, scales, failures } = card;
  const pairsWorth: Worth[] = pairs
    ? [
        {
          ...{ label: "", besidePeople: pairs.unseen ?? pairs.besidePeople, trainedOn: pairs.trainedOn },
          consistency: version.verdictBy === "reward" ? null : pairs.sway.consistency,
        },
      ]
    : [];
  // Asked in both orders it says what it says twice, but of tasks with one response.
  const isOfOne = (judged: number, twice: number) => version.orders === "both" && judged > 0 && twice === 0;
  const worths = [
    ...pairsWorth,
    ...scales.map(
      ({ label, besidePeople, unseen, trainedOn, consistency }): Worth => ({
        ...{ label, besidePeople: unseen ?? besidePeople, trainedOn },
        consistency: isOfOne(besidePeople.items, consistency.of) ? null : consistency,
      }),
    ),
  ];
  const wrong = (pairs?.findings ?? []).flatMap(({ weight, text }) => (weight === "wrong" ? [text] : []));
  return roleOf({ worths, failures, wrong }, policy);
}

const rank = (role: JudgeRole) => judgeRoles.indexOf(role);

/** The most that a judge might once and may no longer; null as soon as it may again. */
function lostBy(
  kept: typeof judgeCard.$inferSelect | undefined,
  role: JudgeRole,
): { role: JudgeRole; at: Date } | null {
  if (!kept) return null;
  const before = kept.lostRole && kept.lostAt ? { role: kept.lostRole, at: kept.lostAt } : null;
  const most = before && rank(before.role) >= rank(kept.role) ? before : { role: kept.role, at: new Date() };
  return rank(most.role) > rank(role) ? most : null;
}

/**
 * A hash of all that a card is reckoned from: verdicts, votes and marks of people on the same tasks, the language and
 * domain of their prompts, what the model was trained on, and the verdicts of the version before and of members.
 */
async function inputsOf(db: Db, version: JudgeVersion, { projectId }: Look): Promise<string> {
  const before = await versionBefore(db, { ...version, projectId });
  const saidBy = (
    id: string,
  ) => sql`(select concat_ws(' ', count(*), count(failure), sum(uuid_hash_extended(id, 0)),
    sum(extract(epoch from created_at))) from ${judgeVerdict} where version_id = ${id})`;
  const own = await db
    .selectDistinct({ taskId: judgeVerdict.taskId })
    .from(judgeVerdict)
    .where(eq(judgeVerdict.versionId, version.id));
  // By their ids and not by a join: of that the planner thinks too little, and looks up row by row (14 s for 10⁴ verdicts).
  const taskIds = own.map(({ taskId }) => taskId);
  const facts = (
    view: typeof vote | typeof mark,
  ) => sql`(select concat_ws(' ', count(*), sum(uuid_hash_extended(f.id, 0)))
    from ${view} f where ${anyOf(sql`f.task_id`, taskIds)} and f.question_id = ${version.questionId}
      and f.rater_kind <> 'model')`;
  const modelIds = modelsOf(version);
  const seen =
    modelIds.length > 0
      ? sql`(select string_agg(m.id::text || m.version_id::text, ' ' order by m.id) from model m
        where m.id in (${ancestry(modelIds)}))`
      : sql`''`;
  const [{ hash }] = await db.execute<{ hash: string }>(sql`
    select md5(concat_ws('/', ${RECKONING}::text, ${saidBy(version.id)}, ${facts(vote)}, ${facts(mark)}, ${seen},
      (select sum(hashtextextended(concat(${prompt.language}, ' ', ${prompt.domain}), 0)) from ${task}
        join ${prompt} on ${prompt.id} = ${task.promptId} where ${anyOf(task.id, taskIds)}),
      ${before ? saidBy(before.judgeVersionId) : sql`''`},
      ${sql.join([sql`''`, ...version.members.map(({ id }) => saidBy(id))], sql`, `)})) as hash`);
  return hash;
}

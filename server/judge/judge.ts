import { and, desc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { admitted, endpoint, judge, judgeVerdict, judgeVersion, model, rater } from "../../db/schema";
import type { AskedForm, Rubric } from "../../db/shape/judge";
import { writeJson } from "../../db/shape/written-json";
import { type Actor, audit } from "../audit/audit";
import { sha256 } from "../content/keys";
import { conflict, invalid, notFound } from "../errors";
import { kindOf, type Question } from "../form/schema";
import { currentForm } from "../form/versions";
import { groupBy } from "../group";
import { type Answering, answeringModel } from "./answering";
import { familyOf } from "./family";
import { askedOf, WORDING } from "./request";
import type { Judge, JudgeSettings, JudgeVersion, ListedVersion, NewJudge } from "./schema";

/** The judges of a project with their versions, both newest first; those out of use where they are asked for. */
export async function listJudges(
  db: Db,
  { projectId, which }: { projectId: string; which: "in_use" | "all" },
): Promise<Judge[]> {
  return judgesWhere(
    db,
    and(eq(judge.projectId, projectId), which === "all" ? undefined : isNull(judge.archivedAt)),
  );
}

export async function getJudge(db: Db, of: { projectId: string; judgeId: string }): Promise<Judge> {
  const [found] = await judgesWhere(db, and(eq(judge.projectId, of.projectId), eq(judge.id, of.judgeId)));
  if (!found) throw notFound("The judge");
  return found;
}

async function judgesWhere(db: Db, where: SQL | undefined): Promise<Judge[]> {
  const judges = await db.select().from(judge).where(where).orderBy(desc(judge.id));
  const [versions, counts] = await Promise.all([versionsWhere(db, where), countsWhere(db, where)]);
  const listed = groupBy(
    versions.map((version) => ({ ...version, ...(counts.get(version.id) ?? NOTHING) })),
    ({ judgeId }) => judgeId,
  );
  return judges.map(({ id, name, createdAt, archivedAt }) => ({
    ...{ id, name, createdAt, archivedAt },
    versions: listed.get(id) ?? [],
  }));
}

type Counts = Pick<ListedVersion, "judged" | "asked" | "failed">;
const NOTHING: Counts = { judged: 0, asked: 0, failed: 0 };

/** What versions of judges have said so far, by their ids: it reads all their verdicts. */
async function countsWhere(db: Db, where: SQL | undefined): Promise<Map<string, Counts>> {
  const verdicts = (which: SQL) =>
    sql<number>`(select count(*)::int from ${judgeVerdict} v where v.version_id = ${judgeVersion.id} and v.wording = 0 and ${which})`;
  const rows = await db
    .select({
      id: judgeVersion.id,
      judged: sql<number>`(select count(*)::int from ${admitted} n where n.rater_id = ${judgeVersion.raterId})`,
      asked: verdicts(sql`true`),
      failed: verdicts(sql`v.failure is not null`),
    })
    .from(judgeVersion)
    .innerJoin(judge, eq(judge.id, judgeVersion.judgeId))
    .where(where);
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

async function versionsWhere(db: Db, where: SQL | undefined): Promise<JudgeVersion[]> {
  const versions = await db
    .select({
      id: judgeVersion.id,
      judgeId: judgeVersion.judgeId,
      name: judge.name,
      version: judgeVersion.version,
      raterId: judgeVersion.raterId,
      endpoint: { id: endpoint.id, name: endpoint.name, model: endpoint.model },
      model: { id: model.id, name: model.name },
      assembly: judgeVersion.assembly,
      questionId: judgeVersion.questionId,
      formVersionId: judgeVersion.formVersionId,
      verdictBy: judgeVersion.verdictBy,
      wording: judgeVersion.wording,
      rubric: judgeVersion.rubric,
      sampling: judgeVersion.sampling,
      orders: judgeVersion.orders,
      settles: judgeVersion.settles,
      family: judgeVersion.family,
      createdAt: judgeVersion.createdAt,
    })
    .from(judgeVersion)
    .innerJoin(judge, eq(judge.id, judgeVersion.judgeId))
    .leftJoin(endpoint, eq(endpoint.id, judgeVersion.endpointId))
    .leftJoin(model, eq(model.id, judgeVersion.modelId))
    .where(where)
    .orderBy(desc(judgeVersion.version));
  const members = await membersOf(
    db,
    versions.flatMap(({ assembly }) => assembly?.members ?? []),
  );
  return versions.map((version) => ({
    ...version,
    members: (version.assembly?.members ?? []).flatMap((id) => members.get(id) ?? []),
  }));
}

/** Versions as what others are made of, by their ids. */
async function membersOf(db: Db, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, JudgeVersion["members"][number]>();
  const found = await db
    .select({
      id: judgeVersion.id,
      judgeId: judgeVersion.judgeId,
      name: judge.name,
      version: judgeVersion.version,
      endpointId: judgeVersion.endpointId,
      modelId: judgeVersion.modelId,
      family: judgeVersion.family,
    })
    .from(judgeVersion)
    .innerJoin(judge, eq(judge.id, judgeVersion.judgeId))
    .where(inArray(judgeVersion.id, [...new Set(ids)]));
  return new Map(found.map((each) => [each.id, each]));
}

/** One version of a judge, by its id. */
export async function getJudgeVersion(
  db: Db,
  { projectId, judgeVersionId }: { projectId: string; judgeVersionId: string },
): Promise<JudgeVersion> {
  const where = and(eq(judgeVersion.projectId, projectId), eq(judgeVersion.id, judgeVersionId));
  const [found] = await versionsWhere(db, where);
  if (!found) throw notFound("The judge's version");
  return found;
}

/** The models of the registry that answer for a version. */
export const modelsOf = ({ model, members }: Pick<JudgeVersion, "model" | "members">): string[] =>
  model ? [model.id] : members.flatMap(({ modelId }) => modelId ?? []);

/** The endpoints that answer for a version. */
export const endpointsOf = ({ endpoint, members }: Pick<JudgeVersion, "endpoint" | "members">): string[] =>
  endpoint ? [endpoint.id] : members.flatMap(({ endpointId }) => endpointId ?? []);

type Created = { judgeId: string; judgeVersionId: string };

/** All that decides what a version says. */
export type Decided = Omit<
  typeof judgeVersion.$inferInsert,
  "id" | "projectId" | "judgeId" | "version" | "raterId" | "createdBy" | "createdAt"
>;

/**
 * Makes a judge with its first version.
 * @throws BAD_REQUEST where its model cannot answer the question in the form that is asked for
 */
export async function createJudge(
  db: Db,
  actor: Actor,
  { name, projectId, ...settings }: NewJudge & { projectId: string },
): Promise<Created> {
  return addFirst(
    db,
    actor,
    { projectId, name },
    async (tx) => (await resolved(tx, projectId, settings)).decided,
  );
}

/** A judge with its first version, by what is decided of it in the same transaction. */
export async function addFirst(
  db: Db,
  actor: Actor,
  { projectId, name }: { projectId: string; name: string },
  decide: (tx: Db) => Promise<Decided>,
): Promise<Created> {
  return db.transaction(async (tx) => {
    const [created] = await tx
      .insert(judge)
      .values({ projectId, name, createdBy: actor.personId })
      .onConflictDoNothing()
      .returning({ id: judge.id });
    if (!created) throw conflict(`Another judge is called ${name}: give this one its own name.`);
    const judgeVersionId = await addVersion(tx, actor, {
      ...{ projectId, judgeId: created.id, name, version: 1, action: "judge.create" },
      decided: await decide(tx),
    });
    return { judgeId: created.id, judgeVersionId };
  });
}

/** Makes the next version of a judge: what changed, changes for no verdict that is there. */
export async function reviseJudge(
  db: Db,
  actor: Actor,
  { judgeId, projectId, ...settings }: JudgeSettings & { judgeId: string; projectId: string },
): Promise<Created> {
  return addNext(
    db,
    actor,
    { projectId, judgeId },
    async (tx) => (await resolved(tx, projectId, settings)).decided,
  );
}

/** The next version of a judge, by what is decided of it in the same transaction. */
export async function addNext(
  db: Db,
  actor: Actor,
  { projectId, judgeId }: { projectId: string; judgeId: string },
  decide: (tx: Db) => Promise<Decided>,
): Promise<Created> {
  return db.transaction(async (tx) => {
    const { name } = await inUse(tx, { projectId, judgeId });
    const [{ last }] = await tx
      .select({ last: sql<number>`coalesce(max(${judgeVersion.version}), 0)` })
      .from(judgeVersion)
      .where(eq(judgeVersion.judgeId, judgeId));
    const judgeVersionId = await addVersion(tx, actor, {
      ...{ projectId, judgeId, name, version: last + 1, action: "judge.revise" },
      decided: await decide(tx),
    });
    return { judgeId, judgeVersionId };
  });
}

/** Takes a judge out of use. What it judged stays, and can be read. */
export async function archiveJudge(
  db: Db,
  actor: Actor,
  { projectId, judgeId }: { projectId: string; judgeId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { name } = await inUse(tx, { projectId, judgeId });
    await tx.update(judge).set({ archivedAt: sql`now()` }).where(eq(judge.id, judgeId));
    const target = { kind: "judge", id: judgeId };
    await audit(tx, actor, { action: "judge.archive", target, projectId, before: { name } });
  });
}

/** Held, so that two new versions have two numbers. */
async function inUse(tx: Db, { projectId, judgeId }: { projectId: string; judgeId: string }) {
  const [found] = await tx
    .select({ name: judge.name })
    .from(judge)
    .where(and(eq(judge.id, judgeId), eq(judge.projectId, projectId), isNull(judge.archivedAt)))
    .for("update");
  if (!found) throw notFound("The judge");
  return found;
}

/**
 * What a version keeps of settings, held against the form in force and what the model can: what is left open in them is
 * decided.
 * @throws BAD_REQUEST where its model cannot answer the question in the form that is asked for
 */
async function resolved(tx: Db, projectId: string, settings: JudgeSettings) {
  const form = await currentForm(tx, projectId);
  const question = form.questions.find(({ id }) => id === settings.questionId);
  if (!question) throw invalid(`The form has no question "${settings.questionId}".`);
  if (!kindOf(question.type).judging)
    throw invalid(`${question.label}: no model is asked a question of type ${question.type}.`);
  const answering = await answeringModel(tx, projectId, settings);
  const verdictBy = settings.verdictBy ?? surest(answering, settings.rubric, question);
  const problem = problemOf(answering, verdictBy, settings, question);
  if (problem) throw invalid(problem);
  const family = settings.family === undefined ? familyOf(answering.model) : settings.family;
  const { endpointId, modelId, questionId, rubric, sampling, orders, settles } = settings;
  const said = { endpointId, modelId, questionId, rubric, sampling, orders, settles };
  return { answering, decided: { ...said, verdictBy, wording: WORDING, formVersionId: form.id, family } };
}

/**
 * A version as settings would make it, that is stored nowhere: the same settings are the same one, so that what it was
 * asked once is not paid again.
 */
export async function draftOf(
  db: Db,
  { projectId, settings }: { projectId: string; settings: JudgeSettings },
): Promise<JudgeVersion> {
  const { answering, decided } = await resolved(db, projectId, settings);
  const { endpointId, modelId } = decided;
  const id = idOf(decided);
  const model = { name: answering.name, model: answering.model };
  return {
    ...{ ...decided, id, judgeId: id, raterId: id, name: "A draft", version: 0, createdAt: new Date() },
    ...{ assembly: null, members: [] },
    endpoint: endpointId === null ? null : { id: endpointId, ...model },
    model: modelId === null ? null : { id: modelId, name: answering.name },
  };
}

/**
 * The settings of a version with another model. Its verdict is read in the same form, where that model can; its kin is
 * the new model's.
 */
export async function withModel(
  db: Db,
  {
    projectId,
    from,
    model,
  }: { projectId: string; from: JudgeVersion; model: Pick<JudgeSettings, "endpointId" | "modelId"> },
): Promise<JudgeSettings> {
  const { questionId, rubric, sampling, orders, settles, verdictBy } = from;
  if (from.assembly || verdictBy === "members")
    throw conflict(
      `${from.name} v${from.version} is made of other judges: let one of them have a successor, and make a version with that.`,
    );
  const { endpointId, modelId } = model;
  const settings = { endpointId, modelId, questionId, rubric, sampling, orders, settles };
  const { questions } = await currentForm(db, projectId);
  const question = questions.find(({ id }) => id === questionId);
  const answering = await answeringModel(db, projectId, model);
  const keeps = question && problemOf(answering, verdictBy, settings, question) === null;
  return keeps || verdictBy === "reward" ? { ...settings, verdictBy } : settings;
}

/** An id that what is hashed decides (RFC 9562, version 8). */
function idOf(what: object): string {
  const hex = sha256(writeJson(what));
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

async function addVersion(
  tx: Db,
  actor: Actor,
  given: {
    projectId: string;
    judgeId: string;
    name: string;
    version: number;
    decided: Decided;
    action: string;
  },
): Promise<string> {
  const { projectId, judgeId, version, action } = given;
  const { formVersionId, ...row } = given.decided;
  const name = `${given.name} v${version}`;
  const [{ raterId }] = await tx
    .insert(rater)
    .values({ projectId, kind: "model", name, externalId: `judge ${judgeId} v${version}` })
    .returning({ raterId: rater.id });
  const [created] = await tx
    .insert(judgeVersion)
    .values({
      ...row,
      projectId,
      judgeId,
      version,
      raterId,
      formVersionId,
      createdBy: actor.personId,
    })
    .returning({ id: judgeVersion.id });
  await audit(tx, actor, {
    action,
    target: { kind: "judge", id: judgeId },
    projectId,
    after: { name, judgeVersionId: created.id, ...row },
  });
  return created.id;
}

/** Whether each answer to a question has a label of one letter or digit. */
function hasLetters(question: Question, rubric: Rubric): boolean {
  // How many responses there are changes no labels: a question that has them for two has no others.
  const asked = askedOf({ question, rubric }, kindOf(question.type).compares ? 2 : 1);
  return "labels" in asked && asked.labels.every(({ label }) => label.length === 1);
}

function surest({ can }: Answering, rubric: Rubric | null, question: Question): AskedForm {
  if (rubric === null) return "reward";
  if (can.logprobs > 0 && !rubric.explains && hasLetters(question, rubric)) return "logprobs";
  if (can.schema) return "schema";
  return can.tools ? "tool" : "marker";
}

/** What is in the way of a judge; null: nothing. */
function problemOf(
  { name, can }: Answering,
  verdictBy: AskedForm,
  { rubric, sampling }: JudgeSettings,
  question: Question,
): string | null {
  if (verdictBy === "reward") {
    if (!can.rewards) return `${name} gives no rewards: give it a rubric, so that it can judge in words.`;
    if (rubric) return `${name} judges by its rewards and reads no rubric: leave it out.`;
    return kindOf(question.type).judging?.byScores
      ? null
      : `${question.label}: rewards say which response is better, and this question asks for something else.`;
  }
  if (!rubric) return "Give a rubric: what is judged by, in words.";
  if (!can.writes) return `${name} is a reward model: it scores and reads no rubric.`;
  const lacks = {
    logprobs: can.logprobs > 0 ? null : "tells no log-probabilities",
    schema: can.schema ? null : "keeps to no JSON schema",
    tool: can.tools ? null : "calls no tools",
    marker: null,
  }[verdictBy];
  if (lacks) return `${name} ${lacks}, as its last probe found: choose another form of verdict.`;
  if (verdictBy === "logprobs") {
    if (rubric.explains)
      return "A verdict by log-probabilities is the first word of the reply: there is no room for reasons before it.";
    if (!hasLetters(question, rubric))
      return `${question.label}: its answers are no single letters or digits, so that no log-probability says one. Choose another form of verdict${rubric.degrees ? ", or leave the degrees out" : ""}.`;
  }
  if (sampling.samples > 1 && sampling.temperature === 0)
    return "At temperature 0 each sample says the same: ask for one, or set a temperature.";
  return null;
}

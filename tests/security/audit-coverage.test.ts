import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { callTRPCProcedure } from "@trpc/server";
import { eq, type SQL, sql } from "drizzle-orm";
import { TOTP } from "otpauth";
import { afterAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { auditEntry, person as personTable, redTeamAttempt } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { promptKey, sha256 } from "@/server/content/keys";
import { env } from "@/server/env";
import { askForEmail } from "@/server/people/email";
import { hashPassword } from "@/server/people/password";
import { beginSession } from "@/server/people/sessions";
import { raterOf } from "@/server/rater/rater";
import { routes } from "@/server/rest/routes";
import { appRouter } from "@/server/root";
import { testDatabase } from "../integration/database";
import { newKey, prefer, someone, somePrompts, study } from "../integration/study";

const { folder } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/concord-audit-");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_DATA = folder;
  process.env.CONCORD_MODELS = "/models";
  return { folder };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const database = await testDatabase();
const { db } = database;
const { projectId, manager, join: joinStudy } = await study(database, { tasks: 20 });
const person = manager.viewer;
const project = { projectId };
const other = await someone(database);
const reason = "tested";

const idOf = async (query: SQL) => z.object({ id: z.uuid() }).parse((await db.execute(query))[0]).id;

/** One judgement, of somebody else. */
async function judged() {
  const member = await joinStudy();
  const { tasks } = await member.caller.annotation.claim({ projectId, hold: 1 });
  const assignmentId = tasks[0]?.assignmentId ?? "";
  const { annotationId } = await member.caller.annotation.submit({
    assignmentId,
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  const taskId = await idOf(sql`select task_id as id from annotation where id = ${annotationId}`);
  const raterId = await idOf(sql`select rater_id as id from annotation where id = ${annotationId}`);
  return { member, assignmentId, annotationId, taskId, raterId };
}
const aModel = (method = "base", format = "full") =>
  idOf(sql`insert into model (project_id, name, method, format, source)
    values (${projectId}, gen_random_uuid()::text, ${method}, ${format}, '{"kind": "folder", "path": "/nowhere"}') returning id`);
const aRun = (status: string) =>
  idOf(sql`insert into run (project_id, kind, title, spec, status) values (${projectId}, 'freeze', 'r', '{}', ${status})
    returning id`);
const aDataset = () =>
  idOf(sql`insert into dataset (project_id, name, kind) values (${projectId}, gen_random_uuid()::text, 'preference')
    returning id`);
const aMapping = () =>
  idOf(sql`insert into import_mapping (project_id, name, mapping)
    values (${projectId}, gen_random_uuid()::text, '{"prompt": "{{q}}"}') returning id`);
const aVersion = async () =>
  idOf(sql`insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows)
    values (${projectId}, ${await aDataset()}, 1, '{}', '{"rows": {"train": 9, "validation": 1, "test": 0}}', '', 10)
    returning id`);
/** One that is waited for: nobody can withdraw or reserve an item with a known answer. */
const aTask = () =>
  idOf(sql`select id from task where project_id = ${projectId}
    and not exists (select from annotation where task_id = task.id)
    and not exists (select from gold where task_id = task.id)
    and not exists (select from norming_item where task_id = task.id) order by random() limit 1`);
/** A task that has no item yet, with its answer. */
const anItem = async () => {
  const [free] = await db.execute<{ promptId: string; responseIds: string[] }>(sql`
    select prompt_id as "promptId", response_ids as "responseIds" from task t where project_id = ${projectId}
      and not exists (select from gold join task item on item.id = gold.task_id where item.prompt_id = t.prompt_id) limit 1`);
  return { ...free, answers: prefer("a"), reason };
};
const anUpload = async (text: string) => {
  const bytes = { bytes: Readable.from([text]), mediaType: "text/plain" };
  return (await keepUpload(db, storeFromEnvironment(env()), { ...project, personId: null, ...bytes })).sha256;
};
const training = async () => ({
  ...project,
  versionId: await aVersion(),
  modelId: await aModel(),
  name: "run",
  method: "preference",
});

const aView = { page: "runs", name: "Mine", address: "sort=-loss" } as const;
const aCluster = { address: "http://ray:8265", token: "t", siteAddress: "http://concord:3000" };
const anEndpoint = {
  kind: "openai-compatible",
  ...{ url: "https://models.example.org/v1", model: "m" },
  ...{ inputPrice: null, cachedPrice: null, outputPrice: null },
  ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 1 },
} as const;
const anEndpointId = async () => {
  const { endpointId } = await manager.caller.endpoint.add({ ...project, ...anEndpoint, name: newKey() });
  return { endpointId };
};

const aJudge = async () => ({
  ...project,
  ...{ modelId: await aModel(), questionId: "preference", rubric: { criteria: "Which helps more?" } },
});
const aPanel = async () => {
  const members = [await aJudgesIds(), await aJudgesIds()].map(({ judgeVersionId }) => judgeVersionId);
  return { ...project, assembled: { kind: "panel" as const, members } };
};
const aJudgesIds = async () => manager.caller.judge.create({ ...(await aJudge()), name: newKey() });

/** A data run of two candidates, of which people look at the first, and the id of that. */
const aDataRun = async () => {
  const runId = await idOf(sql`insert into run (project_id, kind, title, spec, status)
    values (${projectId}, 'construct', 'made', '{}', 'succeeded') returning id`);
  await db.execute(sql`with own as (
      insert into rater (project_id, kind, name) values (${projectId}, 'model', 'made') returning id)
    insert into data_run (run_id, project_id, recipe, recipe_hash, inputs, rater_id)
    select ${runId}, ${projectId}, '{"method": "self-instruct", "slots": {}, "stops": {"auditBelow": 0.5}}', '', '[]', id from own`);
  const text = (words: string) =>
    JSON.stringify({
      ...{ prompt: [{ role: "user", content: newKey() }], pair: null, nearest: null, facts: {} },
      responses: [{ text: words, by: null, score: null }],
    });
  const candidateId =
    await idOf(sql`insert into candidate (project_id, run_id, position, key, parents, operator,
      content, asks, verdicts, source_prompts, source_annotations, audited)
    values (${projectId}, ${runId}, 0, '~1', '{}', 'made', ${text("one")}, '{}', '[]', '{}', '{}', true),
      (${projectId}, ${runId}, 1, '~2', '{}', 'made', ${text("two")}, '{}', '[]', '{}', '{}', false)
    returning id`);
  return { ...project, runId, candidateId };
};

/** Two replies to one question, with the turn in which two models gave them. */
const aTurn = async () => {
  const messages = [{ role: "user" as const, content: newKey() }];
  const replies = ["one", "two"];
  const turnId = await idOf(sql`insert into chat_turn (project_id, person_id, prompt_key)
    values (${projectId}, ${person.personId}, ${promptKey(messages)}) returning id`);
  for (const [place, reply] of replies.entries())
    await db.execute(sql`
      insert into model_call (project_id, model_id, person_id, status, wanted_until, turn_id, place, said)
      values (${projectId}, ${await aModel()}, ${person.personId}, 'done', now(), ${turnId}, ${place}, ${sha256(reply)})`);
  return { ...project, turnId, messages, replies, answers: prefer("a") };
};

/** The least input with which each procedure changes something. */
const CHANGES: Record<string, () => Promise<object> | object | undefined> = {
  "benchmark.delete": async () => {
    const benchmarkId = await idOf(sql`insert into benchmark (project_id, model_id, name, asked, key)
      values (${projectId}, ${await aModel()}, 'b', '{}', 'k') returning id`);
    return { ...project, benchmarkId };
  },
  "benchmark.start": async () => {
    const modelId = await aModel();
    const sha256 = await anUpload("question,answer\nWhat is 1 + 1?,#### 2\n");
    return { ...project, modelId, suite: "gsm8k", files: [{ name: "test.csv", sha256 }] };
  },
  "chat.judge": aTurn,
  "cluster.set": () => aCluster,
  "cluster.forget": async () => {
    await manager.caller.cluster.set(aCluster);
    return undefined;
  },
  "collection.start": () => undefined,
  "construction.decide": async () => ({ ...(await aDataRun()), decision: "accepted" }),
  "construction.release": async () => {
    const { candidateId, ...one } = await aDataRun();
    await manager.caller.construction.decide({ ...one, candidateId, decision: "accepted" });
    return one;
  },
  "construction.start": async () => ({
    ...project,
    recipe: { method: "self-instruct", slots: { writer: [{ modelId: await aModel() }] } },
  }),
  "conclusion.fixRule": () => ({
    ...project,
    ...{ questionId: "preference", source: "model-0", opponent: "model-1", budget: 100, reason },
  }),
  "conclusion.setRate": () => ({ ...project, rate: { amount: 40, currency: "EUR" } }),
  "content.addPrompts": () => ({ ...project, prompts: somePrompts(1, 2) }),
  "content.deletePrompts": async () => {
    const { promptIds } = await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(1, 2) });
    return { ...project, promptIds };
  },
  "dataset.create": () => ({ ...project, name: "A dataset", kind: "preference" }),
  "dataset.export": async () => ({ ...project, versionId: await aVersion() }),
  "dataset.freeze": async () => ({ ...project, datasetId: await aDataset(), recipe: {} }),
  "dataset.push": async () => ({ ...project, versionId: await aVersion(), repository: "a/b" }),
  "judge.archive": async () => ({ ...project, judgeId: (await aJudgesIds()).judgeId }),
  "judge.assemble": async () => ({ ...(await aPanel()), name: newKey() }),
  "judge.reassemble": async () => ({ ...(await aPanel()), judgeId: (await aJudgesIds()).judgeId }),
  "judge.create": async () => ({ ...(await aJudge()), name: newKey() }),
  "judge.revise": async () => ({ ...(await aJudge()), judgeId: (await aJudgesIds()).judgeId }),
  "judge.setPolicy": async () => ({ ...project, policy: { items: 150 } }),
  "judge.try": async () => {
    const { projectId: _, ...settings } = await aJudge();
    return { ...project, settings };
  },
  "judge.succeed": async () => ({
    ...project,
    judgeVersionId: (await aJudgesIds()).judgeVersionId,
    modelId: await aModel(),
  }),
  "judge.run": async () => ({ ...project, judgeVersionId: (await aJudgesIds()).judgeVersionId }),
  "endpoint.add": () => ({ ...project, ...anEndpoint, name: newKey() }),
  "endpoint.edit": async () => ({ ...project, ...(await anEndpointId()), name: newKey() }),
  "endpoint.probe": async () => ({ ...project, ...(await anEndpointId()) }),
  "endpoint.remove": async () => ({ ...project, ...(await anEndpointId()) }),
  "erasure.person": async () => {
    const { personId, email } = (await joinStudy()).viewer;
    return { personId, email, consent: "withdrawn" };
  },
  "evaluation.chat": async () => ({
    ...project,
    modelIds: [await aModel()],
    conversations: [[{ role: "user", content: "Hello" }]],
  }),
  "evaluation.generate": async () => ({ ...project, modelId: await aModel() }),
  "evaluation.score": async () => ({ ...project, modelId: await aModel("reward") }),
  "evaluation.start": async () => ({ ...project, modelId: await aModel(), opponentId: await aModel() }),
  "import.changeMapping": async () => ({ ...project, mappingId: await aMapping(), name: newKey() }),
  "import.deleteMapping": async () => ({ ...project, mappingId: await aMapping() }),
  "import.saveMapping": () => ({ ...project, name: newKey(), mapping: { prompt: "{{q}}" } }),
  "gold.adopt": async () => ({ ...project, raterId: (await judged()).raterId, reason }),
  "gold.block": async () => ({ ...project, raterId: (await judged()).raterId, reason }),
  "gold.create": async () => ({ ...project, items: [await anItem()] }),
  "gold.retire": async () => {
    await manager.caller.gold.create({ ...project, items: [await anItem()] });
    return {
      ...project,
      taskId: await idOf(sql`select task_id as id from gold order by created_at desc limit 1`),
    };
  },
  "gold.setPolicy": () => ({ ...project, policy: { feedback: true } }),
  "gold.unblock": async () => {
    const { raterId } = await judged();
    await manager.caller.gold.block({ ...project, raterId, reason });
    return { ...project, raterId, reason };
  },
  "import.start": async () => {
    const sha256 = await anUpload('{"prompt": "a", "chosen": "b", "rejected": "c"}');
    return { ...project, files: [{ name: "a.jsonl", sha256 }] };
  },
  "loop.start": () => ({ base: { kind: "new" } }),
  "machine.createToken": () => ({ name: "GPU box" }),
  "machine.revokeToken": async () => ({
    tokenId: (await manager.caller.machine.createToken({ name: "Old box" })).id,
  }),
  "meaning.embed": async () => ({ ...project, modelId: await aModel() }),
  "meaning.search": async () => {
    const modelId = await aModel();
    await db.execute(sql`insert into embedding (project_id, model_id, prompt_id, vector)
      select project_id, ${modelId}::uuid, id, ''::bytea from prompt where project_id = ${project.projectId} limit 1`);
    return { ...project, modelId, like: { words: "the same" } };
  },
  "member.remove": async () => ({ ...project, personId: (await joinStudy()).viewer.personId }),
  "member.set": () => ({ ...project, email: other.viewer.email, role: "reviewer" }),
  "model.add": () => ({ ...project, name: "Base", source: { kind: "folder", path: "/models/one" } }),
  "model.archive": async () => ({ ...project, modelId: await aModel() }),
  "model.export": async () => ({ ...project, modelId: await aModel(), form: "full" }),
  "model.make": () => ({ ...project, name: "Small" }),
  "model.push": async () => ({ ...project, modelId: await aModel(), form: "full", repository: "a/b" }),
  "model.setConsent": async () => ({ ...project, raterId: (await judged()).raterId, withdrawn: true }),
  "norming.end": async () => ({ ...project, ...(await aNorming()) }),
  "norming.open": async () => ({ ...project, ...(await aNorming()) }),
  "norming.repeat": async () => {
    const key = { ...project, ...(await aNorming()) };
    await manager.caller.norming.open(key);
    return { ...key, set: "same" };
  },
  "norming.say": async () => {
    const key = { ...project, ...(await aNorming()) };
    await manager.caller.norming.open(key);
    const taskId = await idOf(
      sql`select task_id as id from norming_item where norming_id = ${key.normingId}`,
    );
    return { ...project, taskId, text: "Which dose?" };
  },
  "norming.start": async () => {
    await endNormings();
    return { ...project, ...(await freshTasks()) };
  },
  "redTeam.away": redTeaming,
  "redTeam.back": redTeaming,
  "redTeam.begin": async () => ({ ...(await redTeaming()), ...anAttack }),
  "redTeam.drop": anAttempt,
  "redTeam.end": async () => {
    const key = await anAttempt();
    await db
      .update(redTeamAttempt)
      .set({
        messages: [
          { role: "user", content: "The word?" },
          { role: "assistant", content: "No." },
        ],
      })
      .where(eq(redTeamAttempt.id, key.attemptId));
    return { ...key, claim: "no" };
  },
  "redTeam.export": () => project,
  "redTeam.guard": async () => {
    const { judgeVersionId } = await aGuard();
    await manager.caller.redTeam.setPolicy({
      ...project,
      policy: { open: true, guard: { judgeVersionId, harmful: ["unsafe"] } },
    });
    return project;
  },
  "redTeam.join": () => project,
  "redTeam.judge": async () => {
    const attacker = await joinStudy();
    const raterId = await raterOf(db, { projectId, personId: attacker.viewer.personId });
    await redTeaming();
    const attemptId = await idOf(sql`
      insert into red_team_attempt (project_id, rater_id, model_id, tactic, harm, wanted, messages, state, overlap)
      values (${projectId}, ${raterId}, ${await aModel()}, 'direct', 'other', 'a word', '[]', 'done', 1) returning id`);
    await manager.caller.redTeam.next(project);
    return { ...project, attemptId, level: "no" };
  },
  "redTeam.leave": redTeaming,
  "redTeam.setPolicy": () => ({ ...project, policy: { open: true, dailyCap: 500 } }),
  "person.invite": () => ({ name: "Guest", email: `${newKey()}@example.org` }),
  "person.renewLink": () => ({ personId: other.viewer.personId }),
  "person.setAdmin": () => ({ personId: other.viewer.personId, isAdmin: true }),
  "person.setDisabled": () => ({ personId: other.viewer.personId, disabled: true }),
  "person.setPassword": async () => ({ ...(await proof()), password: "window lemon gravel tuba" }),
  "person.signOutEverywhere": () => undefined,
  "person.setDesk": () => ({ keys: { undo: "b" } }),
  "person.updateProfile": () => ({ name: "Renamed" }),
  "person.changeEmail": async () => ({ ...(await proof()), email: `${newKey()}@example.org` }),
  "person.createEmailLink": async () => {
    const { personId } = other.viewer;
    await askForEmail(db, { personId }, { personId, email: `${newKey()}@example.org` });
    return { personId };
  },
  "person.confirmEmail": async () => {
    const { personId } = person;
    await askForEmail(db, { personId }, { personId, email: `${newKey()}@example.org` });
    const { path } = await manager.caller.person.createEmailLink({ personId });
    return { token: path.replace("/address/", "") };
  },
  "person.beginSecondFactor": proof,
  "person.addSecondFactor": async () => {
    const { secret } = await manager.caller.person.beginSecondFactor(await proof());
    return { code: new TOTP({ secret }).generate() };
  },
  "person.removeSecondFactor": proof,
  "session.end": async () => ({
    sessionId: await beginSession(db, { personId: person.personId, address: "192.0.2.1", agent: "" }),
  }),
  "project.addGuidelines": () => ({ ...project, markdown: "Judge." }),
  "project.archive": async () => ({ ...(await emptyProject()), archived: true }),
  "project.changeForm": async () => {
    const [newest] = await manager.caller.project.forms({ projectId });
    return {
      ...project,
      questions: [...newest.questions, { id: "more", type: "text", label: "More?", required: false }],
    };
  },
  "project.create": () => ({ name: newKey() }),
  "project.delete": emptyProject,
  "project.update": () => ({ ...project, name: newKey() }),
  "rater.addNote": async () => ({ ...project, raterId: (await judged()).raterId, text: "Seen" }),
  "rater.setSkills": async () => ({
    ...project,
    raterId: (await judged()).raterId,
    languages: ["de"],
    domains: [],
  }),
  "remark.write": async () => {
    const { annotationId, assignmentId } = await judged();
    await manager.caller.review.sendBack({ projectId, annotationIds: [annotationId], reason });
    return { ...project, assignmentId, text: "Which part?" };
  },
  "review.adjudicate": async () => ({
    ...project,
    taskId: (await judged()).taskId,
    answers: prefer("b"),
    reason,
  }),
  "review.exclude": async () => ({ ...project, annotationIds: [(await judged()).annotationId], reason }),
  "review.include": async () => {
    const { annotationId } = await judged();
    await manager.caller.review.exclude({ projectId, annotationIds: [annotationId], reason });
    return { ...project, annotationIds: [annotationId], reason };
  },
  "review.reopen": async () => ({ ...project, raterId: (await judged()).raterId, reason, to: "rater" }),
  "review.sendBack": async () => ({ ...project, annotationIds: [(await judged()).annotationId], reason }),
  "review.undoDecision": async () => {
    const { taskId } = await judged();
    const decided = await manager.caller.review.adjudicate({
      ...{ ...project, taskId, answers: prefer("b"), reason },
    });
    return { ...project, taskId, ...decided };
  },
  "run.describe": async () => ({ ...project, runId: await aRun("running"), tags: ["kept"] }),
  "run.cancel": async () => ({ ...project, runId: await aRun("running") }),
  "run.retry": async () => ({ ...project, runId: await aRun("failed") }),
  "run.stop": async () => ({ ...project, runId: await aRun("running") }),
  "savedView.delete": async () => ({
    ...project,
    viewId: (await manager.caller.savedView.save({ ...aView, projectId, name: newKey() })).id,
  }),
  "savedView.save": () => ({ ...project, ...aView }),
  "secret.store": () => ({ name: "huggingface", value: "hf_secret" }),
  "secret.forget": async () => {
    await manager.caller.secret.store({ name: "huggingface", value: "hf_secret" });
    return { name: "huggingface" };
  },
  "task.create": async () => {
    await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(1, 2) });
    return project;
  },
  "task.reserve": async () => {
    const { raterId } = await judged(); // first: it takes a seat of a task
    return { ...project, taskIds: [await aTask()], raterIds: [raterId] };
  },
  "task.setPriority": async () => ({ ...project, taskIds: [await aTask()], priority: 7 }),
  "task.withdraw": async () => ({ ...project, taskIds: [await aTask()] }),
  "token.create": () => ({ name: "A token" }),
  "token.revoke": async () => ({ tokenId: (await manager.caller.token.create({ name: "Old", days: 1 })).id }),
  "training.launch": training,
  "training.preview": training,
  "training.sweep": async () => ({ ...(await training()), grid: { beta: [0.1, 0.2] } }),
};

/** Procedures whose change is its own record, so that an audit row would only repeat it. */
const OWN_RECORD: Record<string, string> = {
  "annotation.claim": "a lease is on its seat with holder and time, and ends by itself",
  "annotation.heartbeat": "renews leases and changes nothing else",
  "annotation.renew": "renews a lease and changes nothing else",
  "annotation.release": "ends a lease of one's own; the seat is as it was",
  "annotation.releaseAll": "ends leases of one's own; the seats are as they were",
  "annotation.skip": "the seat keeps who skipped it, when and why",
  "benchmark.look": "reads files and keeps nothing",
  "annotation.submit": "annotations are append-only and name rater, time, form and guidelines",
  "annotation.revise": "every revision is kept as an annotation of its own",
  "annotation.undo": "the annotation stays, no longer current",
  "chat.ask": "its turn and calls say who asked which models when",
  "chat.names": "the turn keeps when its names were shown",
  "redTeam.exposed": "its row says by day how long it was, and nothing else changes",
  "redTeam.next": "a lease is on its row with holder and time, and ends by itself",
  "redTeam.say": "what was said stands in the attempt, and its call has a row of its own",
  "serving.start": "its row says who asked which model when, by which token, and how many tokens it took",
};

/** The manager takes part in the red team, with nothing open. */
async function redTeaming() {
  await manager.caller.redTeam.setPolicy({ ...project, policy: { open: true, dailyCap: 500 } });
  await manager.caller.redTeam.join(project);
  const { open } = await manager.caller.redTeam.standing(project);
  if (open) await manager.caller.redTeam.drop({ ...project, attemptId: open.id });
  return project;
}
const anAttack = { tactic: "direct", harm: "other", wanted: "A made-up secret word." } as const;
async function anAttempt() {
  await redTeaming();
  await aModel();
  const { id } = await manager.caller.redTeam.begin({ ...project, ...anAttack });
  return { ...project, attemptId: id };
}
/** A judge that says of responses whether they are safe. */
async function aGuard() {
  const [newest] = await manager.caller.project.forms({ projectId });
  const options = ["safe", "unsafe"].map((value) => ({ value, label: value }));
  if (!newest.questions.some(({ id }) => id === "safe"))
    await manager.caller.project.changeForm({
      ...project,
      questions: [
        ...newest.questions,
        { id: "safe", type: "choice", per: "response", label: "Is it safe?", required: false, options },
      ],
    });
  return manager.caller.judge.create({ ...(await aJudge()), questionId: "safe", name: newKey() });
}

/** The password of whoever makes the changes. */
async function proof() {
  const currentPassword = "kettle orbit mango fjord";
  const passwordHash = await hashPassword(currentPassword);
  await db.update(personTable).set({ passwordHash }).where(eq(personTable.id, person.personId));
  return { currentPassword };
}

/** One runs at a time. */
const endNormings = () =>
  db.execute(sql`update norming set ended_at = now() where project_id = ${projectId} and ended_at is null`);

/** A task that nobody has begun, and two who judge it. */
async function freshTasks() {
  await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(1, 2) });
  await manager.caller.task.create({ projectId });
  const personIds = [(await joinStudy()).viewer.personId, (await joinStudy()).viewer.personId];
  return { count: 1, personIds };
}

async function aNorming() {
  await endNormings();
  const { id } = await manager.caller.norming.start({ projectId, ...(await freshTasks()) });
  return { normingId: id };
}

async function emptyProject() {
  const name = newKey();
  const { id } = await manager.caller.project.create({ name });
  return { projectId: id, name };
}

const mutations = Object.keys(appRouter._def.procedures).filter(
  (name) => Reflect.get(Reflect.get(appRouter._def.procedures, name), "_def").type === "mutation",
);

async function call(name: string, viewer: typeof person, input: object | undefined) {
  await callTRPCProcedure({
    router: appRouter,
    path: name,
    type: "mutation",
    ctx: { db, sql: database.sql, viewer },
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  });
}

describe("every change leaves an audit row", () => {
  test("each mutation has a row in one of the tables", () => {
    const known = [...Object.keys(CHANGES), ...Object.keys(OWN_RECORD), "annotation.flag"];
    expect(mutations.toSorted()).toEqual(known.toSorted());
    expect(routes().filter(({ type }) => type === "mutation").length).toBeGreaterThan(50);
  });

  test.each(Object.entries(CHANGES))("%s", async (name, prepare) => {
    const input = await prepare();
    const before = await db.$count(auditEntry, eq(auditEntry.personId, person.personId));
    await call(name, person, input);
    expect(await db.$count(auditEntry, eq(auditEntry.personId, person.personId))).toBeGreaterThan(before);
  });

  test("annotation.flag, by the rater", async () => {
    const { member, assignmentId, annotationId } = await judged();
    await call("annotation.flag", member.viewer, { assignmentId, reason });
    expect(
      await db.select().from(auditEntry).where(eq(auditEntry.personId, member.viewer.personId)),
    ).toMatchObject([
      { action: "annotation.flag", targetId: annotationId, before: { reason: null }, after: { reason } },
    ]);
  });
});

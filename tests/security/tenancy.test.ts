import { randomUUID } from "node:crypto";
import { callTRPCProcedure, getTRPCErrorFromUnknown } from "@trpc/server";
import { type SQL, sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { beginSession } from "@/server/people/sessions";
import { type Route, routes } from "@/server/rest/routes";
import { appRouter } from "@/server/root";
import { createToken } from "@/server/token/person";
import { type TestDatabase, testDatabase } from "../integration/database";
import { type Member, newKey, prefer, study } from "../integration/study";
import { sample } from "./sample";

/** Ids by the name that inputs give them. */
type Ids = Record<string, string>;

let database: TestDatabase;
let insider: Member;
let ownProjectId: string;
let own: Ids;
let foreign: Ids;

beforeAll(async () => {
  database = await testDatabase();
  const here = await study(database, { tasks: 2 });
  ownProjectId = here.projectId;
  insider = await here.join("manager");
  own = await everyId(here);
  foreign = await everyId(await study(database, { tasks: 2 }));
});

/** One of everything that a project can hold. */
async function everyId({ projectId, join }: Awaited<ReturnType<typeof study>>): Promise<Ids> {
  const { db } = database;
  const member = await join();
  const { personId } = member.viewer;
  const claimed = await member.caller.annotation.claim({ projectId, hold: 2 });
  const [judged, held] = claimed.tasks.map((task) => task.assignmentId);
  const { annotationId } = await member.caller.annotation.submit({
    assignmentId: judged ?? "",
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  const idOf = async (query: SQL) => z.object({ id: z.uuid() }).parse((await db.execute(query))[0]).id;
  const datasetId = await idOf(sql`
    insert into dataset (project_id, name, kind) values (${projectId}, 'theirs', 'preference') returning id`);
  const endpointId = await idOf(sql`
    insert into endpoint (project_id, name, kind, model, concurrency)
    values (${projectId}, 'theirs', 'openai-compatible', 'theirs', 1) returning id`);
  const judgeId = await idOf(
    sql`insert into judge (project_id, name) values (${projectId}, 'theirs') returning id`,
  );
  const normingId = await idOf(sql`
    insert into norming (project_id, holds_work) values (${projectId}, false) returning id`);
  const modelId = await idOf(sql`
    insert into model (project_id, name, method, format, source)
    values (${projectId}, 'theirs', (enum_range(null::model_method))[1], (enum_range(null::model_format))[1], '{}')
    returning id`);
  const runId = await idOf(sql`
    insert into run (project_id, kind, title, spec) values (${projectId}, 'construct', 'theirs', '{}') returning id`);
  await db.execute(sql`
    insert into data_run (run_id, project_id, recipe, recipe_hash, inputs)
    values (${runId}, ${projectId}, '{"method": "self-instruct"}', 'theirs', '[]')`);
  const attemptId = await idOf(sql`
    insert into red_team_attempt (project_id, rater_id, model_id, tactic, harm, wanted, messages, overlap)
    select ${projectId}, id, ${modelId}, 'direct', 'other', 'theirs', '[]', 1 from rater
    where project_id = ${projectId} limit 1 returning id`);
  return {
    annotationId,
    attemptId,
    candidateId: await idOf(sql`
      insert into candidate (project_id, run_id, position, key, parents, operator, content, asks, verdicts,
        source_prompts, source_annotations, audited)
      values (${projectId}, ${runId}, 0, '~1', '{}', 'theirs', '{}', '{}', '[]', '{}', '{}', true) returning id`),
    assignmentId: held ?? "",
    datasetId,
    endpointId,
    judgeId,
    judgeVersionId: await idOf(sql`
      with own as (insert into rater (project_id, kind, name) values (${projectId}, 'model', 'theirs') returning id)
      insert into judge_version (project_id, judge_id, version, rater_id, endpoint_id, question_id, form_version_id,
        verdict_by, rubric, sampling, orders, settles)
      select ${projectId}, ${judgeId}, 1, own.id, ${endpointId}, 'preference', form_version.id, 'marker',
        '{"criteria": "theirs"}', '{"samples": 1, "maxTokens": 100}', 'both',
        'strict'
      from own, form_version where form_version.project_id = ${projectId} returning id`),
    groupId: await idOf(sql`
      insert into run (project_id, kind, title, spec, group_id)
      values (${projectId}, 'sft', 'theirs', '{}', gen_random_uuid()) returning group_id as id`),
    mappingId: await idOf(sql`
      insert into import_mapping (project_id, name, mapping)
      values (${projectId}, 'theirs', '{"prompt": "{{q}}"}') returning id`),
    benchmarkId: await idOf(sql`
      insert into benchmark (project_id, model_id, name, asked, key)
      values (${projectId}, ${modelId}, 'theirs', '{}', 'theirs') returning id`),
    modelId,
    normingId,
    personId,
    promptId: await idOf(sql`select id from prompt where project_id = ${projectId} limit 1`),
    turnId: await idOf(sql`
      with turn as (insert into chat_turn (project_id, person_id) values (${projectId}, ${personId}) returning id),
      asked as (
        insert into model_call (project_id, model_id, person_id, status, turn_id, place, wanted_until)
        select ${projectId}, ${modelId}, ${personId}, 'done', turn.id, place, now() from turn, generate_series(0, 1) place
      ) select id from turn`),
    responseId: await idOf(sql`select id from response where project_id = ${projectId} limit 1`),
    raterId: await idOf(sql`select id from rater where project_id = ${projectId} limit 1`),
    sessionId: await beginSession(db, { personId, address: "192.0.2.1", agent: "" }),
    runId,
    taskId: await idOf(sql`select id from task where project_id = ${projectId} limit 1`),
    tokenId: (await createToken(db, { personId }, { personId, name: "theirs", days: 1 })).id,
    viewId: await idOf(sql`
      insert into saved_view (project_id, person_id, page, name, address)
      values (${projectId}, ${personId}, 'runs', 'theirs', '') returning id`),
    versionId: await idOf(sql`
      insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows)
      values (${projectId}, ${datasetId}, 1, '{}', '{}', 'none', 0) returning id`),
  };
}

/** Given one of two ids, neither of which must be there, or ids in an object: tests/integration/judge.test.ts has them. */
const byOneOfTwo = new Set(["judge.create", "judge.revise", "judge.reassemble"]);
/** Given one more, of an endpoint or a model. */
const withEndpoint = new Set(["judge.estimateSuccessor", "judge.succeed"]);

/** `annotationId` and `annotationIds` name the same kind of thing. */
const kindOf = (property: string) => (property === "opponentId" ? "modelId" : property.replace(/Ids$/, "Id"));
const isId = (property: string) => /Ids?$/.test(property) && property !== "projectId";

/** Operations that must be given the id of something in a project. People and machines belong to no project. */
const candidates = routes().filter(
  ({ name, input }) =>
    input.required.some(isId) && !/^(person|machine|erasure)\./.test(name) && !byOneOfTwo.has(name),
);

const idsOf = ({ name, input }: Route) =>
  (withEndpoint.has(name) ? [...input.required, "endpointId"] : input.required).filter(isId);

/** What an operation must be given: one id of another project, all others of its own. */
function inputOf(route: Route, alone: string): Record<string, unknown> {
  const { required, properties } = route.input;
  const entries = [...new Set([...required, ...idsOf(route)])].map((property) => {
    if (property === "projectId") return [property, ownProjectId];
    if (!isId(property)) return [property, sample(property, properties[property])];
    const id = (property === alone ? foreign : own)[kindOf(property)];
    if (!id) throw new Error(`everyId() makes no ${kindOf(property)}: add it.`);
    return [property, property.endsWith("Ids") ? [id] : id];
  });
  return Object.fromEntries(entries);
}

const typeOf = (name: string): Route["type"] =>
  Reflect.get(Reflect.get(Reflect.get(appRouter._def.procedures, name), "_def"), "type");

/** What the manager of another project hears. */
async function heard(name: string, input: object): Promise<unknown> {
  const { db, sql: raw } = database;
  const outcome = await callTRPCProcedure({
    router: appRouter,
    path: name,
    type: typeOf(name),
    ctx: { db, sql: raw, viewer: insider.viewer },
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  }).catch(getTRPCErrorFromUnknown);
  if (typeof outcome !== "object" || outcome === null || !(Symbol.asyncIterator in outcome)) return outcome;
  return outcome[Symbol.asyncIterator]().next().catch(getTRPCErrorFromUnknown);
}

describe("what belongs to another project is not found by its id", () => {
  test("the operations are known", () => expect(candidates.length).toBeGreaterThan(25));

  test.each(candidates.flatMap((route) => idsOf(route).map((id) => [route.name, id, route] as const)))(
    "%s, %s",
    async (name, id, route) => {
      const outcome = await heard(name, inputOf(route, id));
      // A list of what a model said of a prompt is empty where the prompt is another's.
      if (name === "evaluation.ranked" && id === "promptId") expect(outcome).toEqual([]);
      else expect(outcome).toMatchObject({ code: "NOT_FOUND" });
    },
  );
});

const judged = (model: object) => ({
  ...model,
  questionId: "preference",
  rubric: { criteria: "theirs" },
});
const recipeWith = (slot: object) => ({
  recipe: { method: "self-instruct", target: 1, slots: { writer: [slot] } },
});
const golden = (item: object) => ({ items: [{ ...item, answers: prefer("a"), reason: "known" }] });
const filtered = (filter: object) => ({ judgeVersionId: own.judgeVersionId, filter });
const byRaters = (id: string) => ({ datasetId: own.datasetId, recipe: { filters: { raters: [id] } } });
const spoken = (content: string) => [{ role: "user", content }];
const chat = (ids: object) => ({
  ...{
    modelIds: [own.modelId, own.modelId],
    conversations: [spoken("a"), spoken("b")],
    after: null,
    named: false,
  },
  ...{ maxTokens: 1, temperature: 0, seed: 0, ...ids },
});
const panel = (id: string) => ({ assembled: { kind: "panel", members: [id, own.judgeVersionId] } });
const request = { kind: "embed", texts: ["a"] };

const judgedBy = (judgeModelId: string) => ({
  ...{ modelId: own.modelId, suite: "mt_bench", judgeModelId },
  files: [{ name: "questions.jsonl", sha256: "0".repeat(64) }],
});

/** Ids within an input, ids that may be left out, and those of procedures that the HTTP API has not: how each is given. */
const WITHIN: Record<string, (id: string) => object> = {
  "benchmark.list: modelId": (modelId) => ({ modelId }),
  "benchmark.look: judgeModelId": judgedBy,
  "benchmark.start: judgeModelId": judgedBy,
  "chat.ask: after": (after) => chat({ after }),
  "chat.ask: modelIds": (id) => chat({ modelIds: [own.modelId, id] }),
  "chat.judge: turnId": (turnId) => ({
    ...{ turnId, messages: spoken("a"), replies: ["one", "other"], answers: prefer("a") },
  }),
  "chat.names: turnId": (turnId) => ({ turnId }),
  "construction.estimate: recipe.slots.*.endpointId": (endpointId) => recipeWith({ endpointId }),
  "construction.estimate: recipe.slots.*.modelId": (modelId) => recipeWith({ modelId }),
  "construction.start: recipe.slots.*.endpointId": (endpointId) => recipeWith({ endpointId }),
  "construction.start: recipe.slots.*.modelId": (modelId) => recipeWith({ modelId }),
  "dataset.count: recipe.filters.raters": byRaters,
  "dataset.freeze: recipe.filters.raters": byRaters,
  "dataset.questions: raters": (id) => ({ raters: [id] }),
  "gold.adopt: raterId": (raterId) => ({ raterId, reason: "known" }),
  "gold.create: items.promptId": (promptId) => golden({ promptId, responseIds: [own.responseId] }),
  "gold.create: items.responseIds": (id) => golden({ promptId: own.promptId, responseIds: [id] }),
  "judge.assemble: assembled.members": (id) => ({ name: "ours", ...panel(id) }),
  "judge.counted: raters": (id) => ({ raters: [id] }),
  "judge.create: endpointId": (endpointId) => judged({ name: "ours", endpointId }),
  "judge.create: modelId": (modelId) => judged({ name: "ours", modelId }),
  "judge.estimate: filter.besideVersion": (besideVersion) => filtered({ besideVersion }),
  "judge.estimate: filter.evaluationId": (evaluationId) => filtered({ evaluationId }),
  "judge.estimateSuccessor: modelId": (modelId) => ({ judgeVersionId: own.judgeVersionId, modelId }),
  "judge.estimateTry: settings.endpointId": (endpointId) => ({ settings: judged({ endpointId }) }),
  "judge.estimateTry: settings.modelId": (modelId) => ({ settings: judged({ modelId }) }),
  "judge.planAssembly: assembled.members": panel,
  "judge.reassemble: assembled.members": (id) => ({ judgeId: own.judgeId, ...panel(id) }),
  "judge.revise: endpointId": (endpointId) => judged({ judgeId: own.judgeId, endpointId }),
  "judge.revise: modelId": (modelId) => judged({ judgeId: own.judgeId, modelId }),
  "judge.setPolicy: policy.queueBy": (queueBy) => ({ policy: { queueBy } }),
  "judge.succeed: modelId": (modelId) => ({ judgeVersionId: own.judgeVersionId, modelId }),
  "judge.try: settings.endpointId": (endpointId) => ({ settings: judged({ endpointId }) }),
  "judge.try: settings.modelId": (modelId) => ({ settings: judged({ modelId }) }),
  "judge.verdicts: taskId": (taskId) => ({ judgeVersionId: own.judgeVersionId, taskId }),
  "meaning.search: like.promptId": (promptId) => ({ modelId: own.modelId, like: { promptId } }),
  "meaning.search: like.responseId": (responseId) => ({
    ...{ modelId: own.modelId, like: { promptId: own.promptId, responseId } },
  }),
  "meaning.texts: texts.promptId": (promptId) => ({ texts: [{ promptId, responseId: null }] }),
  "meaning.texts: texts.responseId": (responseId) => ({ texts: [{ promptId: own.promptId, responseId }] }),
  "norming.show: normingId": (normingId) => ({ normingId }),
  "norming.start: personIds": (id) => ({ count: 1, personIds: [id, own.personId] }),
  "norming.start: taskIds": (id) => ({ taskIds: [id] }),
  "quality.show: raterId": (raterId) => ({ raterId }),
  "redTeam.setPolicy: policy.guard.judgeVersionId": (judgeVersionId) => ({
    policy: { guard: { judgeVersionId, harmful: ["a"] } },
  }),
  "redTeam.setPolicy: policy.modelIds": (id) => ({ policy: { modelIds: [id] } }),
  "review.annotations: raterId": (raterId) => ({ raterId }),
  "review.annotations: taskId": (taskId) => ({ taskId }),
  "review.preferenceCount: raterId": (raterId) => ({ raterId }),
  "review.preferences: raterId": (raterId) => ({ raterId }),
  "run.table: runIds": (id) => ({ runIds: [id] }),
  "serving.follow: callId": (callId) => ({ callId }),
  "serving.start: modelId": (modelId) => ({ modelId, request }),
  "task.create: promptIds": (id) => ({ promptIds: [id] }),
  "task.create: raterIds": (id) => ({ promptIds: [own.promptId], raterIds: [id] }),
  "task.create: responseIds": (id) => ({ promptIds: [own.promptId], responseIds: [id] }),
  "task.list: raterId": (raterId) => ({ raterId }),
  "training.newPoints: runId": (runId) => ({ runId }),
};

/** Ids of no project, and ids that another row stands for. */
const ELSEWHERE: Record<string, string> = {
  "annotation.submit: shown": "versions of a seat: tests/integration/desk-habits.test.ts",
  "annotation.revise: shown": "as of a submission, by the same function",
  "judge.run: filter": "the same function as judge.estimate's; it starts a run",
  "audit.list: personId": "an admin's",
};

interface Node {
  type?: string;
  format?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  required?: string[];
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
}

/** `procedure: field` for every id that an input may hold. @param must whether it has to be there */
function* idsWithin(node: Node, path: string, must: boolean): Generator<{ path: string; must: boolean }> {
  const { type, format, properties = {}, additionalProperties, required = [], items } = node;
  if (type === "string" && format === "uuid") yield { path, must };
  for (const [name, inner] of Object.entries(properties))
    yield* idsWithin(inner, path ? `${path}.${name}` : name, must && required.includes(name));
  for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) yield* idsWithin(inner, path, false);
  if (items) yield* idsWithin(items, path, must);
  if (typeof additionalProperties === "object") yield* idsWithin(additionalProperties, `${path}.*`, false);
}

describe("an id of another project tells no more than one that nothing has", () => {
  const known = new Set(routes().map(({ name }) => name));
  const procedure = z
    .custom<{ _def: unknown }>((value) => typeof value === "function" && "_def" in value)
    .transform(({ _def }) => z.object({ inputs: z.array(z.instanceof(z.ZodType)).default([]) }).parse(_def));
  const node = z.custom<Node>((value) => typeof value === "object" && value !== null);

  test("every id that the operations above are not given has its row", () => {
    const found = Object.entries(appRouter._def.procedures).flatMap(([name, given]) =>
      procedure
        .parse(given)
        .inputs.map((schema) =>
          z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }),
        )
        .flatMap((schema) => [...idsWithin(node.parse(schema), "", true)])
        .filter(({ path, must }) => !(known.has(name) && must && !path.includes(".")))
        // Where a list goes on, and what a browser has, name nothing.
        .filter(({ path }) => !/^(projectId|cursor|have|next\.have)$/.test(path))
        .filter(({ path }) => !Object.keys(ELSEWHERE).some((one) => `${name}: ${path}`.startsWith(one)))
        .filter(({ path }) => !(withEndpoint.has(name) && path === "endpointId"))
        .map(({ path }) => `${name}: ${path}`),
    );
    expect([...new Set(found)].toSorted()).toEqual(Object.keys(WITHIN).toSorted());
  });

  const told = (outcome: unknown, id: string) =>
    (outcome instanceof Error
      ? `${getTRPCErrorFromUnknown(outcome).code} ${outcome.message}`
      : JSON.stringify(outcome)
    ).replaceAll(id, "ID");

  test.each(Object.entries(WITHIN))("%s", async (field, given) => {
    await database.db.execute(sql`update norming set ended_at = now() where project_id = ${ownProjectId}`);
    const [name = "", path = ""] = field.split(": ");
    const last = path.split(".").at(-1) ?? "";
    const kinds: Ids = {
      besideVersion: "judgeVersionId",
      callId: "runId",
      evaluationId: "runId",
      judgeModelId: "modelId",
      after: "turnId",
      members: "judgeVersionId",
      queueBy: "judgeVersionId",
      raters: "raterId",
    };
    const id = foreign[kinds[last] ?? kindOf(last)];
    if (!id) throw new Error(`everyId() makes no ${last}: add it.`);
    const ask = async (one: string) => {
      const outcome = await heard(name, { projectId: ownProjectId, ...given(one) });
      expect(outcome, "an input that its schema takes").not.toMatchObject({ cause: { name: "ZodError" } });
      expect(outcome, "no defect").not.toMatchObject({ code: "INTERNAL_SERVER_ERROR" });
      return told(outcome, one);
    };
    expect(await ask(id)).toBe(await ask(randomUUID()));
  });
});

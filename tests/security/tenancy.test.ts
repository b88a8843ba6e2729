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
let foreign: Ids;

beforeAll(async () => {
  database = await testDatabase();
  const here = await study(database, { tasks: 1 });
  ownProjectId = here.projectId;
  insider = await here.join("manager");
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
        verdict_by, sampling, orders, settles)
      select ${projectId}, ${judgeId}, 1, own.id, ${endpointId}, 'preference', form_version.id, 'marker', '{}', 'both',
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

function inputOf({ name, input }: Route): Record<string, unknown> {
  const given = withEndpoint.has(name) ? [...input.required, "endpointId"] : input.required;
  const entries = given.map((property) => {
    if (property === "projectId") return [property, ownProjectId];
    if (!isId(property)) return [property, sample(property, input.properties[property])];
    const id = foreign[kindOf(property)];
    if (!id) throw new Error(`everyId() makes no ${kindOf(property)}: add it.`);
    return [property, property.endsWith("Ids") ? [id] : id];
  });
  return Object.fromEntries(entries);
}

describe("what belongs to another project is not found by its id", () => {
  test("the operations are known", () => expect(candidates.length).toBeGreaterThan(25));

  test.each(candidates.map((route) => [route.name, route] as const))("%s", async (name, route) => {
    const { db, sql: raw } = database;
    const outcome = await callTRPCProcedure({
      router: appRouter,
      path: name,
      type: route.type,
      ctx: { db, sql: raw, viewer: insider.viewer },
      getRawInput: async () => inputOf(route),
      signal: undefined,
      batchIndex: 0,
    }).catch(getTRPCErrorFromUnknown);
    expect(outcome).toMatchObject({ code: "NOT_FOUND" });
  });
});

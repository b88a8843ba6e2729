import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import { artifactBehind } from "@/server/artifact/access";
import { collectStore, GRACE_HOURS } from "@/server/artifact/collect";
import { keepBytes, keepForJob, keepUpload, wantAgain } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { startDailyCollection } from "@/server/collection/collection";
import { collectionReportSchema } from "@/server/collection/schema";
import { env } from "@/server/env";
import { emit } from "@/server/event/events";
import { standingOf } from "@/server/people/standing";
import { once } from "@/server/rest/idempotency";
import { attachArtifact } from "@/server/run/file";
import { queueRun } from "@/server/run/queue";
import type { Run } from "@/server/run/run";
import { collectFolders } from "@/workers/run/folders";
import { collect } from "@/workers/run/handlers/collect";
import { testDatabase } from "./database";
import { newKey, prefer, type Study, someone, somePrompts, study } from "./study";

const { folder } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/concord-erasure-");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_DATA = folder;
  return { folder };
});
afterAll(async () => {
  const { rm } = await import("node:fs/promises");
  await rm(folder, { recursive: true, force: true });
});

const database = await testDatabase();
const { db } = database;
const store = storeFromEnvironment(env());

const json = (value: unknown) => sql`${JSON.stringify(value)}::jsonb`;
const bytesOf = (text: string) => ({ bytes: Readable.from([text]), mediaType: "text/plain" });
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const everything = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

/** What a worker does with a run of kind `collect`. */
async function collected(run?: Run) {
  const queued =
    run ??
    (await queueRun(db, system, { projectId: null, kind: "collect", title: "", spec: { cause: "asked" } }));
  const result = await collect({
    run: queued,
    db,
    sql: database.sql,
    store,
    folder: join(folder, "runs", queued.id),
    signal: new AbortController().signal,
    stop: new AbortController().signal,
    progress: () => {},
    log: async () => {},
    metrics: async () => {},
    attach: async () => Promise.reject(new Error("A collection makes no file.")),
  });
  await db.execute(
    sql`update run set status = 'succeeded', result = ${json(result)} where id = ${queued.id}`,
  );
  return result;
}

/** Bytes and rows as old as they have to be. */
async function age(sha256: string, hours: number) {
  const then = new Date(Date.now() - hours * 3_600_000);
  await utimes(join(folder, "artifacts", sha256.slice(0, 2), sha256), then, then);
  await db.execute(sql`update artifact set created_at = ${then.toISOString()} where sha256 = ${sha256}`);
}

/** Tables of the schema, and whether a row of them belongs to a project: by a column, or by what it refers to. */
async function tablesOfProjects() {
  const tables = await db.execute<{ name: string }>(sql`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'`);
  const references = await db.execute<{ child: string; parent: string }>(sql`
    select distinct child.table_name as child, parent.table_name as parent
    from information_schema.referential_constraints c
    join information_schema.table_constraints child on child.constraint_name = c.constraint_name
    join information_schema.table_constraints parent on parent.constraint_name = c.unique_constraint_name
    where c.constraint_schema = 'public'`);
  const named = await db.execute<{ name: string }>(sql`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'project_id'`);
  const names = tables.map(({ name }) => name).sort();
  const belonging = new Set([
    "project",
    ...named.map(({ name }) => name).filter((name) => names.includes(name)),
  ]);
  for (let before = 0; before !== belonging.size; ) {
    before = belonging.size;
    for (const { child, parent } of references) if (belonging.has(parent)) belonging.add(child);
  }
  return { names, belonging: [...belonging].sort() };
}

const countsOf = async (names: readonly string[]) =>
  Object.fromEntries(
    await Promise.all(
      names.map(async (name) => {
        const [{ count }] = await db.execute<{ count: number }>(
          sql`select count(*)::int as count from ${sql.identifier(name)}`,
        );
        return [name, count] as const;
      }),
    ),
  );

/** The tables that say a text anywhere in a row. */
async function saying(names: readonly string[], text: string): Promise<string[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const [{ said }] = await db.execute<{ said: boolean }>(
        sql`select exists (select from ${sql.identifier(name)} t where strpos(t::text, ${text}) > 0) as said`,
      );
      return said ? [name] : [];
    }),
  );
  return found.flat();
}

/** Puts something into every table and every folder that a project reaches. `mark` is said by all of it. */
async function fill({ projectId, manager, join: joinStudy }: Study, mark: string) {
  const { personId } = manager.viewer;
  await manager.caller.project.addGuidelines({ projectId, markdown: mark });
  await manager.caller.content.addPrompts({
    projectId,
    prompts: [
      {
        messages: [{ role: "user", content: mark }],
        metadata: {},
        responses: [0, 1].map((index) => ({ content: `${mark} ${index}`, source: mark, metadata: {} })),
      },
    ],
  });
  await manager.caller.task.create({ projectId });
  const member = await joinStudy();
  const { tasks } = await member.caller.annotation.claim({ projectId, hold: 1 });
  const { annotationId } = await member.caller.annotation.submit({
    assignmentId: tasks[0]?.assignmentId ?? "",
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  await manager.caller.review.exclude({ projectId, annotationIds: [annotationId], reason: mark });
  const one = async (query: ReturnType<typeof sql>) =>
    String((await db.execute<{ id: string }>(query))[0].id);
  const [{ taskId, raterId, promptId, responseId }] = await db.execute<Record<string, string>>(sql`
    select t.id as "taskId", n.rater_id as "raterId", t.prompt_id as "promptId", t.response_ids[1] as "responseId"
    from annotation n join task t on t.id = n.task_id where n.id = ${annotationId}`);
  await db.execute(sql`insert into mark_fact (project_id, annotation_id, task_id, prompt_id, rater_id, question_id, item, value)
    values (${projectId}, ${annotationId}, ${taskId}, ${promptId}, ${raterId}, 'q', ${mark}, 1)`);
  await db.execute(sql`insert into order_balance (rater_id, day, first_counts) values (${raterId}, now(), '{1}')
    on conflict do nothing`);
  await db.execute(
    sql`insert into task_seen (task_id, person_id) values (${taskId}, ${personId}) on conflict do nothing`,
  );
  await db.execute(sql`insert into stopping_rule
    (project_id, question_id, source, opponent, alpha, budget, reason, prompts_before)
    values (${projectId}, ${mark}, ${mark}, 'b', 0.05, 10, ${mark}, 0)`);
  await db.execute(sql`insert into kept_answer (project_id, kind, key, input)
    values (${projectId}, 'plan', ${mark}, ${json({ domain: mark })})`);
  await db.execute(sql`insert into quality_view (project_id, filter_key, filter)
    values (${projectId}, ${mark}, ${json({ domain: mark })})`);
  await db.execute(
    sql`insert into rater_note (project_id, rater_id, text) values (${projectId}, ${raterId}, ${mark})`,
  );
  await db.execute(sql`insert into remark (project_id, assignment_id, rater_id, by_rater, text)
    select project_id, assignment_id, rater_id, true, ${mark} from annotation where id = ${annotationId}`);
  await db.execute(sql`with item as (
      insert into gold (task_id, project_id, use, answers, form_version_id, reason, source)
      select ${taskId}, ${projectId}, 'mixed', ${json({})}, form_version_id, ${mark}, 'manager'
      from annotation where id = ${annotationId} returning task_id)
    insert into gold_answer (rater_id, task_id, project_id, assignment_id)
    select ${raterId}, item.task_id, ${projectId}, n.assignment_id
    from item, annotation n where n.id = ${annotationId}`);
  await db.execute(sql`with began as (
      insert into norming (project_id, holds_work, ended_at) values (${projectId}, true, now()) returning id),
    item as (
      insert into norming_item (task_id, norming_id, pass, position)
      select ${taskId}, began.id, 'before', 1 from began returning task_id),
    takes_part as (insert into norming_rater (norming_id, rater_id) select began.id, ${raterId} from began)
    insert into norming_remark (project_id, task_id, person_id, text)
    select ${projectId}, item.task_id, ${personId}, ${mark} from item`);
  const run = await one(sql`insert into run (project_id, kind, title, spec, status)
    values (${projectId}, 'sft', ${mark}, '{}', 'succeeded') returning id`);
  await db.execute(
    sql`insert into run (project_id, kind, title, spec) values (${projectId}, 'export', ${mark}, '{}')`,
  );
  const dataset = await one(
    sql`insert into dataset (project_id, name, kind) values (${projectId}, ${mark}, 'preference') returning id`,
  );
  const version =
    await one(sql`insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows, run_id)
    values (${projectId}, ${dataset}, 1, '{}', ${json({ mark })}, '', 1, ${run}) returning id`);
  await db.execute(sql`insert into dataset_row (version_id, index, split, row, prompt_id, annotation_ids)
    values (${version}, 0, 'train', ${json({ mark })}, ${promptId}, array[${annotationId}]::uuid[])`);
  const modelId =
    await one(sql`insert into model (project_id, name, method, format, source, run_id, version_id)
    values (${projectId}, ${mark}, 'sft', 'full', '{"kind": "run"}', ${run}, ${version}) returning id`);
  const hub = `${mark}/private`;
  await db.execute(sql`insert into model (project_id, name, method, format, source)
    values (${projectId}, 'hub', 'base', 'full', ${json({ kind: "hub", repository: hub, revision: "main" })})`);
  const asked = await one(sql`insert into model_call (project_id, model_id, person_id, request, wanted_until)
    values (${projectId}, ${modelId}, ${personId}, ${json({ kind: "embed", texts: [mark] })}, now()) returning id`);
  await db.execute(sql`insert into chat_turn (project_id, person_id, annotation_id)
    values (${projectId}, ${personId}, ${annotationId})`);
  await db.execute(sql`insert into model_call_piece (call_id, position, piece)
    values (${asked}, 0, ${json({ kind: "text", text: mark })})`);
  await db.execute(
    sql`insert into score (model_id, response_id, project_id, reward) values (${modelId}, ${responseId}, ${projectId}, 1)`,
  );
  await db.execute(
    sql`insert into sample (run_id, step, position, prompt, completion) values (${run}, 1, 0, ${mark}, ${mark})`,
  );
  const endpoint = await one(sql`insert into endpoint (project_id, name, kind, model, concurrency)
    values (${projectId}, ${mark}, 'openai-compatible', ${mark}, 1) returning id`);
  const call = await one(sql`insert into endpoint_call (endpoint_id, key, reply)
    values (${endpoint}, ${mark}, ${JSON.stringify({ text: mark })}) returning id`);
  await db.execute(sql`insert into endpoint_attempt (call_id, endpoint_id, run_id, error)
    values (${call}, ${endpoint}, ${run}, ${mark})`);
  const judge = await one(
    sql`insert into judge (project_id, name) values (${projectId}, ${mark}) returning id`,
  );
  const judgeVersion = await one(sql`with own as (
      insert into rater (project_id, kind, name) values (${projectId}, 'model', ${mark}) returning id)
    insert into judge_version (project_id, judge_id, version, rater_id, endpoint_id, question_id, form_version_id,
      verdict_by, rubric, sampling, orders, settles)
    select ${projectId}, ${judge}, 1, own.id, ${endpoint}, 'preference', form_version.id, 'marker',
      ${json({ criteria: mark })}, '{}', 'both', 'strict'
    from own, form_version where form_version.project_id = ${projectId} limit 1 returning id`);
  await db.execute(sql`insert into judge_card (version_id, project_id, inputs, card, role)
    values (${judgeVersion}, ${projectId}, ${mark}, '{}', 'advise')`);
  await db.execute(sql`insert into judge_verdict
    (project_id, version_id, run_id, task_id, "order", sample, failure, reason, reply, attempts)
    values (${projectId}, ${judgeVersion}, ${run}, ${taskId}, '{0,1}', 0, 'unparsed', ${mark}, ${mark}, 1)`);
  await db.execute(sql`insert into data_run (run_id, project_id, recipe, recipe_hash, inputs)
    values (${run}, ${projectId}, ${json({ method: mark })}, ${mark}, ${JSON.stringify([mark])})`);
  await db.execute(sql`insert into data_ask (run_id, key, slot, request, failure)
    values (${run}, ${mark}, 'writer', ${JSON.stringify({ prompt: mark })}, ${mark})`);
  await db.execute(sql`insert into candidate (project_id, run_id, position, key, parents, operator, content, asks,
      verdicts, source_prompts, source_annotations, audited)
    values (${projectId}, ${run}, 0, ${mark}, '{}', ${mark}, ${JSON.stringify({ messages: [], responses: [mark] })},
      array[${mark}], '[]', '{}', '{}', true)`);
  await db.execute(sql`insert into embedding (project_id, model_id, prompt_id, response_id, vector)
    values (${projectId}, ${modelId}, ${promptId}, ${responseId}, ''::bytea)`);
  await db.execute(sql`insert into import_mapping (project_id, name, mapping)
    values (${projectId}, ${mark}, ${json({ prompt: `${mark} {{q}}` })})`);
  await db.execute(sql`insert into saved_view (project_id, person_id, page, name, address)
    values (${projectId}, ${personId}, 'runs', ${mark}, ${mark})`);
  await db.execute(sql`with attempt as (
      insert into red_team_attempt (project_id, rater_id, model_id, tactic, harm, wanted, messages, state, overlap)
      values (${projectId}, ${raterId}, ${modelId}, 'direct', 'other', ${mark}, '[]', 'done', 1) returning id),
    takes_part as (
      insert into red_team_member (project_id, rater_id, consent, joined_at) values (${projectId}, ${raterId}, 1, now())),
    seen as (
      insert into red_team_exposure (project_id, rater_id, day, seconds) values (${projectId}, ${raterId}, now(), 60)),
    judged as (
      insert into red_team_judgement (project_id, attempt_id, rater_id, state, note)
      select ${projectId}, attempt.id, ${raterId}, 'judged', ${mark} from attempt)
    , held as (insert into red_team_held (project_id, key) values (${projectId}, ${mark}))
    insert into red_team_verdict (project_id, attempt_id, version_id, sample, reply)
    select ${projectId}, attempt.id, ${judgeVersion}, 0, ${mark} from attempt`);
  const evaluation = await one(sql`insert into evaluation (project_id, model_id, opponent_id)
    values (${projectId}, ${modelId}, ${modelId}) returning id`);
  await db.execute(sql`insert into evaluation_task (evaluation_id, task_id, model_response_id, opponent_response_id)
    values (${evaluation}, ${taskId}, ${responseId}, ${responseId})`);
  const benchmark = await one(sql`insert into benchmark (project_id, model_id, run_id, name, asked, key)
    values (${projectId}, ${modelId}, ${run}, ${mark}, ${json({ suite: mark })}, ${mark}) returning id`);
  await db.execute(sql`insert into benchmark_item
      (benchmark_id, position, document, prompt, asked, replies, graded, cluster, failed, cut, tokens)
    values (${benchmark}, 0, ${JSON.stringify({ mark })}, ${mark}, '{}', '[]', '{}', ${mark}, false, false, 1)`);
  await db.execute(sql`insert into run_log (run_id, level, message) values (${run}, 'info', ${mark})`);
  await db.execute(sql`insert into metric (run_id, name, step, value) values (${run}, ${mark}, 1, 1)`);
  await db.execute(sql`insert into cluster_job (run_id) values (${run})`);
  await db.execute(sql`insert into cluster_event (run_id, line, text) values (${run}, 0, ${mark})`);

  await keepUpload(db, store, { ...bytesOf(`upload ${mark}`), projectId, personId });
  const weights = await store.put(Readable.from([`weights ${mark}`]));
  await attachArtifact(db, {
    runId: run,
    name: "model/weights",
    stored: { ...weights, mediaType: "text/plain" },
  });
  const input = await keepBytes(db, store, bytesOf(`input ${mark}`));
  await db.execute(
    sql`insert into cluster_file (run_id, path, sha256) values (${run}, 'train.jsonl', ${input.sha256})`,
  );
  await keepForJob(db, store, {
    ...bytesOf(`brought ${mark}`),
    runId: run,
    sha256: hashOf(`brought ${mark}`),
  });
  const folders = [
    join("runs", run, "output"),
    join("models", modelId),
    join("hub", `models--${hub.replace("/", "--")}`),
  ];
  for (const path of folders) {
    await mkdir(join(folder, path), { recursive: true });
    await writeFile(join(folder, path, "text"), mark);
  }
  for (const topic of [`project:${projectId}`, `runs:${projectId}`, `run:${run}`])
    await emit(db, topic, "told", { mark });
  await once(db, { personId, projectId, key: mark, content: mark }, async () => ({
    status: 200,
    body: { mark },
  }));
  return {
    run,
    ids: [run, taskId, raterId, promptId, responseId, annotationId, dataset, version, modelId, evaluation],
    hashes: ["upload", "weights", "input", "brought"].map((what) => hashOf(`${what} ${mark}`)),
  };
}

describe("a deleted project", async () => {
  const mark = `mark-${randomUUID()}`;
  const other = await study(database, { tasks: 2 });
  // Another project has the same file as the one that goes.
  const shared = await keepUpload(db, store, {
    ...bytesOf("shared"),
    projectId: other.projectId,
    personId: null,
  });
  const { names, belonging } = await tablesOfProjects();
  // As a worker does when it starts: what is there is this database's.
  await collected();
  const filesBefore = await everything();
  const going = await study(database, { tasks: 0, name: `Going ${mark}` });
  const before = await countsOf(names);
  const { projectId, manager } = going;
  const { run, ids, hashes } = await fill(going, mark);
  await keepUpload(db, store, { ...bytesOf("shared"), projectId, personId: null });
  const { name } = await manager.caller.project.get({ projectId });

  test("reaches every table that a project has to do with, in this test", async () => {
    const during = await countsOf(names);
    expect(belonging).toEqual(
      expect.arrayContaining(["annotation", "cluster_event", "dataset_row", "metric"]),
    );
    // The project itself, its manager and its form were there before the count.
    const untouched = belonging.filter((table) => during[table] === before[table]);
    expect(untouched.filter((table) => !["project", "membership", "form_version"].includes(table))).toEqual(
      [],
    );
  });

  test("is told beforehand, with what others keep", async () => {
    expect(await manager.caller.project.contents({ projectId })).toMatchObject({
      prompts: 1,
      responses: 2,
      tasks: 1,
      judgements: 1,
      versions: 1,
      models: 2,
      runs: 2,
      uploads: 2,
      files: { count: 4, bytes: hashes.length * mark.length + "upload weights input brought ".length },
      sharedFiles: { count: 1, bytes: 6 },
      going: [],
    });
  });

  test("waits for what still runs", async () => {
    await db.execute(
      sql`update run set status = 'running', leased_until = now() + interval '1 minute' where id = ${run}`,
    );
    await expect(manager.caller.project.delete({ projectId, name })).rejects.toThrow(
      `Cancel what still runs`,
    );
    expect((await manager.caller.project.contents({ projectId })).prompts).toBe(1);
    await db.execute(sql`update run set status = 'succeeded' where id = ${run}`);
  });

  test("leaves no row, no byte and no text, and what others have stays", async () => {
    await manager.caller.project.delete({ projectId, name });
    for (const text of [mark, projectId, ...ids])
      expect((await saying(names, text)).filter((table) => table !== "audit_entry")).toEqual([]);
    const contents =
      await db.execute(sql`select action from audit_entry where strpos(coalesce(before::text, '')
      || coalesce(after::text, ''), ${mark}) > 0`);
    expect(contents).toEqual([{ action: "project.delete" }]);
    for (const sha256 of hashes)
      await expect(artifactBehind(db, { as: "any", sha256 })).rejects.toThrow("not found");

    const [queued] = await db.execute<{ id: string; late: boolean }>(
      sql`select id, available_at > now() as late from run where kind = 'collect' and status = 'queued'`,
    );
    expect(queued.late).toBe(true);
    const [row] = await db.query.run.findMany({ where: (t, { eq }) => eq(t.id, queued.id) });
    const result = await collected(row);
    expect(result).toMatchObject({
      collected: expect.arrayContaining([expect.objectContaining({ what: "artifact", count: 4 })]),
    });
    expect(await everything()).toEqual(filesBefore);
    expect(await store.has(shared.sha256)).toBe(true);
    const [{ count }] = await db.execute(
      sql`select count(*)::int as count from artifact where released_at is not null`,
    );
    expect(count).toBe(0);
    const { items } = await manager.caller.collection.list({});
    expect(items[0]).toMatchObject({ cause: "project deleted", status: "succeeded", report: result });
  });
});

describe("a collection", () => {
  test("takes what nobody refers to when it is old enough, and only that", async () => {
    const { projectId } = await study(database, { tasks: 0 });
    const used = await keepUpload(db, store, { ...bytesOf("used"), projectId, personId: null });
    const young = await keepBytes(db, store, bytesOf("young"));
    const old = await keepBytes(db, store, bytesOf("old"));
    const unnoted = await store.put(Readable.from(["unnoted"]));
    await age(used.sha256, GRACE_HOURS + 1);
    await age(old.sha256, GRACE_HOURS + 1);
    await age(unnoted.sha256, GRACE_HOURS + 1);
    await age(young.sha256, GRACE_HOURS - 1);
    const half = join(folder, "artifacts/incoming", `concord-${randomUUID()}`);
    await writeFile(half, "half");
    const then = new Date(Date.now() - (GRACE_HOURS + 1) * 3_600_000);
    await utimes(half, then, then);
    expect((await collected()).collected).toEqual([
      { what: "artifact", count: 1, bytes: 3 },
      { what: "stray", count: 2, bytes: 11 },
    ]);
    const left = await Promise.all([used, young, old, unnoted].map(({ sha256 }) => store.has(sha256)));
    expect(left).toEqual([true, true, false, false]);
    expect((await readdir(join(folder, "artifacts/incoming"))).length).toBe(0);
  });

  test("killed between its steps leaves nothing missing that is referred to, and the next one finishes", async () => {
    const { projectId } = await study(database, { tasks: 0 });
    const [gone, back, asked] = await Promise.all(
      ["gone", "back", "asked"].map((text) => keepBytes(db, store, bytesOf(text))),
    );
    await db.execute(sql`update artifact set released_at = now()
      where sha256 in (${gone.sha256}, ${back.sha256}, ${asked.sha256})`);
    // Each worker ends as soon as the first bytes are gone, before it has told the database.
    const signal = new AbortController().signal;
    for (const { sha256 } of [gone, back]) {
      const dying = {
        ...store,
        remove: async () => {
          await store.remove(sha256, new Date(Date.now() + 60_000));
          throw new Error("killed");
        },
      };
      await expect(collectStore(db, dying, signal)).rejects.toThrow("killed");
      expect(await store.has(sha256)).toBe(false);
    }
    // A machine that has the bytes is not told that they are here.
    expect(await wantAgain(db, asked.sha256)).toBeUndefined();
    await keepUpload(db, store, { ...bytesOf("back"), projectId, personId: null });
    expect((await collected()).collected).toEqual([{ what: "artifact", count: 2, bytes: 9 }]);
    expect(
      await artifactBehind(db, { as: "upload", projectId, sha256: back.sha256, name: "back" }),
    ).toMatchObject({ size: 4 });
    expect(await Promise.all([gone, back, asked].map(({ sha256 }) => store.has(sha256)))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("leaves a store and a folder alone that another database filled", async () => {
    const before = await everything();
    const other = await testDatabase();
    await study({ ...database, ...other }, { tasks: 0 });
    const { sha256 } = await store.put(Readable.from(["theirs"]));
    await age(sha256, GRACE_HOURS + 1);
    const signal = new AbortController().signal;
    expect(await collectStore(other.db, store, signal)).toBeNull();
    expect(await collectFolders(other.db, folder, signal)).toBeNull();
    // The same before anybody said whose they are: most of what is there has no row here.
    const unmarked = await mkdtemp(join(folder, "unmarked-"));
    await mkdir(join(unmarked, "runs", randomUUID()), { recursive: true });
    expect(await collectFolders(db, unmarked, signal)).toBeNull();
    expect(await readdir(join(unmarked, "runs"))).toHaveLength(1);
    await store.remove(sha256, new Date());
    expect(await everything()).toEqual(before);
  });

  test("begins by itself once a day, however many sites there are", async () => {
    await db.execute(sql`delete from run where kind = 'collect'`);
    const begun = await Promise.all([1, 2, 3].map(() => startDailyCollection(db)));
    expect(begun.filter((run) => run !== undefined)).toHaveLength(1);
    await db.execute(
      sql`update run set status = 'succeeded', created_at = now() - interval '25 hours' where kind = 'collect'`,
    );
    expect(await startDailyCollection(db)).toMatchObject({ kind: "collect", spec: { cause: "daily" } });
  });
});

describe("an erased person", async () => {
  const { projectId, manager, join: joinStudy } = await study(database, { tasks: 3 });
  const { caller } = manager;
  const member = await joinStudy("reviewer");
  const { personId, name, email } = member.viewer;
  const address = "198.51.100.77";
  const judge = async () => {
    const [{ assignmentId }] = (await member.caller.annotation.claim({ projectId, hold: 1 })).tasks;
    return member.caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
  };
  const first = await judge();
  const second = await judge();
  // One is sent back, one is held, and the open seat is kept for them.
  await caller.review.sendBack({ projectId, annotationIds: [second.annotationId], reason: "again" });
  await db.execute(sql`update assignment set selection_probability = 0.25 where status = 'returned'`);
  await member.caller.annotation.claim({ projectId, hold: 1 });
  const [{ id: raterId }] = await db.execute<{ id: string }>(
    sql`select id from rater where person_id = ${personId}`,
  );
  await caller.content.addPrompts({ projectId, prompts: somePrompts(1, 2) });
  await caller.task.create({ projectId });
  const open = await db.execute<{ id: string }>(
    sql`select task_id as id from assignment where project_id = ${projectId} and status = 'open'`,
  );
  await caller.task.reserve({ projectId, taskIds: open.map(({ id }) => id), raterIds: [raterId] });
  await caller.member.set({ projectId, email, role: "annotator" });
  // All that a person leaves behind.
  const row = (table: string, columns: string, ...values: unknown[]) =>
    database.sql.unsafe(
      `insert into ${table} (person_id, ${columns}) values ($1, ${values.map((_, at) => `$${at + 2}`).join(", ")})`,
      [personId, ...values.map(String)],
    );
  await row("session", "address, agent", address, "Browser");
  await row("second_factor", "ciphertext", "sealed");
  await row("email_change", "email", `new-${email}`);
  await row("account", "provider, provider_account_id", "oidc", `account of ${email}`);
  await row("sign_in_link", "token_hash, expires_at", newKey(), "2099-01-01");
  await row("api_token", "name, prefix, token_hash", `laptop of ${name}`, "concord_", newKey());
  await row("saved_view", "project_id, page, name, address", projectId, "runs", `view of ${name}`, "");
  await row("secret", "name, ciphertext", "huggingface", "sealed");
  await once(db, { personId: manager.viewer.personId, key: newKey(), content: email }, async () => ({
    status: 200,
    body: { email },
  }));
  await db.execute(sql`update person set password_hash = 'hash' where id = ${personId}`);
  await db.execute(sql`insert into audit_entry (person_id, address, action, target_kind, target_id)
    values (${personId}, ${address}, 'session.end', 'session', 'x'), (null, ${address}, 'person.signInFailed', 'person', ${personId})`);
  // What they wrote about a judgement, and what was answered.
  await db.execute(sql`insert into remark (project_id, assignment_id, rater_id, person_id, by_rater, text)
    select project_id, assignment_id, rater_id, who, who = ${personId}, ${name} from annotation
    cross join unnest(${`{${personId},${manager.viewer.personId}}`}::uuid[]) who where id = ${second.annotationId}`);
  await db.execute(sql`with began as (
      insert into norming (project_id, holds_work, ended_at) values (${projectId}, true, now()) returning id),
    item as (
      insert into norming_item (task_id, norming_id, pass, position)
      select n.task_id, began.id, 'before', 1 from began, annotation n where n.id = ${second.annotationId} returning task_id)
    insert into norming_remark (project_id, task_id, person_id, text)
    select ${projectId}, task_id, ${personId}, ${name} from item`);
  await db.execute(sql`with takes_part as (
      insert into red_team_member (project_id, rater_id, consent, joined_at) values (${projectId}, ${raterId}, 1, now()))
    insert into red_team_exposure (project_id, rater_id, day, seconds) values (${projectId}, ${raterId}, now(), 60)`);
  // Of a large project a worker has kept whose judgements carry a conclusion.
  await db.execute(sql`insert into kept_answer (project_id, kind, key, input, answer)
    values (${projectId}, 'fragility', 'asked', '{}', ${json({ alone: [{ id: raterId, name }] })})`);
  // Work of theirs in a version, a model of it, an adapter on that, and a model that has nothing to do with it.
  const id = async (query: ReturnType<typeof sql>) => String((await db.execute<{ id: string }>(query))[0].id);
  const dataset = await id(
    sql`insert into dataset (project_id, name, kind) values (${projectId}, 'd', 'preference') returning id`,
  );
  const version =
    await id(sql`insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows)
    values (${projectId}, ${dataset}, 1, '{}', '{}', '', 1) returning id`);
  await db.execute(sql`insert into dataset_row (version_id, index, split, row, prompt_id, annotation_ids)
    values (${version}, 0, 'train', '{}', uuid7(), array[${first.annotationId}]::uuid[])`);
  const aModel = (called: string, of: { version?: string; parent?: string; base?: string } = {}) =>
    id(sql`insert into model (project_id, name, method, format, source, version_id, parent_id, base_id) values (${projectId},
      ${called}, 'sft', 'full', '{"kind": "run"}', ${of.version ?? null}, ${of.parent ?? null}, ${of.base ?? null}) returning id`);
  const trained = await aModel("trained", { version });
  const onwards = await aModel("onwards", { parent: trained });
  await aModel("further", { base: onwards });
  await aModel("another");
  const { names } = await tablesOfProjects();
  const votes = () =>
    db.execute(sql`select count(*)::int as count from vote where project_id = ${projectId}`);

  test("is told what goes, what stays, and what holds their work, also by descent", async () => {
    const told = await caller.erasure.preview({ personId });
    expect(told.goes).toEqual({
      sessions: 1,
      tokens: 1,
      links: 1,
      accounts: 1,
      secondFactors: 1,
      secrets: 1,
      emailChanges: 1,
      memberships: 1,
      savedViews: 1,
      remarks: 1,
      normingRemarks: 1,
      redTeam: 2,
      addresses: 2,
    });
    expect(told.stays).toMatchObject([{ projectId, raterId, judgements: 2 }]);
    const [{ touched }] = told.stays;
    expect(touched.versions).toMatchObject([{ id: version, rows: 1 }]);
    expect(touched.models.map(({ name }) => name)).toEqual(["trained", "onwards", "further"]);
  });

  test("is not the last admin, nor oneself, nor somebody whose address is another", async () => {
    const erase = (by: typeof manager, who: typeof manager) =>
      by.caller.erasure.person({ personId: who.viewer.personId, email: who.viewer.email, consent: "kept" });
    await expect(erase(manager, manager)).rejects.toThrow("Ask another admin");
    await expect(
      caller.erasure.person({ personId, email: "x@example.org", consent: "kept" }),
    ).rejects.toThrow("give their address exactly");
    const [one, two] = [
      await someone(database, { isAdmin: true }),
      await someone(database, { isAdmin: true }),
    ];
    const both = await Promise.allSettled([erase(one, two), erase(two, one)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("leaves a pseudonym with the judgements, free seats, and no name, address or way to sign in", async () => {
    const before = await votes();
    await caller.erasure.person({ personId, email: email.toUpperCase(), consent: "kept" });
    for (const text of [name, email, address]) expect([text, await saying(names, text)]).toEqual([text, []]);
    expect(await votes()).toEqual(before);
    const seats = await db.execute(sql`select status, count(*)::int as count from assignment
      where project_id = ${projectId} and (rater_id = ${raterId} or reserved_for = ${raterId}) group by 1 order by 1`);
    expect(seats).toEqual([
      { status: "submitted", count: 1 },
      { status: "closed", count: 1 },
    ]);
    const [{ open }] = await db.execute(sql`select count(*)::int as open from assignment
      where project_id = ${projectId} and status = 'open' and reserved_for is null`);
    expect(open).toBe(3);
    // The fresh seat of the work that was sent back keeps the chance of the one it replaces.
    const kept = await db.execute(sql`select status from assignment
      where project_id = ${projectId} and selection_probability = 0.25 order by 1`);
    expect(kept).toEqual([{ status: "open" }, { status: "closed" }]);
    expect(await standingOf(db, { personId, tokenId: null })).toBeUndefined();
    const [left] =
      await db.execute(sql`select name, email, password_hash, is_admin, erased_at is not null as erased
      from person where id = ${personId}`);
    expect(left).toEqual({
      name: "Erased person",
      email: `${personId}@erased.invalid`,
      password_hash: null,
      is_admin: false,
      erased: true,
    });
    const others = [
      "session",
      "second_factor",
      "email_change",
      "account",
      "sign_in_link",
      "secret",
      "membership",
    ];
    for (const table of others)
      expect([
        table,
        await database.sql
          .unsafe(`select from ${table} where person_id = $1`, [personId])
          .then((rows) => rows.length),
      ]).toEqual([table, 0]);
    const [{ rater }] = await db.execute(sql`select name as rater from rater where id = ${raterId}`);
    expect(rater).toBe(`Erased rater ${raterId.slice(-6)}`);
    await expect(caller.person.setDisabled({ personId, disabled: false })).rejects.toThrow("not found");
    await expect(caller.person.renewLink({ personId })).rejects.toThrow("not found");
    await expect(caller.erasure.preview({ personId })).rejects.toThrow("not found");
    expect((await caller.person.list({ search: "Erased person" })).items).toEqual([]);
    // The address is free again, and it opens nothing of what was.
    const again = await caller.person.invite({ name: "Anew", email });
    expect(again.personId).not.toBe(personId);
  });

  test("takes the votes along where consent is withdrawn", async () => {
    const leaving = await joinStudy();
    const [{ assignmentId }] = (await leaving.caller.annotation.claim({ projectId, hold: 1 })).tasks;
    const [{ count: before }] = await votes();
    await leaving.caller.annotation.submit({ assignmentId, answers: prefer("b"), idempotencyKey: newKey() });
    const { viewer } = leaving;
    await caller.erasure.person({ personId: viewer.personId, email: viewer.email, consent: "withdrawn" });
    expect((await votes())[0].count).toBe(before);
    const { items } = await caller.audit.list({ action: "rater.withdrawConsent", projectId });
    expect(items).toHaveLength(1);
  });
});

describe("retention", () => {
  test("is off by itself, and lets go of what a project keeps no longer", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const { caller } = manager;
    const other = await study(database, { tasks: 0 });
    const ended = async (days: number, made: { model: boolean }) => {
      const [{ id }] = await db.execute<{
        id: string;
      }>(sql`insert into run (project_id, kind, title, spec, status, finished_at)
        values (${projectId}, 'export', 'r', '{}', 'succeeded', now() - make_interval(days => ${days})) returning id`);
      const stored = await store.put(Readable.from([`file of ${id}`]));
      await attachArtifact(db, { runId: id, name: "file", stored: { ...stored, mediaType: "text/plain" } });
      await mkdir(join(folder, "runs", id));
      await writeFile(join(folder, "runs", id, "scratch"), "scratch");
      if (made.model)
        await db.execute(sql`insert into model (project_id, name, method, format, source, run_id)
          values (${projectId}, 'm', 'sft', 'full', '{"kind": "run"}', ${id})`);
      await age(stored.sha256, 24 * days);
      return { id, sha256: stored.sha256 };
    };
    const old = await ended(31, { model: false });
    const oldModel = await ended(31, { model: true });
    const young = await ended(29, { model: false });
    const uploads = [];
    for (const of of [projectId, other.projectId]) {
      const { sha256 } = await keepUpload(db, store, {
        ...bytesOf(`upload of ${of}`),
        projectId: of,
        personId: null,
      });
      await age(sha256, 24 * 11);
      uploads.push(sha256);
    }
    await db.execute(sql`update upload set created_at = now() - interval '11 days'`);
    await db.execute(sql`insert into audit_entry (project_id, at, address, action, target_kind, target_id)
      select p, now() - make_interval(days => d), '203.0.113.5', 'x.y', 'x', 'x'
      from unnest(array[${projectId}, ${other.projectId}]::uuid[]) p, unnest(array[89, 91]) d`);

    expect((await collected()).collected).toEqual([]);
    await caller.project.update({ projectId, retention: { uploads: 10, runs: 30, addresses: 90 } });
    await db.execute(
      sql`insert into run (project_id, kind, title, spec) values (${projectId}, 'import', 'waits', '{}')`,
    );
    const what = ({ collected }: { collected: { what: string; count: number }[] }) =>
      Object.fromEntries(collected.map(({ what, count }) => [what, count]));
    expect(what(collectionReportSchema.parse(await collected()))).toEqual({
      artifact: 1,
      runFile: 1,
      endedFolder: 2,
      address: 1,
    });
    await db.execute(sql`update run set status = 'cancelled' where kind = 'import'`);
    expect(what(collectionReportSchema.parse(await collected()))).toEqual({ upload: 1, artifact: 1 });

    const kept = [old.sha256, oldModel.sha256, young.sha256, ...uploads].map((sha256) => store.has(sha256));
    expect(await Promise.all(kept)).toEqual([false, true, true, false, true]);
    expect(
      (await readdir(join(folder, "runs"))).filter((id) =>
        [old, oldModel, young].some((run) => run.id === id),
      ),
    ).toEqual([young.id]);
    await expect(caller.project.update({ projectId, retention: { uploads: 0 } })).rejects.toThrow();
  });
});

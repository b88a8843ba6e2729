import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import { admitted, candidate, dataAsk, dataRun, model, response, run as runs, vote } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { folderStore } from "@/server/artifact/store";
import { Ancestry, keepCandidates } from "@/server/construction/record";
import { dataResultSchema } from "@/server/construction/schema";
import { countRows, freezeVersion } from "@/server/dataset/freeze";
import { storeProbe } from "@/server/endpoint/endpoint";
import { constructionFigures } from "@/server/figure/construction";
import { construct } from "@/workers/run/handlers/construct";
import { EVERYTHING } from "@/workers/text/probe";
import { lockWaits, testDatabase } from "./database";
import { type Behaviour, type FakeRequest, startFakeModel } from "./fake-model";
import { type Checks, testFigures } from "./figure-checks";
import { newModel, TINY } from "./new-model";
import { type Study, study } from "./study";

const { models } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const models = await mkdtemp("/tmp/concord-construction-");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
  process.env.CONCORD_MODELS = models;
  return { models };
});

const database = await testDatabase();
const { db } = database;
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  await rm(models, { recursive: true, force: true });
});

/** Words that a request makes: as different from those of another as a hash is. */
const wordsOf = (text: string, count: number) =>
  createHash("sha256").update(text).digest("hex").match(/.{4}/g)?.slice(0, count).join(" ") ?? "";

/** A writer for Self-Instruct with bad replies in between: cut ones, empty ones, failing ones, repeated ones. */
function writer({ messages }: FakeRequest): Behaviour {
  const text = messages.at(-1)?.content ?? "";
  const hash = createHash("sha256").update(text).digest();
  if (text.startsWith("Here is the beginning")) {
    if (hash[0] % 7 === 0) return { text: "9. Cut in the", finish: "length" };
    if (hash[0] % 7 === 1) return { status: 400, error: "The prompt is too long" };
    const lines = [9, 10, 11].map((n) => `${n}. Explain the ${wordsOf(`${text} ${n}`, 6)} to a child`);
    return {
      text: [...lines, "12. Explain the same words to a child", "13. Draw a map of the old harbour"].join(
        "\n",
      ),
    };
  }
  if (text.includes("classification task")) return { text: hash[0] % 4 === 0 ? "Yes" : "No" };
  if (text.includes("of different labels")) return { text: "Class label: good\nInput: it is fine" };
  return { text: hash[0] % 5 === 0 ? "" : `Example 1\nInput:\nOutput: Because ${wordsOf(text, 5)}.` };
}

async function endpointOf({ projectId, manager }: Study, delayMs = 0, script = writer) {
  const server = await startFakeModel(async (request) => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    return script(request);
  });
  closing.push(server.close);
  const { endpointId } = await manager.caller.endpoint.add({
    ...{ projectId, name: randomUUID(), kind: "openai-compatible", url: server.url, model: "fake" },
    ...{ inputPrice: 2, cachedPrice: 1, outputPrice: 10, requestsPerMinute: null, tokensPerMinute: null },
    concurrency: 4,
  });
  await storeProbe(db, endpointId, {
    capabilities: { ...EVERYTHING, logprobs: 0, schema: false, tools: false },
    missing: [],
    retiresOn: null,
  });
  return { server, endpointId };
}

const recipeOf = (endpointId: string, more: object = {}) => ({
  method: "self-instruct",
  slots: { writer: [{ endpointId }] },
  target: 12,
  ...more,
});

/** Works a queued run off here. */
async function worked(runId: string, signal = new AbortController().signal) {
  const [run] = await db.select().from(runs).where(eq(runs.id, runId));
  const result = await construct({
    ...{ run, db, sql: database.sql, folder: tmpdir(), signal, stop: new AbortController().signal },
    store: folderStore(tmpdir()),
    progress: () => {},
    log: async () => {},
    metrics: async () => {},
    attach: async () => Promise.reject(new Error("A data run makes no file.")),
  });
  await db.update(runs).set({ status: "succeeded", result }).where(eq(runs.id, runId));
  return dataResultSchema.parse(result);
}

type Recipe = Parameters<Study["manager"]["caller"]["construction"]["start"]>[0]["recipe"];

async function made(of: Study, recipe: Recipe) {
  const { id: runId } = await of.manager.caller.construction.start({ projectId: of.projectId, recipe });
  const result = await worked(runId);
  return { runId, result };
}

/** All that a run made, without ids and times. */
async function bytesOf(runId: string): Promise<string> {
  const candidates = await db.execute(sql`
    select position, key, parents, operator, content::text as content, asks, verdicts::text as verdicts, dropped,
      source_prompts, audited
    from ${candidate} where run_id = ${runId} order by position`);
  const asks = await db.execute(sql`
    select key, slot, request::text as request, reply::text as reply, failure from ${dataAsk}
    where run_id = ${runId} order by key`);
  return JSON.stringify({ candidates, asks });
}

/** A version with all that counts. */
const frozen = (of: { projectId: string; datasetId: string; runId: string }) =>
  freezeVersion(db, {
    ...{ ...of, recipe: recipeSchema.parse({}), onProgress: () => {} },
    actor: { personId: null, tokenId: null, address: null },
    signal: new AbortController().signal,
  });

/** Lets the manager decide on candidates of a run: accepts, unless something else is said. */
const sayer =
  ({ projectId, manager }: Study, runId: string) =>
  ({ id }: { id: string }, decision: object) =>
    manager.caller.construction.decide({
      ...{ projectId, runId, candidateId: id, decision: "accepted" as const },
      ...decision,
    });

const candidatesOf = (runId: string) =>
  db.select().from(candidate).where(eq(candidate.runId, runId)).orderBy(asc(candidate.position));

describe("a data run", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const { server, endpointId } = await endpointOf(of);
  const estimate = await manager.caller.construction.estimate({ projectId, recipe: recipeOf(endpointId) });
  const { runId, result } = await made(of, recipeOf(endpointId));

  test("keeps what filters kept and what they dropped, each with what was asked for it, raw", async () => {
    expect(estimate).toMatchObject({ prompts: 10, slots: [{ slot: "writer" }, {}, {}] });
    const rows = await candidatesOf(runId);
    const kept = rows.filter(({ dropped }) => dropped === null);
    expect(result).toEqual({ kept: kept.length, dropped: rows.length - kept.length, why: "target" });
    expect(kept.length).toBeGreaterThanOrEqual(12);
    const reasons = rows.map(({ dropped }) => dropped);
    expect(reasons).toEqual(expect.arrayContaining([null, "like another", "needs what is not text"]));
    const asks = await db.select().from(dataAsk).where(eq(dataAsk.runId, runId));
    const keys = new Set(asks.map(({ key }) => key));
    for (const row of rows) {
      expect(row.asks.length).toBeGreaterThan(0);
      expect(row.asks.filter((key) => !keys.has(key))).toEqual([]);
      expect(row.sourcePrompts.length).toBeGreaterThan(0);
    }
    const told = await manager.caller.construction.get({ projectId, runId });
    expect(told).toMatchObject({
      ...{ kept: kept.length, dropped: rows.length - kept.length, asks: asks.length, used: 0 },
      audit: { drawn: kept.length, pass: null },
    });
    expect(told.reasons.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length - kept.length);
    expect(told.cost).toBeGreaterThan(0);
    const trace = await manager.caller.construction.trace({ projectId, runId, candidateId: kept[0].id });
    expect(trace.asks[0]).toMatchObject({ slot: "writer", model: "fake-2026-01-01" });
    expect(trace.asks[0].text).toContain(kept[0].content.prompt[0].content.slice(0, 40));
    expect(trace.parents.length).toBeGreaterThan(0);
  });

  test("asks nothing again where another run of the same recipe has asked it", async () => {
    const again = await made(of, recipeOf(endpointId, { target: 13 }));
    expect(server.answered.length).toBe(new Set(server.answered).size);
    const rows = await candidatesOf(again.runId);
    expect(rows.slice(0, 12).map(({ content }) => content)).toEqual(
      (await candidatesOf(runId)).slice(0, 12).map(({ content }) => content),
    );
    const one = await db.select().from(dataRun).where(eq(dataRun.runId, runId));
    const two = await db.select().from(dataRun).where(eq(dataRun.runId, again.runId));
    expect(two[0].recipeHash).toBe(one[0].recipeHash);
  });

  test("what people accept is a row of a dataset, and no vote; what they reject is not", async () => {
    const [first, second, third] = (await candidatesOf(runId)).filter(({ dropped }) => dropped === null);
    const { manager: me } = of;
    const on = (one: { id: string }) => ({ projectId, runId, candidateId: one.id });
    const before = await db.$count(vote, eq(vote.projectId, projectId));
    await me.caller.construction.decide({ ...on(first), decision: "accepted" });
    await me.caller.construction.decide({ ...on(third), decision: "rejected", reason: "Wrong" });
    const edited = { messages: second.content.prompt, responses: ["A better answer."] };
    await me.caller.construction.decide({ ...on(second), decision: "edited", edited });
    const { id: datasetId } = await me.caller.dataset.create({ projectId, name: "made", kind: "sft" });
    const rows = () =>
      countRows(db, { projectId, datasetId, recipe: recipeSchema.parse({}) }).then(
        (counts) => counts && counts.train + counts.validation + counts.test,
      );
    expect(await rows()).toBe(2);
    expect(await db.$count(vote, eq(vote.projectId, projectId))).toBe(before);
    // A second thought replaces the first.
    await me.caller.construction.decide({ ...on(first), decision: "rejected", reason: "On second thought" });
    expect(await rows()).toBe(1);
    await me.caller.construction.decide({ ...on(first), decision: "accepted" });
    expect(await rows()).toBe(2);
    // What options need is looked for, and no more: replies by people, or no prompts at all.
    const drawnFor = async (method: string, slot: string, options: Record<string, unknown> = {}) => {
      const recipe = { method, slots: { [slot]: [{ endpointId }] }, options };
      return (await me.caller.construction.estimate({ projectId, recipe })).prompts;
    };
    expect(await drawnFor("distilled-answers", "teachers")).toBe(12);
    expect(await drawnFor("distilled-answers", "teachers", { verify: "exact" })).toBe(2);
    expect(await drawnFor("attributes", "writer")).toBe(0);
    const told = await me.caller.construction.get({ projectId, runId });
    expect(told.audit).toMatchObject({ accepted: 1, edited: 1, rejected: 1, pass: { share: 1 / 3 } });
    expect(told.used).toBe(2);
    await expect(
      me.caller.construction.decide({ ...on(third), decision: "rejected", reason: " " }),
    ).rejects.toThrow("Say why");
    await expect(me.caller.construction.release({ projectId, runId })).rejects.toThrow("no audit share");

    const version = await frozen({ projectId, datasetId, runId });
    const behind = await me.caller.construction.behind({ projectId, versionId: version.id });
    expect(behind).toMatchObject([{ runId, rows: 2, reviewed: 2, audit: { accepted: 1, rejected: 1 } }]);

    // What was made from a prompt that is gone goes with it.
    const [source] = first.sourcePrompts;
    await db.execute(sql`delete from prompt where id = ${source}`);
    const left = (await candidatesOf(runId)).filter(
      ({ annotationId, sourcePrompts }) => annotationId !== null && !sourcePrompts.includes(source),
    );
    expect(await rows()).toBe(left.length);
    // A reply that rests on it is no material for another run.
    expect(await drawnFor("distilled-answers", "teachers", { verify: "exact" })).toBe(left.length);
    await expect(me.caller.construction.decide({ ...on(first), decision: "accepted" })).rejects.toThrow(
      "was withdrawn",
    );
    // Nobody waits for people to look at what can only be rejected.
    const { audit } = await me.caller.construction.get({ projectId, runId });
    const { items } = await me.caller.construction.candidates({
      projectId,
      runId,
      only: "waiting",
      limit: 200,
    });
    expect(items.length).toBeLessThan(told.audit.drawn - 3);
    expect(audit.drawn - audit.accepted - audit.edited - audit.rejected).toBe(items.length);
  });
});

describe("the figures of a data run", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const { endpointId } = await endpointOf(of);
  const { runId } = await made(of, recipeOf(endpointId, { audit: 0.6 }));
  const kept = (await candidatesOf(runId)).filter(({ dropped }) => dropped === null);
  const drawn = kept.filter(({ audited }) => audited);
  const on = (one: { id: string }) => ({ projectId, runId, candidateId: one.id });
  await manager.caller.construction.decide({ ...on(drawn[0]), decision: "accepted" });
  await manager.caller.construction.decide({ ...on(drawn[1]), decision: "rejected", reason: "Wrong" });
  const told = await manager.caller.construction.get({ projectId, runId });
  const { items } = await manager.caller.construction.candidates({ projectId, runId, limit: 200 });
  const rows = await candidatesOf(runId);
  const [bill] = await db.execute<{ asks: number; cost: number }>(sql`
    select (select count(*)::int from data_ask where run_id = ${runId}) as asks, sum(cost) as cost
    from endpoint_attempt where run_id = ${runId}`);
  const dropped = rows.filter(({ dropped }) => dropped !== null);
  const verdicts = rows.flatMap((row) => row.verdicts);
  const failedAsks = await db.$count(dataAsk, sql`run_id = ${runId} and failure is not null`);
  const { id: datasetId } = await manager.caller.dataset.create({ projectId, name: "made", kind: "sft" });
  const version = await frozen({ projectId, datasetId, runId });
  const behind = await manager.caller.construction.behind({ projectId, versionId: version.id });
  const checks: Checks<keyof typeof constructionFigures> = {
    versionDataRuns: {
      shown: behind.map(({ rows, reviewed }) => ({ rows, reviewed })),
      counted: [{ rows: version.rows, reviewed: 1 }],
    },
    dataRunKept: {
      shown: [
        {
          kept: told.kept,
          dropped: told.dropped,
          made: told.yields.reduce((sum, { made }) => sum + made, 0),
        },
      ],
      counted: [{ kept: rows.length - dropped.length, dropped: dropped.length, made: rows.length }],
    },
    dataRunFilters: {
      shown: told.filters
        .map(({ asked, dropped }) => ({ asked, dropped }))
        .concat([{ asked: 0, dropped: told.reasons.reduce((sum, { count }) => sum + count, 0) }]),
      counted: told.filters
        .map(({ filter }) => ({
          asked: verdicts.filter((one) => one.filter === filter).length,
          dropped: verdicts.filter((one) => one.filter === filter && !one.keeps).length,
        }))
        .concat([{ asked: 0, dropped: dropped.length }]),
    },
    candidateVerdicts: {
      shown: items.flatMap(({ verdicts }) => verdicts.map(({ figure }) => ({ figure }))),
      counted: verdicts.map(({ figure }) => ({ figure })),
    },
    dataRunPass: {
      shown: [{ ...told.audit, pass: null, ...told.audit.pass }],
      counted: [
        {
          ...{ drawn: drawn.length, accepted: 1, edited: 0, rejected: 1, pass: null, share: 0.5 },
          // Wilson's of one in two.
          ...{ low: 0.0945312, high: 0.9054688 },
        },
      ],
    },
    dataRunUsed: {
      shown: [{ used: told.used, unreviewed: told.unreviewed }],
      counted: [{ used: 1, unreviewed: kept.length - drawn.length }],
    },
    dataRunCost: {
      shown: [{ asks: told.asks, failedAsks: told.failedAsks, inputs: told.inputs, cost: told.cost }],
      counted: [{ asks: bill.asks, failedAsks, inputs: 10, cost: bill.cost }],
    },
  };
  testFigures(db, constructionFigures, checks, () => ({ run: runId, version: version.id }));
});

test("rows that nobody looked at are used when those that were drawn are judged, as a model's", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const { endpointId } = await endpointOf(of);
  const { runId } = await made(of, recipeOf(endpointId, { audit: 0.3 }));
  const kept = (await candidatesOf(runId)).filter(({ dropped }) => dropped === null);
  const drawn = kept.filter(({ audited }) => audited);
  expect(drawn.length).toBeGreaterThan(0);
  expect(drawn.length).toBeLessThan(kept.length);
  await expect(manager.caller.construction.release({ projectId, runId })).rejects.toThrow("judge them first");
  for (const { id } of drawn)
    await manager.caller.construction.decide({ projectId, runId, candidateId: id, decision: "accepted" });
  const released = await manager.caller.construction.release({ projectId, runId });
  expect(released).toEqual({
    used: kept.length - drawn.length - released.known,
    known: released.known,
    left: 0,
  });
  const byModels = await db.$count(admitted, sql`project_id = ${projectId} and rater_kind = 'model'`);
  expect(byModels).toBe(released.used);
  const told = await manager.caller.construction.get({ projectId, runId });
  expect(told).toMatchObject({
    used: drawn.length + released.used,
    unreviewed: 0,
    audit: { pass: { share: 1 } },
  });

  // What is made of them in turn has all behind it that they were made from, whether a person wrote a reply or not.
  const next = {
    method: "constitution",
    slots: { writer: [{ endpointId }] },
    inputs: { source: told.title },
  };
  const { id } = await manager.caller.construction.start({ projectId, recipe: next });
  const [{ inputs }] = await db.select().from(dataRun).where(eq(dataRun.runId, id));
  const unseen = inputs.filter(({ response }) => response === null);
  expect([inputs.length, unseen.length]).toEqual([told.used, released.used]);
  const behind = await candidatesOf(runId);
  for (const { promptId, promptIds } of inputs)
    expect(new Set(promptIds)).toEqual(
      new Set(behind.find((one) => one.promptId === promptId)?.sourcePrompts),
    );
});

test("rows that nobody looked at are not used where people passed too few of those that were drawn", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const { endpointId } = await endpointOf(of);
  const { runId } = await made(of, recipeOf(endpointId, { target: 30, audit: 0.6 }));
  const drawn = (await candidatesOf(runId)).filter(({ dropped, audited }) => dropped === null && audited);
  expect(drawn.length).toBeGreaterThan(10);
  const say = sayer(of, runId);
  await say(drawn[0], {});
  for (const one of drawn.slice(1)) await say(one, { decision: "rejected", reason: "Wrong" });
  await expect(manager.caller.construction.release({ projectId, runId })).rejects.toThrow(
    `passed 1 of the ${drawn.length} rows that were drawn, too few`,
  );
  expect(await db.$count(candidate, sql`run_id = ${runId} and annotation_id is not null`)).toBe(1);
});

test("it ends at its budget, and goes on from there at no cost for what was asked", async () => {
  const of = await study(database, { tasks: 10 });
  const { server, endpointId } = await endpointOf(of);
  const { runId, result } = await made(of, recipeOf(endpointId, { target: 60, stops: { budget: 0.014 } }));
  expect(result.why).toBe("budget");
  expect(server.answered.length).toBeGreaterThan(0);
  const told = await of.manager.caller.construction.get({ projectId: of.projectId, runId });
  expect(told.cost).toBeLessThan(0.014);
  expect((await made(of, recipeOf(endpointId))).result.why).toBe("target");
  expect(server.answered.length).toBe(new Set(server.answered).size);
});

test("a model of the registry is asked here, by chat and by raw text, and costs nothing", async () => {
  const of = await study(database, { tasks: 8 });
  const { projectId, manager } = of;
  const path = join(models, "tiny");
  const text = "1. Tell me of the cat\n2. Tell me of the dog\n".repeat(40);
  await newModel(path, text, `--seed 1 ${TINY} --vocab-size 270`);
  const [{ id: modelId }] = await db
    .insert(model)
    .values({ projectId, name: "tiny", method: "base", format: "full", source: { kind: "folder", path } })
    .returning({ id: model.id });
  for (const ask of ["chat", "completion"]) {
    const { id: runId } = await manager.caller.construction.start({
      projectId,
      recipe: {
        method: "self-instruct",
        slots: { writer: [{ modelId }], ...(ask === "chat" ? {} : { continuer: [{ modelId }] }) },
        options: { ask, requests: 1, max_tokens: 16, example_tokens: 16 },
        target: 1,
      },
    });
    const result = await worked(runId);
    expect(result.dropped).toBeGreaterThan(0);
    const told = await manager.caller.construction.get({ projectId, runId });
    expect(told).toMatchObject({ cost: 0, failedAsks: 0 });
    const [first] = await candidatesOf(runId);
    const trace = await manager.caller.construction.trace({ projectId, runId, candidateId: first.id });
    expect(trace.asks[0]).toMatchObject({ model: "tiny", slot: ask === "chat" ? "writer" : "continuer" });
    expect(trace.asks[0].output).toBeGreaterThan(0);
  }
});

test("an accepted pair is a row of preferences, in the direction that the method said, and no vote", async () => {
  const of = await study(database, { tasks: 6 });
  const { projectId, manager } = of;
  const { endpointId } = await endpointOf(of, 0, (request) => ({
    text: `It is ${wordsOf(JSON.stringify(request), 8)}.`,
  }));
  const { runId } = await made(of, { ...recipeOf(endpointId, { target: 2 }), method: "rlcd" });
  const [first] = (await candidatesOf(runId)).filter(({ dropped }) => dropped === null);
  const { pair, prompt, responses } = first.content;
  const on = { projectId, runId, candidateId: first.id };
  const same = { messages: prompt, responses: ["Both say this.", " Both say this."] };
  await expect(
    manager.caller.construction.decide({ ...on, decision: "edited", edited: same }),
  ).rejects.toThrow("Both replies are the same");
  const worse = responses[pair?.rejected ?? -1]?.text;
  const edited = { messages: prompt, responses: ["A person's words.", worse] };
  const { promptId } = await manager.caller.construction.decide({ ...on, decision: "edited", edited });
  const written = await db
    .select({ content: response.content, source: response.source })
    .from(response)
    .where(sql`prompt_id = ${promptId} and metadata->>'candidateId' = ${first.id}`);
  expect(written).toHaveLength(2);
  expect(written).toEqual(
    expect.arrayContaining([
      { content: "A person's words.", source: "fake, edited" },
      { content: worse, source: "fake" },
    ]),
  );
  await manager.caller.construction.decide({ ...on, decision: "accepted" });
  const { id: datasetId } = await manager.caller.dataset.create({
    projectId,
    name: "pairs",
    kind: "preference",
  });
  const version = await frozen({ projectId, datasetId, runId });
  const [row] = await db.execute<{ row: { chosen: { content: string }[]; rejected: { content: string }[] } }>(
    sql`select row::jsonb as row from dataset_row where version_id = ${version.id}`,
  );
  expect(version.rows).toBe(1);
  expect(row.row.chosen[0].content).toBe(responses[pair?.chosen ?? -1]?.text);
  expect(row.row.rejected[0].content).toBe(responses[pair?.rejected ?? -1]?.text);
  expect(await db.$count(vote, eq(vote.projectId, projectId))).toBe(0);
});

test("of one row that two candidates hold, one counts, even where both are accepted at once", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId } = of;
  const { endpointId } = await endpointOf(of);
  const { runId } = await made(of, recipeOf(endpointId, { target: 4 }));
  const [first, second] = (await candidatesOf(runId)).filter(({ dropped }) => dropped === null);
  await db.update(candidate).set({ content: first.content }).where(eq(candidate.id, second.id));
  const say = sayer(of, runId);
  // Its task is there, and nobody's decision counts on it.
  const { promptId } = await say(first, {});
  await say(first, { decision: "rejected", reason: "To be said again" });
  const both = await db.transaction(async (tx) => {
    await tx.execute(sql`select from task where prompt_id = ${promptId} for update`);
    const both = Promise.allSettled([say(first, {}), say(second, {})]);
    await expect.poll(() => lockWaits(db)).toBe(2);
    return { both };
  });
  const told = (await both.both).map((one) => (one.status === "rejected" ? String(one.reason) : "accepted"));
  expect(told.sort()).toEqual([expect.stringContaining("from elsewhere already"), "accepted"]);
  expect(await db.$count(admitted, eq(admitted.projectId, projectId))).toBe(1);
});

test("templates read the fields of imported rows, and make nothing of a test split", async () => {
  const of = await study(database, { tasks: 1 });
  const { projectId, manager } = of;
  const rowOf = (split: string, answer: string) => ({
    messages: [{ role: "user" as const, content: `Of the ${split} split: ${answer}?` }],
    metadata: { split, answer, points: 2, turns: [1] },
  });
  await manager.caller.content.addPrompts({
    projectId,
    prompts: [rowOf("train", "yes"), rowOf("test", "no")],
  });
  const templates = [{ name: "points", prompt: "{{ prompt }} ({{ points }})", response: "{{ answer }}" }];
  const recipe = { method: "templates", target: 9, options: { templates } };
  const { runId, result } = await made(of, recipe);
  const rows = await candidatesOf(runId);
  expect(result).toMatchObject({ kept: 1, dropped: 2, why: "used_up" });
  expect(new Set(rows.map(({ dropped }) => dropped))).toEqual(
    new Set(["a field is missing", "of a barred split", null]),
  );
  const [kept] = rows.filter(({ dropped }) => dropped === null);
  expect(kept.content.prompt).toEqual([{ role: "user", content: "Of the train split: yes? (2)" }]);
  expect(kept.content.responses).toMatchObject([{ text: "yes", by: null }]);
});

test("a step with more candidates than a statement takes is kept", async () => {
  const { projectId, manager } = await study(database, { tasks: 1 });
  const templates = [{ name: "echo", prompt: "{{ prompt }}", response: "{{ prompt }}" }];
  const { id: runId } = await manager.caller.construction.start({
    projectId,
    recipe: { method: "templates", options: { templates } },
  });
  const empty = { prompt: [], responses: [], pair: null, asks: [], verdicts: [], nearest: null, facts: {} };
  const candidates = Array.from({ length: 6000 }, (_, at) => ({
    ...{ ...empty, key: `~${at + 1}`, parents: [], operator: "none", dropped: "empty" },
  }));
  const recipe = { seed: 1, audit: null };
  await keepCandidates(db, { projectId, runId, recipe, ancestry: new Ancestry([]), from: 0, candidates });
  expect(await db.$count(candidate, eq(candidate.runId, runId))).toBe(6000);
});

test("a recipe that cannot be run says what is wrong before anything is asked", async () => {
  const of = await study(database, { tasks: 2 });
  const { projectId, manager } = of;
  const { endpointId } = await endpointOf(of);
  const start = (more: object) =>
    manager.caller.construction.start({ projectId, recipe: { ...recipeOf(endpointId), ...more } });
  await expect(start({ method: "alchemy" })).rejects.toThrow(
    "there is no alchemy; choose one of self-instruct",
  );
  await expect(start({ options: { shown: 1 } })).rejects.toThrow("shown");
  await expect(start({ options: { showm: 8 } })).rejects.toThrow("showm");
  await expect(start({ slots: {} })).rejects.toThrow("the slot writer has no model");
  await expect(start({ slots: { writer: [{ endpointId }], judge: [{ endpointId }] } })).rejects.toThrow(
    "slots.judge",
  );
  await expect(start({ inputs: { domain: "nothing of the kind" } })).rejects.toThrow("no prompts");
  expect(await db.$count(dataRun, eq(dataRun.projectId, projectId))).toBe(0);
});

test("a worker that is killed pays nothing twice, and another one makes the same to the byte", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const { server, endpointId } = await endpointOf(of, 30);
  const recipe = recipeOf(endpointId, { target: 30 });
  const { id: runId } = await manager.caller.construction.start({ projectId, recipe });
  const start = () =>
    spawn(
      process.execPath,
      ["--import", "tsx", join(import.meta.dirname, "construct-child.ts"), database.url, randomUUID()],
      { stdio: ["ignore", "ignore", "inherit"], env: process.env },
    );
  const doomed = start();
  const stored = async () => {
    const [{ count }] = await db.execute<{ count: number }>(sql`
      select count(*)::int as count from endpoint_call where endpoint_id = ${endpointId} and answered_at is not null`);
    return count;
  };
  await expect.poll(stored, { interval: 20, timeout: 120_000 }).toBeGreaterThan(12);
  doomed.kill("SIGKILL");
  await once(doomed, "exit");
  const [before, asked] = [await stored(), server.requests.length];
  await db.execute(
    sql`update endpoint_call set leased_until = now() - interval '1 second' where holder is not null`,
  );
  await db.execute(sql`update run set leased_until = now() - interval '1 second' where id = ${runId}`);
  const next = start();
  const ended = async () => (await db.select().from(runs).where(eq(runs.id, runId)))[0].status;
  await expect.poll(ended, { timeout: 120_000 }).toBe("succeeded");
  next.kill("SIGKILL");
  await once(next, "exit");
  const after = server.requests.length - asked;

  // The same recipe in a project of its own, with nothing in the way.
  const copy = await copyOf(runId);
  expect((await worked(copy)).why).toBe("target");
  expect(await bytesOf(copy)).toBe(await bytesOf(runId));
  const answered = await db.$count(dataAsk, sql`run_id = ${runId} and reply is not null`);
  const failures = await db.$count(dataAsk, sql`run_id = ${runId} and failure is not null`);
  // What was answered before the kill was asked once; of the rest, each once, and what failed before it once more.
  expect(after).toBeLessThanOrEqual(answered - before + failures);
});

/** The same run once more, where no answer is known: the first one gets another hash, and its calls other keys. */
async function copyOf(runId: string): Promise<string> {
  const [of] = await db.select().from(runs).where(eq(runs.id, runId));
  const [data] = await db.select().from(dataRun).where(eq(dataRun.runId, runId));
  const [{ id }] = await db
    .insert(runs)
    .values({ projectId: of.projectId, kind: of.kind, title: of.title, spec: of.spec, status: "running" })
    .returning({ id: runs.id });
  await db.insert(dataRun).values({ ...data, runId: id });
  await db.execute(sql`update endpoint_call set key = key || ' of the first'`);
  await db.execute(
    sql`update data_run set recipe_hash = recipe_hash || ' of the first' where run_id = ${runId}`,
  );
  return id;
}

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, asc, eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import {
  annotation,
  assignment,
  dataset,
  datasetRow,
  datasetVersion,
  judgeVerdict,
  judgeVersion,
  model,
  rater,
  run as runs,
  task,
  vote,
} from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import type { Capabilities } from "@/db/shape/endpoint";
import { folderStore } from "@/server/artifact/store";
import { ManifestBuilder } from "@/server/dataset/statistics";
import { storeProbe } from "@/server/endpoint/endpoint";
import { besidePeople } from "@/server/judge/beside";
import { getJudgeVersion } from "@/server/judge/judge";
import { judgeResultSchema, judgeTryResultSchema } from "@/server/judge/schema";
import { questionOf } from "@/server/judge/tasks";
import type { Handler } from "@/workers/run/handler";
import { judge } from "@/workers/run/handlers/judge";
import { judgeTry } from "@/workers/run/handlers/judge-try";
import { EVERYTHING } from "@/workers/text/probe";
import { testDatabase } from "./database";
import { type Behaviour, type FakeRequest, startFakeModel } from "./fake-model";
import { newModel, TINY } from "./new-model";
import { newKey, prefer, type Study, study } from "./study";

const { models } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const models = await mkdtemp(join(tmpdir(), "concord-judge-"));
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

/** Which question of the study a request is about, and which response stands first. */
function aboutOf({ messages }: FakeRequest) {
  const text = messages.findLast(({ content }) => content.includes("<conversation>"))?.content ?? "";
  return { number: Number(/Question (\d+)/.exec(text)?.[1]), first: /Reply (\d)/.exec(text)?.[1] };
}

async function fakeEndpoint(
  { projectId, manager }: Study,
  script: (request: FakeRequest, earlier: number) => Behaviour | Promise<Behaviour>,
  can: Partial<Capabilities> = {},
) {
  const server = await startFakeModel(script);
  closing.push(server.close);
  const { endpointId } = await manager.caller.endpoint.add({
    ...{ projectId, name: randomUUID(), kind: "openai-compatible", url: server.url, model: "fake" },
    ...{ inputPrice: 2, cachedPrice: 1, outputPrice: 10, requestsPerMinute: null, tokensPerMinute: null },
    concurrency: 4,
  });
  const capabilities = { ...EVERYTHING, logprobs: 0, schema: false, tools: false, ...can };
  await storeProbe(db, endpointId, { capabilities, missing: [], retiresOn: null });
  return { server, endpointId };
}

const rubric = { criteria: "Which reply helps more?", explains: true };

/** Does a queued run here. */
async function handled(handler: Handler, id: string, log: string[] = []) {
  const [run] = await db.select().from(runs).where(eq(runs.id, id));
  const never = new AbortController().signal;
  const result = await handler({
    ...{ run, db, sql: database.sql, folder: tmpdir(), signal: never, stop: never },
    store: folderStore(tmpdir()),
    progress: () => {},
    log: async (_, message) => void log.push(message),
    metrics: async () => {},
    attach: async () => Promise.reject(new Error("A judge makes no file.")),
  });
  // Nothing of it waits for a worker.
  await db.update(runs).set({ status: "succeeded" }).where(eq(runs.id, id));
  return result;
}

/** Lets a version judge here. */
async function judged(of: Study, judgeVersionId: string, more: object = {}) {
  const { id } = await of.manager.caller.judge.run({ projectId: of.projectId, judgeVersionId, ...more });
  const log: string[] = [];
  const result = await handled(judge, id, log);
  return { result: judgeResultSchema.parse(result), log };
}

const verdictsOf = (judgeVersionId: string) =>
  db
    .select()
    .from(judgeVerdict)
    .where(eq(judgeVerdict.versionId, judgeVersionId))
    .orderBy(asc(judgeVerdict.taskId), asc(judgeVerdict.order));

describe("a judge at an endpoint", async () => {
  const of = await study(database, { tasks: 10 });
  const { projectId, manager } = of;
  const tasks = await db.select().from(task).where(eq(task.projectId, projectId)).orderBy(task.position);
  // People judged the first two.
  const person = await of.join();
  const { tasks: held } = await person.caller.annotation.claim({ projectId, hold: 2 });
  for (const { assignmentId } of held)
    await person.caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
  const seats = () =>
    db.select().from(assignment).where(eq(assignment.projectId, projectId)).orderBy(assignment.id);
  const before = await seats();

  const { server, endpointId } = await fakeEndpoint(of, (request, earlier): Behaviour => {
    const { number, first } = aboutOf(request);
    const usage = { prompt_tokens: 100, completion_tokens: 4 };
    // A cut after an even number of units falls into a character.
    if (request.messages.some(({ content }) => content.includes("Which smiles?")))
      return { text: `a${"😀".repeat(3000)} [[A]]`, usage };
    if (number === 1 && earlier === 0) return { status: 429, headers: { "retry-after-ms": "50" } };
    if (number === 2) return { text: "I will not judge this.", refusal: true, usage };
    if (number === 3) return { text: "The first is so much [[A", finish: "length", usage };
    if (number === 4) return { text: "", finish: "content_filter", usage };
    if (number === 5) return { text: "Both have merits.", usage };
    // Forgets its verdict until it is asked for it.
    if (number === 8 && request.messages.length === 2) return { text: "The reply 0 is kind.", usage };
    if (number === 6) return { status: 400, error: "The prompt is too long" };
    // Swayed by the place alone.
    if (number === 7) return { text: "[[A]]", usage };
    return { text: `Weighing [[B]] … so [[${first === "0" ? "A" : "B"}]]`, usage };
  });
  const settings = { endpointId, questionId: "preference", rubric };
  const { judgeId, judgeVersionId } = await manager.caller.judge.create({
    projectId,
    name: "Fake",
    ...settings,
  });
  const estimate = await manager.caller.judge.estimate({ projectId, judgeVersionId });
  const first = await judged(of, judgeVersionId, { cap: 5 });
  const numberOf = new Map(tasks.map(({ id }, index) => [id, index]));

  test("is told what it will take before, and costs no more", () => {
    expect(estimate).toMatchObject({ tasks: 10, calls: 20, barred: 0, output: 20 * 1024 });
    expect(estimate.cost).toBeGreaterThan((20 * 1024 * 10) / 1e6);
    // 18 replies of 100 and 4 tokens, and 4 that were asked to finish.
    expect(first.result.cost).toBeCloseTo((22 * (100 * 2 + 4 * 10)) / 1e6, 12);
  });

  test("keeps both orders of each task, and a row with the reason where there is no verdict", async () => {
    const rows = await verdictsOf(judgeVersionId);
    expect(rows).toHaveLength(20);
    const failures = { refused: 2, truncated: 2, filtered: 2, unparsed: 2, error: 2 };
    expect(first.result).toMatchObject({ verdicts: 10, failures, judged: 5, left: 0, why: null });
    const of = (number: number) => rows.filter(({ taskId }) => numberOf.get(taskId) === number);
    expect(of(2).map(({ failure, reply, answer, p }) => [failure, reply, answer, p])).toEqual(
      Array(2).fill(["refused", "I will not judge this.", null, null]),
    );
    expect(of(6)[0]).toMatchObject({
      failure: "error",
      reason: expect.stringContaining("too long"),
      reply: null,
    });
    expect(of(0)).toMatchObject([
      {
        order: [0, 1],
        answer: { outcome: "a" },
        p: 1,
        model: "fake-2026-01-01",
        input: 100,
        output: 4,
        attempts: 1,
      },
      { order: [1, 0], answer: { outcome: "a" }, p: 1 },
    ]);
    expect(of(0).every(({ ms }) => (ms ?? -1) >= 0)).toBe(true);
    expect(of(7).map(({ p }) => p)).toEqual([1, 0]);
    expect(of(8)).toMatchObject(Array(2).fill({ p: 1, attempts: 2, input: 200, output: 8 }));
    expect(of(8)[0].reply).toMatch(/^The reply 0 is kind\.\n\nWeighing/);
    expect(of(5)[0]).toMatchObject({ failure: "unparsed", attempts: 2 });
    expect(
      of(1)
        .map(({ attempts }) => attempts)
        .sort(),
    ).toEqual([2, 2]);
  });

  test("judges in the tables of all raters, without a seat and without a vote among people", async () => {
    const [{ raterId }] = (await manager.caller.judge.get({ projectId, judgeId })).versions;
    const [who] = await db.select().from(rater).where(eq(rater.id, raterId));
    expect(who).toMatchObject({ kind: "model", name: "Fake v1", personId: null });
    const mine = await db.select().from(vote).where(eq(vote.raterId, raterId));
    const byNumber = mine.map((each) => [numberOf.get(each.taskId), each.outcome, each.aShownFirst]);
    expect(byNumber.sort()).toEqual(
      [0, 1, 7, 8, 9].map((number) => [number, number === 7 ? "tie" : "a", null]),
    );
    expect(await seats()).toEqual(before);
    const { questions } = await manager.caller.review.dashboard({ projectId });
    expect(questions.map(({ outcomes }) => outcomes)).toEqual([
      expect.objectContaining({ both_bad: 0, tie: 0 }),
    ]);
    expect(Object.values(questions[0].outcomes).reduce((sum, each) => sum + each, 0)).toBe(2);
  });

  test("asked again, asks only for what nobody answered, and judges nothing twice", async () => {
    const asked = server.requests.length;
    expect(await manager.caller.judge.estimate({ projectId, judgeVersionId })).toMatchObject({
      tasks: 5,
      calls: 10,
    });
    const { result } = await judged(of, judgeVersionId);
    expect(server.requests.slice(asked).map(({ body }) => aboutOf(body).number)).toEqual([6, 6]);
    expect(result).toMatchObject({ verdicts: 0, judged: 0, cost: 0 });
    expect(await verdictsOf(judgeVersionId)).toHaveLength(20);
    expect(
      await db.$count(annotation, and(eq(annotation.projectId, projectId), eq(annotation.origin, "model"))),
    ).toBe(5);
  });

  test("stands beside people, task by task", async () => {
    const pages = [];
    const version = await getJudgeVersion(db, { projectId, judgeVersionId });
    const { question } = await questionOf(db, version);
    for await (const page of besidePeople(db, { projectId, version, question })) pages.push(...page);
    const byPeople = pages.filter(({ votes }) => votes.length > 0);
    expect(byPeople.map(({ taskId }) => numberOf.get(taskId)).sort()).toEqual([0, 1]);
    for (const { said, votes, responses } of byPeople) {
      expect(said.map(({ order }) => order)).toEqual([
        [0, 1],
        [1, 0],
      ]);
      expect(votes).toMatchObject([{ a: 0, b: 1 }]);
      expect(responses.map(({ source }) => source).sort()).toEqual(["model-0", "model-1"]);
    }
  });

  test("an edit is another version with a rater of its own, and its own family is barred", async () => {
    const family = { ...settings, family: "model-1", sampling: { maxTokens: 64 } };
    const second = await manager.caller.judge.revise({ projectId, judgeId, ...family });
    const { versions } = await manager.caller.judge.get({ projectId, judgeId });
    expect(versions.map(({ version, judged, asked }) => [version, judged, asked])).toEqual([
      [2, 0, 0],
      [1, 5, 20],
    ]);
    expect(versions[0].raterId).not.toBe(versions[1].raterId);
    expect(
      await manager.caller.judge.estimate({ projectId, judgeVersionId: second.judgeVersionId }),
    ).toMatchObject({ tasks: 0, barred: 10 });
    const { result, log } = await judged(of, second.judgeVersionId);
    expect(result).toMatchObject({ verdicts: 0, judged: 0 });
    expect(log.join()).toContain("model-1");
  });

  test("is tried on ten items that people judged before it is made: nothing of it is a judgement, nor paid twice", async () => {
    const tried = { ...settings, rubric: { ...rubric, criteria: "Which is kinder?" } };
    const kept = async () => [
      await db.$count(judgeVerdict),
      await db.$count(annotation),
      await db.$count(judgeVersion),
    ];
    const before = await kept();
    expect(await manager.caller.judge.estimateTry({ projectId, settings: tried })).toMatchObject({
      tasks: 2,
      calls: 4,
    });
    const ask = async () => {
      const { id } = await manager.caller.judge.try({ projectId, settings: tried });
      return judgeTryResultSchema.parse(await handled(judgeTry, id));
    };
    const { items, cost } = await ask();
    expect(
      items.map(({ people, said, settled }) => [people, said.map(({ order }) => order.join()), settled]),
    ).toEqual(
      Array(2).fill([
        [expect.objectContaining({ outcome: expect.any(String) })],
        ["0,1", "1,0"],
        expect.objectContaining({ type: "preference" }),
      ]),
    );
    expect(items[0].said[0].words).toContain("Weighing");
    expect(cost).toBeGreaterThan(0);
    const asked = server.requests.length;
    expect(await ask()).toMatchObject({ items, cost: 0 });
    expect(server.requests.length).toBe(asked);
    const smiling = { ...settings, rubric: { ...rubric, criteria: "Which smiles?" } };
    const { id } = await manager.caller.judge.try({ projectId, settings: smiling });
    const long = judgeTryResultSchema.parse(await handled(judgeTry, id));
    // Half a character is nothing that a result can be stored with.
    expect(long.items[0].said[0].words).toMatch(/^a😀+\ufffd$/u);
    expect(await kept()).toEqual(before);
    await expect(
      manager.caller.judge.try({ projectId, settings: { ...tried, verdictBy: "logprobs" } }),
    ).rejects.toThrow(/tells no log-probabilities/);
  });

  test("a successor is asked the same human items, and no figure mixes the two", async () => {
    const other = await fakeEndpoint(of, () => ({
      text: "[[B]]",
      usage: { prompt_tokens: 10, completion_tokens: 1 },
    }));
    const aim = { projectId, judgeVersionId, endpointId: other.endpointId };
    expect(await manager.caller.judge.estimateSuccessor(aim)).toMatchObject({ tasks: 2, calls: 4 });
    const { id } = await manager.caller.judge.succeed(aim);
    expect(judgeResultSchema.parse(await handled(judge, id))).toMatchObject({ verdicts: 4, left: 0 });
    const { versions } = await manager.caller.judge.get({ projectId, judgeId });
    expect(versions[0]).toMatchObject({
      version: 3,
      endpoint: { id: other.endpointId },
      rubric,
      asked: 4,
      verdictBy: "marker",
    });
    const tasksOf = async (version: string) =>
      new Set((await verdictsOf(version)).map(({ taskId }) => numberOf.get(taskId)));
    expect([...(await tasksOf(versions[0].id))].sort()).toEqual([0, 1]);
    const card = await manager.caller.judge.card({ projectId, judgeVersionId: versions[0].id });
    // Swayed by the place alone, it says a tie of both.
    expect(card.pairs?.besidePeople.items).toBe(2);
    expect(card.failures.asked).toBe(4);
  });

  test("judges no more once it would be asked in other words", async () => {
    const aim = { projectId, name: "Of old", ...settings };
    const { judgeVersionId } = await manager.caller.judge.create(aim);
    await db.update(judgeVersion).set({ wording: 0 }).where(eq(judgeVersion.id, judgeVersionId));
    await expect(manager.caller.judge.run({ projectId, judgeVersionId })).rejects.toThrow(
      /make a new version/,
    );
  });

  test("cannot be made of what its model cannot do", async () => {
    const create = (more: object) =>
      manager.caller.judge.create({ projectId, name: randomUUID(), ...settings, ...more });
    await expect(create({ verdictBy: "logprobs" })).rejects.toThrow(/tells no log-probabilities/);
    await expect(create({ verdictBy: "schema" })).rejects.toThrow(/keeps to no JSON schema/);
    await expect(create({ verdictBy: "reward", rubric: null })).rejects.toThrow(/gives no rewards/);
    await expect(create({ questionId: "rationale" })).rejects.toThrow(/no model is asked/);
    await expect(create({ questionId: "nothing" })).rejects.toThrow(/no question "nothing"/);
    await expect(create({ endpointId: null })).rejects.toThrow(/either an endpoint or a model/);
    await expect(create({ sampling: { samples: 3 } })).rejects.toThrow(/temperature/);
    await expect(create({ name: "fake" })).rejects.toThrow(/its own name/);
    // What belongs to another project is not found.
    const other = await study(database, { tasks: 0 });
    const theirs = { projectId: other.projectId, ...settings };
    const { caller } = other.manager;
    await expect(caller.judge.create({ ...theirs, name: "x" })).rejects.toThrow(/endpoint was not found/);
    await expect(caller.judge.revise({ ...theirs, judgeId })).rejects.toThrow(/judge was not found/);
    const modelId = randomUUID();
    await expect(create({ endpointId: null, modelId })).rejects.toThrow(/model was not found/);
  });

  test("stops before it costs more than its cap, and goes on in another run", async () => {
    const { judgeVersionId } = await manager.caller.judge.create({ projectId, name: "Dear", ...settings });
    const { result } = await judged(of, judgeVersionId, { cap: 0.015 });
    expect(result.why).toBe("cap");
    expect(result.cost).toBeLessThanOrEqual(0.015);
    expect(result.left).toBeGreaterThan(0);
    const rest = await judged(of, judgeVersionId, { cap: 5 });
    expect(rest.result).toMatchObject({ left: 0, why: null });
    expect(await verdictsOf(judgeVersionId)).toHaveLength(20);
  });
});

describe("judges that are made of others, and one in other words", async () => {
  const COUNT = 60;
  const of = await study(database, { tasks: COUNT, overlap: 1 });
  const { projectId, manager } = of;
  const tasks = await db.select().from(task).where(eq(task.projectId, projectId)).orderBy(task.position);
  const numberOf = new Map(tasks.map(({ id }, index) => [id, index]));
  const person = await of.join();
  for (;;) {
    const { tasks: held } = await person.caller.annotation.claim({ projectId, hold: 10 });
    if (held.length === 0) break;
    for (const { assignmentId, responses } of held)
      await person.caller.annotation.submit({
        assignmentId,
        answers: prefer(responses[0].content.startsWith("Reply 0") ? "a" : "b"),
        idempotencyKey: newKey(),
      });
  }
  /** Sees with people that reply 0 is better, but of each third task goes by the place where `isSwayed`. */
  const member = async (name: string, isSwayed: boolean, more: object = {}) => {
    const { server, endpointId } = await fakeEndpoint(of, (request): Behaviour => {
      const { number, first } = aboutOf(request);
      const usage = { prompt_tokens: 100, completion_tokens: 4 };
      return { text: `[[${(isSwayed && number % 3 === 0) || first === "0" ? "A" : "B"}]]`, usage };
    });
    const settings = { projectId, name, endpointId, questionId: "preference", rubric, ...more };
    const { judgeVersionId } = await manager.caller.judge.create(settings);
    return { server, judgeVersionId };
  };
  const cheap = await member("Cheap", true);
  const dear = await member("Dear", false);
  const pair = [cheap.judgeVersionId, dear.judgeVersionId];
  const cascade = { kind: "cascade" as const, members: pair, wanted: 0.8 };
  const PRICE = (100 * 2 + 4 * 10) / 1e6;

  test("a cascade is not made before people’s votes show from where on its first member may settle", async () => {
    const { problem } = await manager.caller.judge.planAssembly({ projectId, assembled: cascade });
    expect(problem).toMatch(/Nothing shows how far Cheap v1 agrees/);
    await expect(
      manager.caller.judge.assemble({ projectId, name: "Early", assembled: cascade }),
    ).rejects.toThrow(/let it judge what people have judged/);
  });

  test("a cascade asks its last member only where the first is in doubt, and nothing that was paid", async () => {
    await judged(of, cheap.judgeVersionId);
    const plan = await manager.caller.judge.planAssembly({ projectId, assembled: cascade });
    expect(plan.members[0]).toMatchObject({ items: COUNT, settles: { settled: 40, of: COUNT } });
    expect(plan.members[0].settles?.right).toMatchObject({ count: 40, of: 40 });
    // Of what nobody can show with so few, there is none.
    const sure = await manager.caller.judge.planAssembly({
      projectId,
      assembled: { ...cascade, wanted: 0.99 },
    });
    expect(sure.problem).toMatch(/No set of the surest verdicts of Cheap v1 .* 99 %/);

    const { judgeId, judgeVersionId } = await manager.caller.judge.assemble({
      ...{ projectId, name: "Cascade", assembled: cascade },
    });
    expect(await manager.caller.judge.estimate({ projectId, judgeVersionId })).toMatchObject({
      ...{ tasks: COUNT, calls: 2 * COUNT, barred: 0 },
    });
    const asked = cheap.server.requests.length;
    const { result } = await judged(of, judgeVersionId, { cap: 5 });
    expect(cheap.server.requests.length).toBe(asked);
    const passedOn = new Set(dear.server.requests.map(({ body }) => aboutOf(body).number));
    expect([...passedOn].every((number) => number % 3 === 0)).toBe(true);
    expect(dear.server.requests.length).toBe(40);
    expect(result).toMatchObject({ verdicts: 2 * COUNT, judged: COUNT, failed: 0, left: 0 });
    expect(result.cost).toBeCloseTo(40 * PRICE, 10);
    const rows = await verdictsOf(judgeVersionId);
    for (const { taskId, model, answer, cost } of rows) {
      const isPassedOn = (numberOf.get(taskId) ?? 0) % 3 === 0;
      expect(model).toBe(isPassedOn ? "Dear v1" : "Cheap v1");
      expect(answer).toMatchObject({ outcome: "a" });
      // What the verdict took, whoever paid it and when.
      expect(cost).toBeCloseTo((isPassedOn ? 2 : 1) * PRICE, 10);
    }
    const card = await manager.caller.judge.card({ projectId, judgeVersionId });
    expect(card.members.map(({ name, asked, decided }) => [name, asked, decided])).toEqual([
      ["Cheap", COUNT, 40],
      ["Dear", 20, 20],
    ]);
    expect(card.pairs?.sway.consistency).toMatchObject({ count: COUNT, of: COUNT });
    expect(card.members[0].consistency).toMatchObject({ count: 40, of: COUNT });
    expect((await manager.caller.judge.get({ projectId, judgeId })).versions[0]).toMatchObject({
      ...{ judged: COUNT, verdictBy: "members", endpoint: null, model: null },
      members: [{ name: "Cheap" }, { name: "Dear" }],
    });

    // What the cascade asked is the member's own, and is not asked again.
    await judged(of, dear.judgeVersionId);
    expect(dear.server.requests.length).toBe(2 * COUNT);
  });

  test("a panel says what most say, a member sits out where its kin is compared, and enough must be left", async () => {
    const kin = await member("Kin", false, { family: "model-1" });
    const also = await member("Also kin", false, { family: "model-0" });
    const panelOf = async (name: string, members: string[], combines: "majority" | "mean" = "majority") =>
      manager.caller.judge.assemble({ projectId, name, assembled: { kind: "panel", members, combines } });
    const asked = cheap.server.requests.length + dear.server.requests.length;
    const { judgeVersionId } = await panelOf("Panel", [...pair, kin.judgeVersionId]);
    const { result } = await judged(of, judgeVersionId);
    expect(result).toMatchObject({ verdicts: 2 * COUNT, judged: COUNT, cost: 0 });
    expect(cheap.server.requests.length + dear.server.requests.length).toBe(asked);
    expect(kin.server.requests.length).toBe(0);
    for (const { taskId, order, answer, p, model, reply } of await verdictsOf(judgeVersionId)) {
      const isSplit = (numberOf.get(taskId) ?? 0) % 3 === 0 && order[0] === 1;
      expect(answer).toMatchObject({ outcome: isSplit ? "tie" : "a" });
      expect(p).toBe(isSplit ? 0.5 : 1);
      expect(model).toBeNull();
      expect(reply).toMatch(/^Cheap v1: for the (first|second).*\nDear v1: for the first/);
    }
    const mean = await panelOf("Mean", pair, "mean");
    await judged(of, mean.judgeVersionId);
    const doubted = (await verdictsOf(mean.judgeVersionId)).filter(
      ({ taskId, order }) => (numberOf.get(taskId) ?? 0) % 3 === 0 && order[0] === 1,
    );
    // Of the two the one that people bear out counts for more.
    for (const { answer, p } of doubted) {
      expect(answer).toMatchObject({ outcome: "a" });
      expect(p).toBeGreaterThan(0.5);
    }
    const few = await panelOf("Few", [cheap.judgeVersionId, kin.judgeVersionId, also.judgeVersionId]);
    expect(
      await manager.caller.judge.estimate({ projectId, judgeVersionId: few.judgeVersionId }),
    ).toMatchObject({ tasks: 0, barred: COUNT });
  });

  test("asked in other words, it says how much hangs on them, and judges nothing anew", async () => {
    const { server, endpointId } = await fakeEndpoint(of, (request): Behaviour => {
      const { number, first } = aboutOf(request);
      const isKinder = request.messages.some(({ content }) => content.includes("Which is kinder?"));
      // In these words every fifth is another.
      const better = isKinder && number % 5 === 0 ? "1" : "0";
      return {
        text: `[[${first === better ? "A" : "B"}]]`,
        usage: { prompt_tokens: 100, completion_tokens: 4 },
      };
    });
    const worded = { ...rubric, paraphrases: ["Which is more helpful?", "Which is kinder?"] };
    const settings = { projectId, endpointId, questionId: "preference" };
    const { judgeVersionId } = await manager.caller.judge.create({
      ...{ ...settings, name: "Worded", rubric: worded },
    });
    const plain = await manager.caller.judge.create({ ...settings, name: "In one wording", rubric });
    await expect(
      manager.caller.judge.run({ projectId, judgeVersionId: plain.judgeVersionId, words: "paraphrases" }),
    ).rejects.toThrow(/one wording alone/);
    const inWords = { words: "paraphrases" as const, filter: { limit: 40 } };
    const aim = { projectId, judgeVersionId, ...inWords };
    // Where it has judged nothing, there is nothing to hold other words against.
    expect(await manager.caller.judge.estimate(aim)).toMatchObject({ tasks: 0, calls: 0 });
    await judged(of, judgeVersionId, { filter: { limit: 40 } });
    expect((await manager.caller.judge.card({ projectId, judgeVersionId })).paraphrased).toBeNull();
    expect(await manager.caller.judge.estimate(aim)).toMatchObject({ tasks: 40, calls: 160 });

    const { result } = await judged(of, judgeVersionId, inWords);
    expect(result).toMatchObject({ verdicts: 160, judged: 0, left: 0 });
    const card = await manager.caller.judge.card({ projectId, judgeVersionId });
    const fifths = new Set(
      (await verdictsOf(judgeVersionId)).flatMap(({ taskId }) => {
        const number = numberOf.get(taskId) ?? 0;
        return number % 5 === 0 ? [number] : [];
      }),
    ).size;
    expect(card.paraphrased).toMatchObject({
      flips: { count: 2 * fifths, of: 160 },
      by: [
        { text: "Which is more helpful?", flips: { count: 0, of: 80 } },
        { text: "Which is kinder?", flips: { count: 2 * fifths, of: 80 } },
      ],
    });
    // All else on the card is of the words of the rubric.
    expect(card.failures.asked).toBe(80);
    expect(card.pairs).toMatchObject({ sway: { consistency: { count: 40, of: 40 }, retest: { of: 0 } } });
    const asked = server.requests.length;
    await judged(of, judgeVersionId, inWords);
    expect(server.requests.length).toBe(asked);
  });

  test("is made of judges that are asked themselves, and alike", async () => {
    const problemOf = async (members: string[]) =>
      (await manager.caller.judge.planAssembly({ projectId, assembled: { kind: "panel", members } })).problem;
    const { judgeVersionId: whole } = await manager.caller.judge.assemble({
      ...{ projectId, name: "Whole", assembled: { kind: "panel", members: pair } },
    });
    expect(await problemOf([whole, dear.judgeVersionId])).toMatch(/Whole v1 is made of other judges itself/);
    const once = await member("Once", false, { orders: "one" });
    expect(await problemOf([dear.judgeVersionId, once.judgeVersionId])).toMatch(/asked in different orders/);
    await expect(
      manager.caller.judge.succeed({ projectId, judgeVersionId: whole, endpointId: randomUUID() }),
    ).rejects.toThrow(/made of other judges/);
    const spare = await member("Spare", false);
    const made = await manager.caller.judge.assemble({
      ...{ projectId, name: "Left", assembled: { kind: "panel", members: [pair[0], spare.judgeVersionId] } },
    });
    const spareOf = (await manager.caller.judge.list({ projectId })).find(({ name }) => name === "Spare");
    await manager.caller.judge.archive({ projectId, judgeId: spareOf?.id ?? "" });
    await expect(
      manager.caller.judge.run({ projectId, judgeVersionId: made.judgeVersionId }),
    ).rejects.toThrow(/Spare v1, of which Left v1 is made, is out of use/);
    const other = await study(database, { tasks: 0 });
    await expect(
      other.manager.caller.judge.planAssembly({
        projectId: other.projectId,
        assembled: { kind: "panel", members: pair },
      }),
    ).rejects.toThrow(/not found/);
    const [{ id: judgeId }] = await manager.caller.judge.list({ projectId });
    await expect(
      other.manager.caller.judge.reassemble({
        ...{ projectId: other.projectId, judgeId, assembled: { kind: "panel", members: pair } },
      }),
    ).rejects.toThrow(/judge was not found/);
  });
});

test("by log-probabilities, a judge's p is kept with how little of the mass lay on labels", async () => {
  const of = await study(database, { tasks: 2 });
  const { endpointId } = await fakeEndpoint(of, () => ({ text: "A", logprobs: true }), { logprobs: 2 });
  const { judgeVersionId } = await of.manager.caller.judge.create({
    ...{ projectId: of.projectId, name: "Probable", endpointId, questionId: "preference" },
    ...{ rubric: { criteria: "Which helps more?" }, settles: "soft" },
  });
  expect((await judged(of, judgeVersionId)).result).toMatchObject({ verdicts: 4, judged: 2 });
  const rows = await verdictsOf(judgeVersionId);
  expect(rows.map(({ p }) => p)).toEqual([1, 0, 1, 0]);
  expect(rows[0].mass).toBeCloseTo(Math.exp(-0.25), 6);
});

test("a worker that is killed pays nothing twice, and another one goes on", async () => {
  const COUNT = 40;
  const of = await study(database, { tasks: COUNT });
  const { server, endpointId } = await fakeEndpoint(of, async () => {
    await new Promise((resolve) => setTimeout(resolve, 40));
    return { text: "[[A]]" };
  });
  const { judgeVersionId } = await of.manager.caller.judge.create({
    ...{ projectId: of.projectId, name: "Killed", endpointId, questionId: "preference", rubric },
  });
  const { id: runId } = await of.manager.caller.judge.run({ projectId: of.projectId, judgeVersionId });
  const start = () =>
    spawn(
      process.execPath,
      ["--import", "tsx", join(import.meta.dirname, "judge-child.ts"), database.url, randomUUID()],
      { stdio: ["ignore", "ignore", "inherit"], env: process.env },
    );
  const kept = () => db.$count(judgeVerdict, eq(judgeVerdict.versionId, judgeVersionId));
  const doomed = start();
  await expect.poll(kept, { interval: 20, timeout: 120_000 }).toBeGreaterThan(10);
  doomed.kill("SIGKILL");
  await once(doomed, "exit");
  const stored = async () => {
    const [{ count }] = await db.execute<{ count: number }>(sql`
      select count(*)::int as count from endpoint_call where endpoint_id = ${endpointId} and answered_at is not null`);
    return count;
  };
  const [before, asked] = [await stored(), server.requests.length];
  expect(before).toBeLessThan(2 * COUNT);
  // Leases run out by themselves; here they are let run out at once.
  await db.execute(
    sql`update endpoint_call set leased_until = now() - interval '1 second' where holder is not null`,
  );
  await db.execute(sql`update run set leased_until = now() - interval '1 second' where id = ${runId}`);
  const next = start();
  const ended = async () => (await db.select().from(runs).where(eq(runs.id, runId)))[0].status;
  await expect.poll(ended, { timeout: 120_000 }).toBe("succeeded");
  next.kill("SIGKILL");
  expect(server.requests.length - asked).toBe(2 * COUNT - before);
  const [{ result, progress }] = await db.select().from(runs).where(eq(runs.id, runId));
  // The second one counts on from where the first one was.
  expect(progress).toMatchObject({ done: 2 * COUNT, total: 2 * COUNT });
  expect(judgeResultSchema.parse(result)).toMatchObject({ verdicts: 2 * COUNT, judged: COUNT, left: 0 });
});

describe("a judge of the registry", async () => {
  const of = await study(database, { tasks: 3 });
  const { projectId, manager } = of;
  const text = "the cat sat on the mat A B C D and the dog sat on the cat\n".repeat(20);
  const made = async (
    name: string,
    method: "base" | "preference",
    more: { parentId?: string; versionId?: string } = {},
  ) => {
    const path = join(models, name);
    await newModel(path, text, `--seed ${method === "base" ? 1 : 2} ${TINY} --vocab-size 270`);
    const [{ id }] = await db
      .insert(model)
      .values({ projectId, name, method, format: "full", source: { kind: "folder", path }, ...more })
      .returning({ id: model.id });
    return id;
  };
  const baseId = await made("base", "base");
  const tunedId = await made("tuned", "preference", { parentId: baseId, versionId: await versionOfOne() });

  /** A version that holds the prompt of one of the tasks. */
  async function versionOfOne(): Promise<string> {
    const [{ promptId }] = await db.select().from(task).where(eq(task.projectId, projectId)).limit(1);
    const [{ datasetId }] = await db
      .insert(dataset)
      .values({ projectId, name: "one", kind: "preference" })
      .returning({ datasetId: dataset.id });
    const manifest = new ManifestBuilder("preference", []).finish();
    const [{ versionId }] = await db
      .insert(datasetVersion)
      .values({
        ...{ projectId, datasetId, version: 1, recipe: recipeSchema.parse({}), manifest },
        ...{ sha256: "one", rows: 1 },
      })
      .returning({ versionId: datasetVersion.id });
    const row = { id: "row", prompt: [], completion: [], annotators: 1 };
    await db
      .insert(datasetRow)
      .values({ versionId, index: 0, split: "train", row, promptId, annotationIds: [] });
    return versionId;
  }

  test("judges by the first token's log-probabilities, at no cost", async () => {
    const { judgeVersionId } = await manager.caller.judge.create({
      ...{ projectId, name: "Small", modelId: baseId, questionId: "preference" },
      rubric: { criteria: "Which helps more?" },
    });
    expect(await manager.caller.judge.estimate({ projectId, judgeVersionId })).toMatchObject({
      calls: 6,
      cost: 0,
    });
    const { result } = await judged(of, judgeVersionId);
    const rows = await verdictsOf(judgeVersionId);
    expect(rows).toHaveLength(6);
    expect(result.verdicts + (result.failures.unparsed ?? 0)).toBe(6);
    expect(result).toMatchObject({ cost: 0, left: 0 });
    for (const { failure, p, mass, cost, reply } of rows) {
      expect(cost).toBe(0);
      expect(reply).not.toBeNull();
      // A model with random weights spreads its mass over all its tokens.
      if (failure === null) expect((p ?? -1) >= 0 && (mass ?? 1) < 0.5).toBe(true);
    }
  });

  test("costs nothing where it cannot read what it is asked, either", async () => {
    const { judgeVersionId } = await manager.caller.judge.create({
      ...{ projectId, name: "Wordy", modelId: baseId, questionId: "preference" },
      // Longer than the model's context.
      rubric: { criteria: "Which helps more? ".repeat(1000) },
    });
    const { result } = await judged(of, judgeVersionId);
    expect(result).toMatchObject({ failures: { error: 6 }, cost: 0, left: 0 });
    const { effort } = await manager.caller.judge.card({ projectId, judgeVersionId });
    expect(effort).toMatchObject({ cost: 0, costPerTask: 0 });
  });

  test("a preference-tuned one judges by its implicit reward, once and without an order", async () => {
    const { judgeVersionId } = await manager.caller.judge.create({
      ...{ projectId, name: "Tuned", modelId: tunedId, questionId: "preference" },
      // Of a reward there is one sample, whatever is said.
      sampling: { samples: 3, temperature: 1 },
    });
    const { result } = await judged(of, judgeVersionId);
    expect(result).toMatchObject({ verdicts: 3, judged: 3, cost: 0 });
    const rows = await verdictsOf(judgeVersionId);
    expect(rows).toHaveLength(3);
    for (const { order, p, answer } of rows) {
      expect(order).toEqual([0, 1]);
      expect(answer).toMatchObject({ outcome: (p ?? 0) > 0.5 ? "a" : "b" });
    }
    const person = await of.join();
    const { tasks: held } = await person.caller.annotation.claim({ projectId, hold: 3 });
    for (const { assignmentId } of held)
      await person.caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
    const card = await manager.caller.judge.card({ projectId, judgeVersionId });
    expect(card).toMatchObject({ judged: 3, pairs: { items: 3 } });
    expect(card.pairs?.sway).toMatchObject({ consistency: { of: 0, estimate: null }, first: { of: 0 } });
    expect(card.pairs?.findings.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("trained on the prompts of 1 of the 3"),
    );
    await expect(
      manager.caller.judge.create({ projectId, name: "Bare", modelId: baseId, questionId: "preference" }),
    ).rejects.toThrow(/gives no rewards/);
  });
});

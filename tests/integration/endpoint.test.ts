import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { and, eq, isNull, sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import {
  auditEntry,
  endpointAttempt,
  endpointCall,
  endpoint as endpoints,
  modelCall,
  model as models,
  run as runs,
} from "@/db/schema";
import { system } from "@/server/audit/audit";
import { storeProbe } from "@/server/endpoint/endpoint";
import {
  beginAttempts,
  finishAttempts,
  receiptOf,
  receiptsOfProject,
  withdrawAttempt,
} from "@/server/endpoint/ledger";
import { estimate, sizeOf } from "@/server/endpoint/price";
import { endpointFigures } from "@/server/figure/endpoint";
import { groupBy } from "@/server/group";
import { queueRun } from "@/server/run/queue";
import { probe } from "@/workers/run/handlers/probe";
import type { Call, Settled } from "@/workers/text/call";
import { endpointOf } from "@/workers/text/endpoint";
import { EVERYTHING } from "@/workers/text/probe";
import { type Round, runCalls } from "@/workers/text/runner";
import { testDatabase } from "./database";
import { type Behaviour, type FakeRequest, startFakeModel } from "./fake-model";
import { testFigures } from "./figure-checks";
import { numbered } from "./numbered-calls";
import { study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

const database = await testDatabase();
const { db } = database;
const { projectId, manager } = await study(database, { tasks: 0 });
const never = new AbortController().signal;
const PRICES = { inputPrice: 2, cachedPrice: 1, outputPrice: 10 };

let names = 0;
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

/** A fake server, and an endpoint of the project that has it probed already. */
async function fakeEndpoint(
  script: (request: FakeRequest, earlier: number) => Behaviour | Promise<Behaviour>,
  more: { concurrency?: number; inputPrice?: number | null } = {},
) {
  const server = await startFakeModel(script);
  closing.push(server.close);
  const { endpointId } = await manager.caller.endpoint.add({
    ...{ projectId, name: `fake ${names++}`, kind: "openai-compatible", url: server.url, model: "fake" },
    ...{ key: "sk-very-secret", ...PRICES, requestsPerMinute: null, tokensPerMinute: null },
    ...{ concurrency: 4, ...more },
  });
  await storeProbe(db, endpointId, { capabilities: EVERYTHING, missing: [], retiresOn: null });
  return { server, endpointId };
}

const aRun = () => queueRun(db, system, { projectId, kind: "probe", title: "", spec: {} });

/** Makes the calls as a run. @returns what was told of each item */
async function make(endpointId: string, calls: Call[], more: Partial<Round<Call>> = {}) {
  const opened = await endpointOf(db, { projectId, endpointId });
  const told = new Map<string, Settled<Call>>();
  const { id: runId } = await aRun();
  const result = await runCalls({
    ...{ db, endpoint: opened.endpoint, pace: opened.pace, model: opened.model(), calls },
    ...{ runId, cap: null, signal: never },
    async onSettled(settled) {
      told.set(settled.call.item, settled);
    },
    ...more,
  });
  const reply = (item: number) => {
    const settled = told.get(String(item));
    return settled && "reply" in settled ? settled.reply : undefined;
  };
  return { result, told, reply, runId: more.runId ?? runId };
}

describe("a round of calls", async () => {
  const { server, endpointId } = await fakeEndpoint((body, earlier): Behaviour => {
    const number = Number(body.messages.at(-1)?.content.split(" ")[1]);
    if (earlier === 0) {
      if (number === 1) return { status: 429, headers: { "retry-after-ms": "200" } };
      if (number === 2) return { status: 500 };
      if (number === 3) return { half: "It is" };
      if (number === 4) return { status: 504 };
    }
    if (number === 5) return { text: "I cannot say.", refusal: true };
    if (number === 6) return { text: "", finish: "content_filter" };
    if (number === 7) return { text: '{"verdict": "A', finish: "length" };
    if (number === 8) return { status: 400, error: "The prompt is too long" };
    if (number === 9) return { text: "half a \ud83d and a \0 end" };
    return { text: `reply ${number}`, usage: { prompt_tokens: 100, completion_tokens: 3, cached: 40 } };
  });
  const calls = numbered(20);
  const first = await make(endpointId, calls);

  test("answers each call as it can be answered, and says why where not", () => {
    expect(first.result).toMatchObject({ answered: 19, stored: 0, failed: 1, left: 0, why: null });
    for (const number of [0, 1, 2, 3, 4, 10, 19])
      expect(first.reply(number)).toMatchObject({
        text: `reply ${number}`,
        finishReason: "stop",
        model: "fake-2026-01-01",
        fingerprint: "fp_1",
        usage: { input: 100, cached: 40, output: 3 },
      });
    expect(first.reply(5)).toMatchObject({ text: "I cannot say.", finishReason: "refused" });
    expect(first.reply(6)).toMatchObject({ text: "", finishReason: "filtered" });
    expect(first.reply(7)).toMatchObject({ text: '{"verdict": "A', finishReason: "length" });
    expect(first.told.get("8")).toMatchObject({ failure: expect.stringContaining("The prompt is too long") });
    expect(first.reply(9)?.text).toBe("half a \ufffd and a \ufffd end");
  });

  test("writes every request down, also those that were in vain", async () => {
    const receipt = await receiptOf(db, { runId: first.runId });
    expect(server.requests).toHaveLength(24);
    // 429, 500 and 400 cost nothing; a broken stream and a gateway's silence may.
    expect(receipt).toMatchObject({ requests: 24, answered: 19, failed: 3, unknown: 2, unpriced: 0 });
    const [{ cost }] = await db.execute<{ cost: number }>(sql`
      select sum(((input - cached) * 2 + cached * 1 + output * 10) / 1e6)::float8 as cost
      from endpoint_attempt where run_id = ${first.runId} and outcome = 'answered'`);
    expect(receipt.cost).toBeCloseTo(cost, 12);
    expect(receipt.cost).toBeGreaterThan((15 * (60 * 2 + 40 + 30)) / 1e6);
    expect(receipt.unknownCost).toBeGreaterThan(0);
    expect((await receiptsOfProject(db, projectId)).get(endpointId)).toEqual(receipt);
  });

  test("asks in an order in which equal beginnings follow each other", async () => {
    const { server, endpointId } = await fakeEndpoint(() => ({ text: "yes" }), { concurrency: 1 });
    const mixed = numbered(12).sort((a, b) => (Number(a.item) % 5) - (Number(b.item) % 5));
    await make(endpointId, mixed);
    const asked = server.requests.map(({ item }) => item);
    expect(asked).toEqual([...asked].sort());
  });

  test("made again costs nothing and says the same; only what failed is asked", async () => {
    const before = server.requests.length;
    const again = await make(endpointId, calls);
    expect(again.result).toMatchObject({ answered: 19, stored: 19, failed: 1 });
    expect(server.requests.slice(before).map(({ item }) => item)).toEqual(["item 8"]);
    for (let number = 0; number < 20; number++) expect(again.reply(number)).toEqual(first.reply(number));
  });

  test("is another call where anything of it is another", async () => {
    const before = server.requests.length;
    const [call] = numbered(1);
    const others: Call[] = [
      { ...call, version: "v2" },
      { ...call, order: "ba" },
      { ...call, sample: 1 },
      { ...call, request: { ...call.request, temperature: 1 } },
      call,
    ];
    expect((await make(endpointId, others)).result).toMatchObject({ answered: 5, stored: 1 });
    expect(server.requests).toHaveLength(before + 4);
  });

  test("sends its key with each request, and no page or log tells it", async () => {
    expect(server.requests.every(({ headers }) => headers.authorization === "Bearer sk-very-secret")).toBe(
      true,
    );
    const told = JSON.stringify([
      await manager.caller.endpoint.list({ projectId }),
      await db.select().from(auditEntry),
      await db.select().from(endpoints),
      await db.select().from(runs),
    ]);
    expect(told).not.toContain("sk-very-secret");
  });
});

describe("a round ends", () => {
  test("before it costs more than its cap, in this round and with what the run had spent", async () => {
    // 10 prompt tokens and 16 of the reply: 20 + 160 millionths.
    const usage = { prompt_tokens: 10, completion_tokens: 16 };
    const { server, endpointId } = await fakeEndpoint(() => ({ text: "yes", usage }));
    const calls = numbered(40);
    const cap = (180 * 20) / 1e6;
    const { result, runId } = await make(endpointId, calls, { cap });
    expect(result).toMatchObject({ failed: 0, why: "cap" });
    expect(result.answered).toBeGreaterThan(10);
    expect(result.left).toBe(40 - result.answered);
    expect(result.receipt?.cost).toBeLessThanOrEqual(cap);
    const made = server.requests.length;
    expect((await make(endpointId, calls, { cap, runId })).result).toMatchObject({
      why: "cap",
      stored: made,
    });
    expect(server.requests).toHaveLength(made);
    expect(
      estimate(
        calls.map(({ request }) => sizeOf(request)),
        PRICES,
      ),
    ).toMatchObject({ calls: 40, output: 640 });
  });

  test("at once where a key is wrong, and says so", async () => {
    const { server, endpointId } = await fakeEndpoint(() => ({ status: 401 }));
    await expect(make(endpointId, numbered(200))).rejects.toThrow(/does not accept the key/);
    // Others may go out while what the first heard is being written down.
    expect(server.requests.length).toBeLessThanOrEqual(12);
  });

  test("at its deadline, with what is there", async () => {
    const { endpointId } = await fakeEndpoint(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { text: "yes" };
    });
    const { result } = await make(endpointId, numbered(1000), { deadline: new Date(Date.now() + 500) });
    expect(result.why).toBe("deadline");
    expect(result.answered + result.left).toBe(1000);
    expect(result.receipt).toMatchObject({ requests: result.answered, unknown: 0 });
  });

  test("when it is cancelled, and counts what was under way as unknown", async () => {
    const { server, endpointId } = await fakeEndpoint(() => ({ hang: true }));
    const cancel = new AbortController();
    const { id: runId } = await aRun();
    const making = make(endpointId, numbered(10), { runId, signal: cancel.signal });
    await expect.poll(() => server.requests.length).toBe(4);
    cancel.abort();
    await expect(making).rejects.toThrow();
    expect(await receiptOf(db, { runId })).toMatchObject({ requests: 4, unknown: 4, cost: 0 });
  });

  test.each([
    ["where nobody listens, and nothing can have been charged", "http://127.0.0.1:9/v1", false],
    ["where the answer breaks off, and may have been", null, true],
  ])("%s", async (_, dead, maybeCharged) => {
    const { server, endpointId } = await fakeEndpoint(() => ({ half: "It" }));
    await db
      .update(endpoints)
      .set({ url: dead ?? server.url })
      .where(eq(endpoints.id, endpointId));
    const model = (await endpointOf(db, { projectId, endpointId })).model();
    const asked = (async () => {
      for await (const _piece of model.generate(numbered(1)[0].request)) void _piece;
    })();
    await expect(asked).rejects.toMatchObject({
      again: "later",
      message: expect.stringMatching(dead ? /^127.0.0.1:9 cannot be reached: ECONNREFUSED/ : /broke off/),
      details: { maybeCharged },
    });
  });

  test("without a cap where nobody knows the price", async () => {
    const { endpointId } = await fakeEndpoint(() => ({ text: "yes" }), { inputPrice: null });
    await expect(make(endpointId, numbered(1), { cap: 1 })).rejects.toThrow(/set them first/);
  });
});

describe("two rounds with the same calls", () => {
  test("ask for each of them once", async () => {
    const { server, endpointId } = await fakeEndpoint(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { text: "yes" };
    });
    const results = await Promise.all([1, 2].map(() => make(endpointId, numbered(30))));
    for (const { result } of results) expect(result).toMatchObject({ answered: 30, failed: 0, left: 0 });
    expect(server.requests).toHaveLength(30);
  });
});

describe("a call that another took from one who was silent", () => {
  test("is not let go by the first one's end: nobody makes it a third time beside", async () => {
    const { endpointId } = await fakeEndpoint(() => ({ text: "yes" }));
    const begin = async (key: string) => {
      const [attempt] = await beginAttempts(db, { endpointId, holder: randomUUID(), runId: null }, [
        { key, bound: null },
      ]);
      return attempt;
    };
    const taken = async (key: string) => {
      const silent = await begin(key);
      if (!silent) throw new Error("Nobody makes it yet.");
      expect(await begin(key)).toBeNull();
      await db.execute(sql`update endpoint_call set leased_until = now() - interval '1 second'
        where endpoint_id = ${endpointId} and key = ${key}`);
      return { silent, second: await begin(key) };
    };
    const one = await taken("ended");
    await finishAttempts(db, [{ ...one.silent, outcome: "failed", status: 503 }]);
    expect(one.second).not.toBeNull();
    expect(await begin("ended")).toBeNull();
    const other = await taken("withdrawn");
    await withdrawAttempt(db, other.silent);
    expect(await begin("withdrawn")).toBeNull();
    if (!other.second) throw new Error("The second one makes it.");
    await finishAttempts(db, [{ ...other.second, outcome: "failed", status: 503 }]);
    expect(await begin("withdrawn")).not.toBeNull();
  });
});

describe("a process that is killed", () => {
  test("never pays twice for a reply that is stored, and forgets no request", async () => {
    const COUNT = 60;
    const { server, endpointId } = await fakeEndpoint(async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return { text: "yes" };
    });
    const { id: runId } = await aRun();
    const doomed = spawn(
      process.execPath,
      [
        ...["--import", "tsx", join(import.meta.dirname, "endpoint-child.ts")],
        ...[database.url, projectId, endpointId, runId, String(COUNT)],
      ],
      { stdio: ["ignore", "ignore", "inherit"], env: process.env },
    );
    const answeredItems = async () => {
      const rows = await db.execute<{ count: number }>(sql`
        select count(*)::int as count from endpoint_call where endpoint_id = ${endpointId} and answered_at is not null`);
      return rows[0].count;
    };
    await expect.poll(answeredItems, { interval: 20 }).toBeGreaterThan(15);
    doomed.kill("SIGKILL");
    await once(doomed, "exit");
    const stored = await answeredItems();
    expect(stored).toBeLessThan(COUNT);
    const asked = server.requests.length;

    // The lease of what was under way runs out by itself; here it is let run out at once.
    await db.execute(sql`update endpoint_call set leased_until = now() - interval '1 second'
      where endpoint_id = ${endpointId} and holder is not null`);
    const { result } = await make(endpointId, numbered(COUNT), { runId });
    expect(result).toMatchObject({ answered: COUNT, stored, failed: 0, left: 0 });

    // Whatever was not stored at the kill was asked for again, and nothing else.
    expect(server.requests.length - asked).toBe(COUNT - stored);
    const receipt = await receiptOf(db, { runId });
    expect(receipt).toMatchObject({ answered: COUNT, failed: 0 });
    // As many as are with the endpoint at once, and as many that were made ready meanwhile.
    expect(receipt.unknown).toBeLessThanOrEqual(8);
    // A request may have been written down and not have gone out: never the other way round.
    expect(receipt.requests).toBeGreaterThanOrEqual(server.requests.length);
    expect(receipt.requests - COUNT).toBe(receipt.unknown);
    expect(new Set(server.answered).size).toBe(COUNT);
  });
});

describe("a probe", () => {
  const work = async (endpointId: string, prompt?: string) => {
    const { runId } = await manager.caller.endpoint.probe({
      projectId,
      endpointId,
      ...(prompt ? { prompt } : {}),
    });
    const [run] = await db.select().from(runs).where(eq(runs.id, runId));
    return probe({
      ...{ run, db, sql: database.sql, folder: "", signal: never, stop: never },
      store: await import("@/server/artifact/store").then(({ folderStore }) => folderStore("/tmp")),
      progress: () => {},
      log: async () => {},
      metrics: async () => {},
      attach: async () => Promise.reject(new Error("A probe makes no file.")),
    });
  };
  const found = async (endpointId: string) => {
    const all = await manager.caller.endpoint.list({ projectId });
    return all.find(({ id }) => id === endpointId);
  };

  test("learns what a model can do", async () => {
    const { endpointId } = await fakeEndpoint((body) => {
      if (body.tool_choice) return { text: "", tool: body.tool_choice.function.name };
      if (body.response_format?.type === "json_schema") return { text: '{"wet":true}' };
      return { text: "Yes", logprobs: body.top_logprobs !== undefined };
    });
    expect(await work(endpointId)).toEqual({ problem: null, reply: null });
    expect(await found(endpointId)).toMatchObject({
      capabilities: {
        logprobs: 2,
        schema: true,
        tools: true,
        system: true,
        embeddings: false,
        context: 4096,
      },
      missing: [],
      retiresOn: "2027-01-14",
      problem: null,
      hasKey: true,
      // Five questions and the list of models; of vectors it knows nothing.
      spent: { requests: 7, answered: 6, failed: 1, unknown: 0, unpriced: 0 },
    });
  });

  test("learns what it cannot, and a request for that is refused before it is sent", async () => {
    const { server, endpointId } = await fakeEndpoint((body) => {
      if (body.top_logprobs) return { status: 400, error: "logprobs are not supported" };
      if (body.messages[0].role === "system") return { status: 400, error: "System role not supported" };
      return { text: "Water is wet." };
    });
    await work(endpointId);
    const endpoint = await found(endpointId);
    expect(endpoint?.capabilities).toMatchObject({ logprobs: 0, schema: false, tools: false, system: false });
    expect(endpoint?.missing).toHaveLength(4);
    const before = server.requests.length;
    const { told } = await make(endpointId, numbered(1, { logprobs: 5 }));
    expect(told.get("0")).toMatchObject({ failure: expect.stringContaining("no log-probabilities") });
    expect(server.requests).toHaveLength(before);
    // What the system would say, the user says.
    await make(endpointId, numbered(1));
    expect(server.requests.at(-1)?.body.messages).toEqual([
      { role: "user", content: "You judge.\n\nitem 0" },
    ]);
  });

  test("finds out that a model draws at its own temperature, which is then left out", async () => {
    const { server, endpointId } = await fakeEndpoint((body) =>
      "temperature" in body
        ? { status: 400, error: "Unsupported value: 'temperature' does not support 0 with this model." }
        : { text: "Yes" },
    );
    expect(await work(endpointId)).toMatchObject({ problem: null });
    const endpoint = await found(endpointId);
    expect(endpoint?.capabilities).toMatchObject({ temperature: false, system: true });
    expect(endpoint?.missing.join()).toContain("no temperature");
    const { reply } = await make(endpointId, numbered(1));
    expect(reply(0)).toMatchObject({ text: "Yes", ignored: ["temperature"] });
    expect(server.requests.at(-1)?.body).not.toHaveProperty("temperature");
  });

  test("says why it learnt nothing, and keeps what it knew", async () => {
    let isOpen = true;
    const { endpointId } = await fakeEndpoint(() => (isOpen ? { text: "Yes" } : { status: 403 }));
    await work(endpointId);
    isOpen = false;
    expect(await work(endpointId)).toMatchObject({
      problem: expect.stringContaining("does not accept the key"),
    });
    expect(await found(endpointId)).toMatchObject({
      capabilities: { system: true },
      problem: expect.stringContaining("403"),
    });
  });

  test("with a prompt is a try, whose answer a person reads", async () => {
    const { endpointId } = await fakeEndpoint(() => ({ text: "Quite so." }));
    expect(await work(endpointId, "Is it so?")).toMatchObject({
      reply: { text: "Quite so.", finishReason: "stop", model: "fake-2026-01-01" },
    });
  });
});

describe("the ledger", async () => {
  const { usageRequests, usageTokens, usageCost, ...endpointFigure } = endpointFigures;
  const { projectId: apart, manager: owner } = await study(database, { tasks: 0 });
  const server = await startFakeModel((body, earlier) => {
    const number = Number(body.messages.at(-1)?.content.split(" ")[1]);
    if (number === 1 && earlier === 0) return { half: "br" };
    if (number === 2) return { status: 400 };
    return { text: "yes", usage: { prompt_tokens: 20 + number, completion_tokens: number, cached: number } };
  });
  closing.push(server.close);
  for (const inputPrice of [3, null]) {
    const { endpointId } = await owner.caller.endpoint.add({
      ...{
        projectId: apart,
        name: `at ${inputPrice}`,
        kind: "openai-compatible",
        url: server.url,
        model: "m",
      },
      ...{ ...PRICES, inputPrice, requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 },
    });
    await storeProbe(db, endpointId, { capabilities: EVERYTHING, missing: [], retiresOn: null });
    const opened = await endpointOf(db, { projectId: apart, endpointId });
    await runCalls({
      ...{ db, endpoint: opened.endpoint, pace: opened.pace, model: opened.model(), calls: numbered(6) },
      ...{ runId: null, cap: null, signal: never, onSettled: async () => {} },
    });
  }
  // What was removed since was used; long ago is not within the month.
  const [gone] = await db
    .insert(endpoints)
    .values({
      projectId: apart,
      name: "gone",
      kind: "google",
      model: "m",
      concurrency: 1,
      removedAt: new Date(),
    })
    .returning();
  const [call] = await db.insert(endpointCall).values({ endpointId: gone.id, key: "k" }).returning();
  const attempt = { callId: call.id, endpointId: gone.id, outcome: "answered" as const };
  await db.insert(endpointAttempt).values([
    { ...attempt, input: 7, cached: 2, output: 4, cost: 0.5 },
    {
      ...attempt,
      input: 7,
      cached: 2,
      output: 4,
      cost: 0.5,
      startedAt: new Date(Date.now() - 40 * 86_400_000),
    },
  ]);
  const [ours] = await db
    .insert(models)
    .values({ projectId: apart, name: "ours", method: "sft", format: "full", source: { kind: "run" } })
    .returning();
  const asked = {
    projectId: apart,
    modelId: ours.id,
    personId: owner.viewer.personId,
    wantedUntil: new Date(),
  };
  await db.insert(modelCall).values([
    { ...asked, status: "done", inputTokens: 11, outputTokens: 3 },
    { ...asked, status: "failed", inputTokens: 5 },
  ]);
  const usage = await owner.caller.endpoint.usage({ projectId: apart });
  const spent = (await owner.caller.endpoint.list({ projectId: apart })).map((one) => one.spent);
  const rows = await db
    .select({ attempt: endpointAttempt })
    .from(endpointAttempt)
    .innerJoin(endpoints, eq(endpoints.id, endpointAttempt.endpointId))
    .where(and(eq(endpoints.projectId, apart), isNull(endpoints.removedAt)));
  const own = [...groupBy(rows, ({ attempt }) => attempt.endpointId).values()].map((some) =>
    some.map(({ attempt }) => attempt),
  );
  const total = (values: (number | null)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const isOf = (outcome: string) => (row: { outcome: string | null }) => row.outcome === outcome;
  testFigures(
    db,
    endpointFigure,
    {
      endpointRequests: {
        shown: spent.map(({ requests, answered, failed, unknown }) => ({
          requests,
          answered,
          failed,
          unknown,
        })),
        counted: own.map((some) => ({
          requests: some.length,
          answered: some.filter(isOf("answered")).length,
          failed: some.filter(isOf("failed")).length,
          unknown: some.filter(isOf("unknown")).length,
        })),
      },
      endpointTokens: {
        shown: spent.map(({ input, cached, output }) => ({ input, cached, output })),
        counted: own.map((some) => ({
          input: total(some.map((row) => row.input)),
          cached: total(some.map((row) => row.cached)),
          output: total(some.map((row) => row.output)),
        })),
      },
      endpointCost: {
        shown: spent.map(({ cost, unpriced, unknownCost }) => ({ cost, unpriced, unknownCost })),
        counted: own.map((some) => ({
          cost: total(some.map((row) => row.cost)),
          unpriced: some.filter((row) => row.outcome === "answered" && row.cost === null).length,
          unknownCost: total(some.filter(isOf("unknown")).map((row) => row.bound)),
        })),
      },
    },
    () => ({ project: apart }),
  );

  const used = <
    Name extends
      | "requests"
      | "answered"
      | "input"
      | "cached"
      | "output"
      | "cost"
      | "unpriced"
      | "unknownCost",
  >(
    ...names: Name[]
  ) =>
    [...groupBy(usage, ({ origin }) => origin).values()].map((some) =>
      Object.fromEntries(names.map((name) => [name, total(some.map((row) => row[name]))])),
    );
  const all = own.flat();
  const known = all.filter(isOf("answered"));
  testFigures(
    db,
    { usageRequests, usageTokens, usageCost },
    {
      usageRequests: {
        shown: used("requests", "answered"),
        counted: [
          { requests: all.length + 1, answered: known.length + 1 },
          { requests: 2, answered: 1 },
        ],
      },
      usageTokens: {
        shown: used("input", "cached", "output"),
        counted: [
          {
            input: 7 + total(all.map((row) => row.input)),
            cached: 2 + total(all.map((row) => row.cached)),
            output: 4 + total(all.map((row) => row.output)),
          },
          { input: 16, cached: 0, output: 3 },
        ],
      },
      usageCost: {
        shown: used("cost", "unpriced", "unknownCost"),
        counted: [
          {
            cost: 0.5 + total(all.map((row) => row.cost)),
            unpriced: known.filter((row) => row.cost === null).length,
            unknownCost: total(all.filter(isOf("unknown")).map((row) => row.bound)),
          },
          { cost: 0, unpriced: 0, unknownCost: 0 },
        ],
      },
    },
    () => ({ project: apart }),
  );

  test("tells who used which model, for what", () => {
    expect(usage).toContainEqual(
      expect.objectContaining({
        name: "ours",
        origin: "model",
        by: owner.viewer.name,
        personId: owner.viewer.personId,
        purpose: null,
        requests: 2,
      }),
    );
    expect(usage).toContainEqual(expect.objectContaining({ name: "gone", origin: "endpoint", by: null }));
    expect(new Set(usage.map(({ day }) => day)).size).toBeLessThanOrEqual(2);
  });

  test("prices what the provider told, and what nobody saw the end of at most", () => {
    const [priced, unpriced] = [...spent].sort((a, b) => b.cost - a.cost);
    // Items 0, 1, 3, 4, 5: 20 tokens at 3, as many from the cache at 1 and of the reply at 10 as the item's number.
    expect(priced.cost).toBeCloseTo((5 * 20 * 3 + 13 * 1 + 13 * 10) / 1e6, 12);
    expect(priced).toMatchObject({ requests: 7, answered: 5, failed: 1, unknown: 1, unpriced: 0 });
    expect(unpriced).toMatchObject({ cost: 0, unpriced: 5, unknownCost: 0 });
  });
});

describe("an endpoint", () => {
  const given = {
    ...{ projectId, kind: "openai-compatible" as const, model: "m", key: "sk-another" },
    ...{ ...PRICES, requestsPerMinute: null, tokensPerMinute: null, concurrency: 1 },
  };

  test.each([
    ["http://192.168.1.7:8000/v1", /https only/],
    ["http://models.example.org/v1", /https only/],
    ["https://169.254.169.254/latest", /this machine or its network/],
    ["https://localhost/v1", /this machine or its network/],
    ["https://167772161/v1", /this machine or its network/],
    ["https://[::ffff:127.0.0.1]/v1", /this machine or its network/],
    ["https://[fd00::1]/v1", /this machine or its network/],
    ["https://key@models.example.org/v1", /must hold no name/],
    ["file:///etc/passwd", /must begin with https/],
  ])("does not lie at %s", async (url, why) => {
    await expect(manager.caller.endpoint.add({ ...given, name: `at ${url}`, url })).rejects.toThrow(why);
  });

  test("is changed but for what it is, and its key is forgotten with it", async () => {
    const { endpointId } = await manager.caller.endpoint.add({
      ...given,
      name: "one",
      url: "https://models.example.org/v1",
    });
    await expect(
      manager.caller.endpoint.add({ ...given, name: "one", url: "https://models.example.org/v1" }),
    ).rejects.toThrow(/its own name/);
    await manager.caller.endpoint.edit({ projectId, endpointId, outputPrice: 3 });
    await manager.caller.endpoint.edit({ projectId, endpointId, key: "sk-newer" });
    expect((await endpointOf(db, { projectId, endpointId })).endpoint).toMatchObject({
      ...{ key: "sk-newer", outputPrice: 3, inputPrice: 2, url: "https://models.example.org/v1" },
    });
    await manager.caller.endpoint.remove({ projectId, endpointId });
    await expect(endpointOf(db, { projectId, endpointId })).rejects.toThrow(/not found/);
    const [row] = await db.select().from(endpoints).where(eq(endpoints.id, endpointId));
    expect(row).toMatchObject({ keyCiphertext: null, removedAt: expect.any(Date) });
  });

  test("of another project is not there", async () => {
    const { endpointId } = await fakeEndpoint(() => ({ text: "yes" }));
    const other = await study(database, { tasks: 0 });
    const elsewhere = { projectId: other.projectId, endpointId };
    for (const asking of [
      () => manager.caller.endpoint.edit({ ...elsewhere, name: "mine" }),
      () => manager.caller.endpoint.probe(elsewhere),
      () => manager.caller.endpoint.remove(elsewhere),
      () => endpointOf(db, elsewhere),
    ])
      await expect(asking()).rejects.toThrow(/not found/);
  });
});

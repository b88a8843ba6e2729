import { eq } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import { run as runs } from "@/db/schema";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { storeProbe } from "@/server/endpoint/endpoint";
import { guardedFetch } from "@/server/endpoint/reach";
import { queueRun } from "@/server/run/queue";
import { probe } from "@/workers/run/handlers/probe";
import type { Call, Settled } from "@/workers/text/call";
import { endpointOf } from "@/workers/text/endpoint";
import type { End, GenerateRequest, TextModel } from "@/workers/text/model";
import { EVERYTHING } from "@/workers/text/probe";
import type { Access } from "@/workers/text/provider";
import { providerOf, remoteModel } from "@/workers/text/remote";
import { runCalls } from "@/workers/text/runner";
import { testDatabase } from "./database";
import { numbered } from "./numbered-calls";
import { anthropic, OLDER } from "./providers/anthropic";
import { azure } from "./providers/azure";
import { bedrock, NOVA } from "./providers/bedrock";
import { google } from "./providers/google";
import { type Asked, type Does, type FakeProvider, KEY, startFake } from "./providers/wire";
import { study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

const database = await testDatabase();
const { db } = database;
const { projectId, manager } = await study(database, { tasks: 0 });
const never = new AbortController().signal;
const closing: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function start(fake: FakeProvider, script: (asked: Asked, earlier: number) => Does) {
  const server = await startFake(fake, script);
  closing.push(server.close);
  return server;
}

const guarded = guardedFetch({ allowed: ["127.0.0.1"], idleMs: 10_000 });

/** A model at its provider's own address, which leads to the fake. */
async function reach(
  fake: FakeProvider,
  script: (asked: Asked, earlier: number) => Does,
  more: Partial<Access> = {},
) {
  const { origin, seen } = await start(fake, script);
  const access: Access = {
    // Who has an address of its own is asked there.
    url: fake.kind === "anthropic" || fake.kind === "google" ? null : `${fake.origin}${fake.base}`,
    ...{ key: KEY, model: fake.model, capabilities: EVERYTHING },
    fetch: (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.origin !== fake.origin) throw new Error(`nobody is at ${url.origin}`);
      return guarded(`${origin}${url.pathname}${url.search}`, init);
    },
    ...more,
  };
  const provider = providerOf(fake.kind, access);
  return { provider, model: remoteModel(provider, access), seen };
}

const schema = {
  type: "object",
  properties: { wet: { type: "boolean" } },
  required: ["wet"],
  additionalProperties: false,
};
const say = { name: "say", description: "Says whether it is so.", parameters: schema };

const plain: GenerateRequest = {
  messages: [
    { role: "system", content: "You judge." },
    { role: "user", content: "Is water wet?" },
    { role: "assistant", content: "Which water?" },
    { role: "user", content: "Any." },
  ],
  ...{ maxTokens: 64, temperature: 0, stop: ["END"] },
};

async function heard(model: TextModel, request: Partial<GenerateRequest> = {}) {
  const texts: string[] = [];
  const thoughts: string[] = [];
  let end: End | undefined;
  for await (const piece of model.generate({ ...plain, ...request })) {
    if (piece.type === "text") texts.push(piece.text);
    else if (piece.type === "reasoning") thoughts.push(piece.text);
    else end = piece;
  }
  if (!end) throw new Error("no end");
  return { texts, text: texts.join(""), thought: thoughts.join(""), end };
}

/** Where in a request each provider wants what it is told. */
const asked: Readonly<Record<string, object>> = {
  anthropic: {
    ...{ model: "claude-sonnet-4-5", max_tokens: 64, temperature: 0, stop_sequences: ["END"] },
    system: [{ type: "text", text: "You judge." }],
    messages: [
      { role: "user", content: [{ type: "text", text: "Is water wet?" }] },
      { role: "assistant", content: [{ type: "text", text: "Which water?" }] },
      { role: "user", content: [{ type: "text", text: "Any." }] },
    ],
  },
  google: {
    generationConfig: { maxOutputTokens: 64, temperature: 0, stopSequences: ["END"] },
    systemInstruction: { parts: [{ text: "You judge." }] },
    contents: [
      { role: "user", parts: [{ text: "Is water wet?" }] },
      { role: "model", parts: [{ text: "Which water?" }] },
      { role: "user", parts: [{ text: "Any." }] },
    ],
  },
  azure: { max_completion_tokens: 64, temperature: 0, stop: ["END"], messages: plain.messages },
  bedrock: {
    inferenceConfig: { maxTokens: 64, temperature: 0, stopSequences: ["END"] },
    system: [{ text: "You judge." }],
    messages: [
      { role: "user", content: [{ text: "Is water wet?" }] },
      { role: "assistant", content: [{ text: "Which water?" }] },
      { role: "user", content: [{ text: "Any." }] },
    ],
  },
};

/** The model that answered, by its own account. */
const named: Readonly<Record<string, string | null>> = {
  anthropic: "claude-sonnet-4-5-20250929",
  google: "gemini-2.5-flash-001",
  azure: "gpt-4o-2024-08-06",
  bedrock: null,
};

const providers = [anthropic, google, azure, bedrock];
describe.each(providers.map((fake) => [fake.kind, fake] as const))("%s", (kind, fake) => {
  test("writes in pieces, to an end with tokens and the model's own name", async () => {
    const usage = { input: 120, cached: 100, output: 9 };
    const { model, seen } = await reach(fake, () => ({ says: "Water is wet.", thinks: "Hm.", usage }));
    const { texts, text, thought, end } = await heard(model);
    expect(text).toBe("Water is wet.");
    expect(texts.length).toBeGreaterThan(1);
    expect(thought).toBe(kind === "azure" ? "" : "Hm.");
    expect(end).toMatchObject({ finishReason: "stop", usage, model: named[kind] });
    expect(seen).toHaveLength(1);
    expect(seen[0].body).toMatchObject(asked[kind]);
  });

  test.each(["length", "refused", "filtered"] as const)("ends where it was %s", async (end) => {
    const { model } = await reach(fake, () => ({ says: "I", end }));
    // Anthropic has one word for both, and Google does not let its model decline.
    const isOther = { anthropic: end === "filtered" && "refused", google: end === "refused" && "filtered" };
    const expected = (kind === "anthropic" || kind === "google" ? isOther[kind] : false) || end;
    expect((await heard(model)).end.finishReason).toBe(expected);
  });

  test("keeps to a schema, and calls a tool", async () => {
    const models = { anthropic: [fake.model, OLDER], bedrock: [fake.model, NOVA] };
    for (const name of kind === "anthropic" || kind === "bedrock" ? models[kind] : [fake.model]) {
      const does = ({ schema, tool }: Asked): Does => {
        if (tool) return { says: "", calls: { name: tool, arguments: { wet: true } } };
        return { says: schema ? '{"wet":true}' : "Yes." };
      };
      const { model } = await reach(fake, does, { model: name });
      const whole = await heard(model, { schema });
      expect(JSON.parse(whole.text)).toEqual({ wet: true });
      expect(whole.end.finishReason).toBe("stop");
      const { text, end } = await heard(model, { tools: [say], toolChoice: "say" });
      expect(text).toBe("");
      expect(end).toMatchObject({ finishReason: "tool", toolCalls: [{ name: "say" }] });
      expect(JSON.parse(end.toolCalls?.[0].arguments ?? "")).toEqual({ wet: true });
    }
  });

  test("says what to do where the key is wrong, the model unknown or the money gone", async () => {
    const spent = () => reach(fake, () => ({ fails: "spent" }));
    for (const [opening, message] of [
      [
        reach(fake, () => ({ says: "" }), { key: "wrong" }),
        /does not accept the key .*: store the right one/,
      ],
      [reach(fake, () => ({ says: "" }), { model: "no-such-model" }), /no no-such-model .*: check both/],
      [spent(), /no credit or quota left .*: top it up/],
    ] as const)
      await expect(heard((await opening).model)).rejects.toMatchObject({
        message: expect.stringMatching(message),
        again: "never",
        details: { forAll: true, maybeCharged: false },
      });
  });

  test("is asked later where it has too much to do, after as long as it says", async () => {
    const rate = await reach(fake, () => ({ fails: "rate" }));
    // Bedrock does not say.
    const details = { status: 429, retryAfterMs: kind === "bedrock" ? undefined : 7000, maybeCharged: false };
    await expect(heard(rate.model)).rejects.toMatchObject({ again: "later", details });
    const { model } = await reach(fake, () => ({ fails: "overloaded" }));
    const status = kind === "anthropic" ? 529 : 503;
    await expect(heard(model)).rejects.toMatchObject({
      again: "later",
      message: expect.stringMatching(/\d{3}: \S+/),
      details: { status, maybeCharged: false },
    });
  });

  test.each([
    [{ cut: "lost", after: "It is" }, /broke off/],
    [{ cut: "closed", after: "It is" }, /broke off/],
    [{ breaks: "It fell over" }, /It fell over/],
    [{ fails: "timeout" }, /answered (408|504)/],
  ] satisfies [Does, RegExp][])("takes no half answer for a whole one: %j", async (does, message) => {
    const { model } = await reach(fake, () => does);
    await expect(heard(model)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      again: "later",
    });
  });

  test("that withholds a prompt has answered: nobody asks it again", async () => {
    const { model } = await reach(fake, () => ({ fails: "filtered" }));
    const { text, end } = await heard(model);
    expect(text).toBe("");
    expect(end.finishReason).toBe("filtered");
  });
});

describe.each(providers.map((fake) => [fake.kind, fake] as const))("%s as an endpoint", (kind, fake) => {
  const add = async (script: (asked: Asked, earlier: number) => Does) => {
    const { origin, seen } = await start(fake, script);
    const { endpointId, runId } = await manager.caller.endpoint.add({
      ...{ projectId, name: `${kind} ${origin}`, kind, url: `${origin}${fake.base}`, model: fake.model },
      ...{ key: KEY, inputPrice: 2, cachedPrice: 1, outputPrice: 10 },
      ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 4 },
    });
    return { endpointId, runId, seen };
  };

  test("is probed for what it can do", async () => {
    const { endpointId, runId, seen } = await add(({ schema, tool }) => {
      if (tool) return { says: "", calls: { name: tool, arguments: { wet: true } } };
      return { says: schema ? '{"wet":true}' : "Yes." };
    });
    const [run] = await db.select().from(runs).where(eq(runs.id, runId));
    const result = await probe({
      ...{ run, db, sql: database.sql, folder: "", signal: never, stop: never, store: folderStore("/tmp") },
      progress: () => {},
      log: async () => {},
      metrics: async () => {},
      attach: async () => Promise.reject(new Error("A probe makes no file.")),
    });
    expect(result).toEqual({ problem: null, reply: null });
    const endpoint = (await manager.caller.endpoint.list({ projectId })).find(({ id }) => id === endpointId);
    const context = { anthropic: 200_000, google: 1_060_000, azure: null, bedrock: null };
    expect(endpoint?.capabilities).toEqual({
      ...{ schema: true, tools: true, system: true, temperature: true },
      ...{ continuations: false, rewards: false, embeddings: false },
      logprobs: kind === "azure" ? 1 : 0,
      context: kind === "openai-compatible" ? null : context[kind],
    });
    // Whatever was asked stands in the ledger, the list of models and the vectors too.
    expect(endpoint?.spent.requests).toBe(seen.length);
  });

  test("is paid for what it told, and for nothing twice", async () => {
    const numberOf = (prompt: string) => Number(prompt.split(" ")[1]);
    const { endpointId, seen } = await add(({ prompt }, earlier) => {
      const number = numberOf(prompt);
      if (earlier === 0 && number === 1) return { fails: "overloaded" };
      if (earlier === 0 && number === 2) return { cut: "closed", after: "re" };
      return { says: `reply ${number}`, usage: { input: 100, cached: 40, output: 5 + number } };
    });
    await storeProbe(db, endpointId, { capabilities: EVERYTHING, missing: [], retiresOn: null });
    const opened = await endpointOf(db, { projectId, endpointId });
    const round = async () => {
      const { id: runId } = await queueRun(db, system, { projectId, kind: "probe", title: "", spec: {} });
      const told: Settled<Call>[] = [];
      const result = await runCalls({
        ...{ db, endpoint: opened.endpoint, pace: opened.pace, model: opened.model(), runId },
        ...{ calls: numbered(6), cap: null, signal: never },
        onSettled: async (settled) => {
          told.push(settled);
        },
      });
      return { result, told };
    };
    const { result, told } = await round();
    expect(result).toMatchObject({ answered: 6, failed: 0 });
    for (const settled of told)
      expect(settled).toMatchObject({ reply: { text: `reply ${settled.call.item}` } });
    const output = 6 * 5 + 15;
    expect(result.receipt).toMatchObject({
      ...{ requests: 8, answered: 6, failed: 1, unknown: 1, unpriced: 0 },
      ...{ input: 600, cached: 240, output },
    });
    expect(result.receipt?.cost).toBeCloseTo((6 * (60 * 2 + 40) + output * 10) / 1e6, 12);
    expect(seen).toHaveLength(8);
    expect((await round()).result).toMatchObject({ answered: 6, stored: 6, receipt: { requests: 0 } });
    expect(seen).toHaveLength(8);
  });
});

test("what a model does not take is left out and said", async () => {
  const { model, seen } = await reach(anthropic, () => ({ says: "Yes." }));
  expect((await heard(model, { seed: 1 })).end.ignored).toEqual(["seed"]);
  const own = await reach(azure, () => ({ says: "Yes." }), {
    capabilities: { ...EVERYTHING, temperature: false },
  });
  expect((await heard(own.model)).end.ignored).toEqual(["temperature"]);
  expect(own.seen[0].body).not.toHaveProperty("temperature");
  expect(seen[0].body).toHaveProperty("temperature", 0);
});

test("Google's words about billing do not end a round that a minute's limit delays", async () => {
  const { model } = await reach(google, () => ({ fails: "rate" }));
  await expect(heard(model)).rejects.toMatchObject({
    again: "later",
    message: expect.stringContaining("billing"),
  });
});

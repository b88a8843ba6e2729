/**
 * What the runner of calls gets out of an endpoint with eight places, beside bare `fetch` and the `openai` client that
 * ask the same things eight at a time: replies a second, in turns, medians. `npm run bench:endpoint`; starts a
 * PostgreSQL of its own, and a server that takes the same time for each reply. Where CONCORD_TEST_LLAMA names a Python
 * with xllamacpp and CONCORD_TEST_GGUF a model's file, llama.cpp's server is asked too.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sql } from "drizzle-orm";
import OpenAI from "openai";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { endpoint as endpoints } from "@/db/schema";
import type { Call } from "@/workers/text/call";
import { endpointOf } from "@/workers/text/endpoint";
import { EVERYTHING } from "@/workers/text/probe";
import { runCalls } from "@/workers/text/runner";
import { median } from "./median";

const SLOTS = 8;
const REPLY_MS = Number(process.env.REPLY_MS ?? 100);
const ROUNDS = Number(process.env.ROUNDS ?? 5);

process.env.AUTH_SECRET ??= "a secret that only this bench knows, and nobody else";
process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
const folder = mkdtempSync(join(tmpdir(), "concord-endpoint-"));
const embedded = await startEmbedded(folder);
await migrate(embedded.url);
const { db, close } = connect(embedded.url, { max: 10 });
const [{ id: projectId }] = await db.execute<{ id: string }>(
  sql`insert into project (name) values ('bench') returning id`,
);

/** A process of its own, whose first word is where it listens. */
async function listening(command: string, args: string[]): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(child.stdout)) {
    const url = /listening (\S+)/.exec(line)?.[1];
    if (url) return { url: `${url}/v1`, child };
  }
  throw new Error(`${command} did not start.`);
}

interface Work {
  url: string;
  /** Calls in a round. */
  count: number;
  maxTokens: number;
}

const messagesOf = (round: string, item: number) => [
  { role: "system" as const, content: "You judge which of two answers is better." },
  { role: "user" as const, content: `Round ${round}, item ${item}: A or B?` },
];

/** As many at a time as there are places. */
async function sideBySide(count: number, make: (item: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: SLOTS }, worker));
}

const ways: Readonly<Record<string, (work: Work, round: string) => Promise<void>>> = {
  fetch: ({ url, count, maxTokens }, round) =>
    sideBySide(count, async (item) => {
      const answer = await fetch(`${url}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          ...{ model: "m", stream: true, temperature: 0, max_tokens: maxTokens },
          messages: messagesOf(round, item),
        }),
      });
      if (!answer.ok) throw new Error(`fetch: ${answer.status} ${await answer.text()}`);
      await answer.text();
    }),

  async openai({ url, count, maxTokens }, round) {
    const client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
    await sideBySide(count, async (item) => {
      const stream = await client.chat.completions.create({
        ...{ model: "m", stream: true, temperature: 0, max_tokens: maxTokens },
        messages: messagesOf(round, item),
      });
      for await (const _piece of stream) void _piece;
    });
  },

  async runner({ url, count, maxTokens }, round) {
    const [{ endpointId }] = await db
      .insert(endpoints)
      .values({
        ...{ projectId, name: `${url} ${round}`, kind: "openai-compatible", url, model: "m" },
        ...{ inputPrice: 1, outputPrice: 1, concurrency: SLOTS, capabilities: EVERYTHING },
      })
      .returning({ endpointId: endpoints.id });
    const opened = await endpointOf(db, { projectId, endpointId });
    const calls = Array.from(
      { length: count },
      (_, item): Call => ({
        ...{ version: round, item: String(item), order: "", sample: 0 },
        request: { messages: messagesOf(round, item), maxTokens, temperature: 0 },
      }),
    );
    const result = await runCalls({
      ...{ db, endpoint: opened.endpoint, model: opened.model(), pace: opened.pace, calls },
      ...{ runId: null, cap: null, signal: new AbortController().signal, onSettled: async () => {} },
    });
    if (result.answered !== count) throw new Error(`runner: ${JSON.stringify(result)}`);
  },
};

async function compare(title: string, work: Work): Promise<void> {
  console.log(`\n${title}: ${work.count} calls, ${SLOTS} places, ${ROUNDS} rounds`);
  const rates = new Map<string, number[]>();
  // The first turn of each opens connections and compiles code.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, way] of Object.entries(ways)) {
      const began = performance.now();
      await way(round === 0 ? { ...work, count: 2 * SLOTS } : work, `${name} ${round}`);
      const rate = (work.count / (performance.now() - began)) * 1000;
      if (round > 0) rates.set(name, [...(rates.get(name) ?? []), rate]);
    }
  const bare = median(rates.get("fetch") ?? []);
  for (const [name, all] of rates)
    console.log(
      `  ${name.padEnd(7)} ${median(all).toFixed(1)} replies/s, ${((100 * median(all)) / bare).toFixed(1)} % of fetch`,
      `(${all.map((rate) => rate.toFixed(1)).join(" ")})`,
    );
}

const here = import.meta.dirname;
const fixed = await listening(process.execPath, [
  ...["--import", "tsx", join(here, "fixed-time-server.ts")],
  ...[String(SLOTS), String(REPLY_MS)],
]);
await compare(`a server that takes ${REPLY_MS} ms a reply`, { url: fixed.url, count: 400, maxTokens: 16 });
fixed.child.kill();

const { CONCORD_TEST_LLAMA: python, CONCORD_TEST_GGUF: weights } = process.env;
if (python && weights) {
  const script = join(here, "..", "integration", "llama_server.py");
  const llama = await listening(python, [script, weights, String(SLOTS)]);
  await compare("llama.cpp's server", { url: llama.url, count: 48, maxTokens: 8 });
  llama.child.kill();
} else console.log("\nno CONCORD_TEST_LLAMA and CONCORD_TEST_GGUF: llama.cpp's server is not asked");

await close();
await embedded.stop();
rmSync(folder, { recursive: true, force: true });

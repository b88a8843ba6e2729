import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { eq, sql as raw } from "drizzle-orm";
import pino from "pino";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { person, project, run as runs } from "@/db/schema";
import type { RunRequirements } from "@/db/shape/run";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { runFiles } from "@/server/run/file";
import { claimRun, heartbeat } from "@/server/run/lease";
import { runLogAfter } from "@/server/run/log";
import { cancelRun, queueRun } from "@/server/run/queue";
import { listRuns, type Run } from "@/server/run/run";
import { type Handler, TransientError } from "@/workers/run/handler";
import { runWorker } from "@/workers/run/worker";
import { testDatabase } from "./database";
import { eventually } from "./eventually";

const database = await testDatabase();
const { db, sql } = database;
const folder = await mkdtemp(join(tmpdir(), "concord-worker-"));
const capabilities = { engines: ["onnx" as const], devices: ["cpu" as const], memoryBytes: 8e9, options: {} };
const [{ id: projectId }] = await db.insert(project).values({ name: "Runs" }).returning();

const queue = (spec: Record<string, unknown> = {}, requirements: RunRequirements = {}) =>
  queueRun(db, system, { projectId, kind: "export", title: "work", spec, requirements });
const read = async (id: string) => (await db.select().from(runs).where(eq(runs.id, id)))[0];
const ended = (id: string, status: Run["status"], timeout = 150_000) =>
  vi.waitFor(async () => expect(await read(id)).toMatchObject({ status }), { timeout, interval: 50 });

/** Works with one handler until the callback is done. */
async function working(handler: Handler, during: () => Promise<void>) {
  const shutdown = new AbortController();
  const worker = runWorker(
    {
      id: randomUUID(),
      name: "test",
      db,
      sql,
      store: folderStore(folder),
      folder,
      capabilities,
      handlers: { export: handler },
      lanes: [["export"]],
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
  await during().finally(() => shutdown.abort());
  await worker;
}

describe("runs", () => {
  it("are taken by one worker each, however many ask at once", async () => {
    const queued = await Promise.all(Array.from({ length: 20 }, () => queue()));
    const claimed = await Promise.all(
      Array.from({ length: 40 }, () =>
        claimRun(db, { workerId: randomUUID(), kinds: ["export"], capabilities }),
      ),
    );
    const ids = claimed.filter((run) => run !== null).map(({ id }) => id);
    expect(ids).toHaveLength(queued.length);
    expect(new Set(ids).size).toBe(queued.length);
    await db.delete(runs);
  });

  it("go only to workers that can do them", async () => {
    await queue({}, { engine: "torch" });
    await queue({}, { memoryBytes: 9e9 });
    const fitting = await queue({}, { engine: "onnx", device: "cpu", memoryBytes: 7e9 });
    const workerId = randomUUID();
    expect(await claimRun(db, { workerId, kinds: ["export"], capabilities })).toMatchObject({
      id: fitting.id,
    });
    expect(await claimRun(db, { workerId, kinds: ["export"], capabilities })).toBeNull();
    await db.delete(runs);
  });

  it("of any worker are looked for by one that has neither engine nor device", async () => {
    const { id } = await queue();
    await queue({}, { engine: "onnx" });
    const workerId = randomUUID();
    const nothing = { engines: [], devices: [], memoryBytes: 0, options: {} };
    expect(await claimRun(db, { workerId, kinds: ["export"], capabilities: nothing })).toMatchObject({ id });
    expect(await claimRun(db, { workerId, kinds: ["export"], capabilities: nothing })).toBeNull();
    await db.delete(runs);
  });

  it("started twice by a person with one idempotency key are one run", async () => {
    const [{ id: personId }] = await db
      .insert(person)
      .values({ name: "Ada", email: "ada@example.org" })
      .returning();
    const start = (idempotencyKey: string) =>
      queueRun(db, { personId }, { projectId, kind: "export", title: "once", spec: {}, idempotencyKey });
    const [first, again, other] = [await start("key"), await start("key"), await start("other key")];
    expect(again.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
    await db.delete(runs);
  });

  it("end with their result, log and files", async () => {
    const { id } = await queue({ word: "hello" });
    const handler: Handler = async ({ run, attach, log, progress }) => {
      progress({ done: 1, total: 2, unit: "words" });
      await log("info", "writing");
      const { size } = await attach("a.txt", "text/plain", Readable.from([String(run.spec.word)]));
      return { size };
    };
    await working(handler, () => ended(id, "succeeded"));
    expect(await read(id)).toMatchObject({ result: { size: 5 }, progress: { done: 1 } });
    expect(await runFiles(db, id)).toMatchObject([{ name: "a.txt", size: 5 }]);
    expect(await runLogAfter(db, { runId: id, afterId: 0, limit: 10 })).toMatchObject([
      { message: "writing" },
    ]);
  });

  it("are tried again after a transient failure, with a pause, and fail for good on any other", async () => {
    const { id } = await queue();
    const queuedAt = Date.now();
    let attempts = 0;
    const flaky: Handler = async () => {
      attempts++;
      if (attempts === 1) throw new TransientError("the network blinked");
      throw new Error("row 3 has no text");
    };
    await working(flaky, async () => {
      await ended(id, "queued");
      await eventually(async () => expect((await read(id)).error).toBe("the network blinked"));
      const { availableAt } = await read(id);
      expect(availableAt.getTime()).toBeGreaterThan(queuedAt + 4000);
      await db.update(runs).set({ availableAt: new Date() }).where(eq(runs.id, id));
      await ended(id, "failed");
    });
    expect(await read(id)).toMatchObject({ attempt: 2, error: "row 3 has no text" });
  });

  it("fail with a sentence when what they made cannot be stored, and the worker goes on", async () => {
    const [unstorable, refused, fine] = [await queue({ n: 1 }), await queue({ n: 2 }), await queue({ n: 3 })];
    const handler: Handler = async ({ run, db }) => {
      if (run.spec.n === 1) return { text: "a\0b" };
      if (run.spec.n === 2) await db.insert(project).values({ name: "a\0b" });
      return {};
    };
    await working(handler, async () => {
      await ended(unstorable.id, "failed");
      await ended(refused.id, "failed");
      await ended(fine.id, "succeeded");
    });
    expect((await read(unstorable.id)).error).toBe(
      "What the run made could not be stored: unsupported Unicode escape sequence",
    );
    expect((await read(refused.id)).error).toBe('invalid byte sequence for encoding "UTF8": 0x00');
    await db.delete(runs);
  });

  it("end when they are cancelled, and go back to the queue when the worker shuts down", async () => {
    const waits: Handler = ({ signal }) =>
      new Promise((_, reject) => {
        // Asked before the handler began, which a busy machine makes likely, no event comes any more.
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const first = await queue();
    const second = await queue();
    await working(waits, async () => {
      await ended(first.id, "running");
      await cancelRun(db, system, { runId: first.id, projectId, keepWork: false });
      await ended(first.id, "cancelled");
      await ended(second.id, "running");
    });
    expect(await read(second.id)).toMatchObject({ status: "queued", attempt: 0 });
    await db.delete(runs);
  });

  it("survive kill -9 of their worker: another goes on from the stored progress", async () => {
    const { id } = await queue({ total: 25 });
    const child = () => {
      const args = ["--import", "tsx", "tests/integration/worker-child.ts"];
      const worker = spawn(process.execPath, [...args, database.url, folder, randomUUID()], {
        stdio: "inherit",
      });
      onTestFinished(() => void worker.kill("SIGKILL"));
      return worker;
    };
    const first = child();
    await eventually(async () => expect((await read(id)).progress?.done).toBeGreaterThan(5));
    first.kill("SIGKILL");
    const { workerId } = await read(id);
    // What 30 seconds of silence do.
    await db.update(runs).set({ leasedUntil: raw`now() - interval '1 second'` }).where(eq(runs.id, id));
    child();
    await ended(id, "succeeded");
    const lines = await runLogAfter(db, { runId: id, afterId: 0, limit: 10 });
    expect(lines[0].message).toBe("from 0");
    expect(Number(lines[1].message.slice("from ".length))).toBeGreaterThan(5);
    expect(await heartbeat(db, { runId: id, workerId: workerId ?? "" })).toBeNull();
    expect((await listRuns(db, { projectId, limit: 10 })).items).toHaveLength(1);
  });
});

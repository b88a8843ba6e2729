import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, describe, expect, it, vi } from "vitest";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { listen } from "@/db/listen";
import { migrate } from "@/db/migrate";
import { project, run as runs } from "@/db/schema";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { follow } from "@/server/event/bus";
import { emit } from "@/server/event/events";
import { runLogAfter } from "@/server/run/log";
import { queueRun } from "@/server/run/queue";
import type { Handler } from "@/workers/run/handler";
import { runWorker } from "@/workers/run/worker";
import { eventually } from "./eventually";

/** Long enough that every client sees several refused connections. */
const AWAY_MS = 3_000;

const folder = await realpath(await mkdtemp(join(tmpdir(), "concord-outage-")));
await chmod(folder, 0o755);
const server = await startEmbedded(folder, { fsync: "off" });
await migrate(server.url);
const { db, sql, close } = connect(server.url, { max: 4 });
const [{ id: projectId }] = await db.insert(project).values({ name: "Outage" }).returning();

afterAll(async () => {
  await close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** PostgreSQL goes away and comes back. */
async function outage(during: () => Promise<void> = async () => {}): Promise<void> {
  await server.stop();
  await during();
  await pause(AWAY_MS);
  await server.start();
}

/** Whoever reads here may go on. */
const mayStill = async () => true;

describe("while PostgreSQL restarts", () => {
  it("a listener listens again, and is told once to look again", async () => {
    const heard: string[] = [];
    let looks = 0;
    const stop = listen(sql, "outage_test", {
      notified: (payload) => heard.push(payload),
      connected: () => looks++,
    });
    await expect.poll(() => looks).toBe(1);
    await outage();
    await expect.poll(() => looks, { timeout: 60_000 }).toBe(2);
    await db.execute("select pg_notify('outage_test', 'still here')");
    await expect.poll(() => heard).toEqual(["still here"]);
    await stop();
    await db.execute("select pg_notify('outage_test', 'too late')");
    await pause(200);
    expect(heard).toEqual(["still here"]);
    expect(looks).toBe(2);
  });

  it("an open stream goes on with what is emitted afterwards, at once", async () => {
    const over = new AbortController();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const { payload } of follow(db, sql, {
        topic: "t",
        afterId: 0,
        mayStill,
        signal: over.signal,
      }))
        seen.push(payload.n);
    })();
    await emit(db, "t", "said", { n: 1 });
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual([1]);
    await outage();
    await vi.waitFor(() => emit(db, "t", "said", { n: 2 }), { timeout: 60_000 });
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual([1, 2]);
    over.abort();
    await reading;
  });

  it("a stream whose reader may no longer read ends, and leaves nobody who listens", async () => {
    const { signal } = new AbortController();
    const none = follow(db, sql, { topic: "rights", afterId: 0, mayStill: async () => false, signal });
    expect(await none.next()).toEqual({ done: true, value: undefined });
    expect(globalThis.concordBus?.listenerCount("rights")).toBe(0);
  });

  it("an open stream whose read dies with its connection reads again", async () => {
    const over = new AbortController();
    const seen: unknown[] = [];
    let unlock = () => {};
    // Every read of events waits for this lock: one is under way when its connection ends.
    const locking = sql.begin(async (tx) => {
      await tx`lock table event in access exclusive mode`;
      await new Promise<void>((resolve) => {
        unlock = resolve;
      });
    });
    const waiting = () => sql<{ pid: number }[]>`
      select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%from "event"%'`;
    await eventually(async () =>
      expect(
        await sql`select from pg_locks where mode = 'AccessExclusiveLock'
      and granted and relation = 'event'::regclass`,
      ).toHaveLength(1),
    );
    const reading = (async () => {
      for await (const { payload } of follow(db, sql, {
        topic: "cut",
        afterId: 0,
        mayStill,
        signal: over.signal,
      }))
        seen.push(payload.n);
    })();
    await eventually(async () => expect(await waiting()).toHaveLength(1));
    for (const { pid } of await waiting()) await sql`select pg_terminate_backend(${pid})`;
    unlock();
    await locking;
    await emit(db, "cut", "said", { n: 1 });
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual([1]);
    over.abort();
    await reading;
  });

  it("a worker keeps its run, and what the run says and makes meanwhile is stored", async () => {
    let began = () => {};
    const working = new Promise<void>((resolve) => {
      began = resolve;
    });
    let attempts = 0;
    const handler: Handler = async ({ log, metrics, progress }) => {
      attempts++;
      await log("info", "before");
      began();
      await expect.poll(() => server.isRunning()).toBe(false);
      progress({ done: 1, total: 2, unit: "steps" });
      await log("info", "during");
      await metrics([{ name: "loss", step: 1, value: 0.5 }]);
      return { steps: 2 };
    };
    const { id } = await queueRun(db, system, { projectId, kind: "export", title: "work", spec: {} });
    const shutdown = new AbortController();
    const worker = runWorker(
      {
        id: randomUUID(),
        name: "test",
        db,
        sql,
        store: folderStore(folder),
        folder,
        capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 8e9, options: {} },
        handlers: { export: handler },
        lanes: [["export"]],
        log: pino({ level: "silent" }),
      },
      shutdown.signal,
    );
    await working;
    await outage();
    const read = async () => (await db.select().from(runs))[0];
    await vi.waitFor(async () => expect(await read()).toMatchObject({ status: "succeeded" }), {
      timeout: 60_000,
    });
    expect(await read()).toMatchObject({ id, attempt: 1, result: { steps: 2 }, progress: { done: 1 } });
    expect(attempts).toBe(1);
    expect(await runLogAfter(db, { runId: id, afterId: 0, limit: 10 })).toMatchObject([
      { message: "before" },
      { message: "during" },
    ]);
    shutdown.abort();
    await worker;
  });
});

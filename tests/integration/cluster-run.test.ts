import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { artifact, clusterJob, clusterUpload, person, project, run as runs } from "@/db/schema";
import { siteStore } from "@/server/artifact/store";
import { setCluster, submissionIdOf } from "@/server/cluster/cluster";
import { eventLines, nameFiles, reserveJob, startJob, tellEvents, tellFiles } from "@/server/cluster/jobs";
import { logRun, runLogAfter } from "@/server/run/log";
import { recordMetrics } from "@/server/run/metric";
import { createMachineToken, revokeMachineToken } from "@/server/token/machine";
import { readRunToken, signRunToken } from "@/server/token/run";
import { curvesOf } from "@/server/training/curves";
import { RayServer } from "@/tests/ray-server";
import { trainOnCluster } from "@/workers/ray/train";
import type { Work } from "@/workers/run/handler";
import { Follower } from "@/workers/training/follower";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { machineSite } from "./machine-site";

const { data } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const data = await mkdtemp("/tmp/concord-cluster-");
  process.env.CONCORD_DATA = data;
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  return { data };
});
const database = await testDatabase();
const { db } = database;
process.env.DATABASE_URL = database.url;
const actor = { personId: "" };
const FAR = new Date(Date.now() + 3_600_000);

let projectId: string;
let ray: RayServer;
let site: Awaited<ReturnType<typeof machineSite>>;

beforeAll(async () => {
  [{ id: actor.personId }] = await db
    .insert(person)
    .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
    .returning();
  [{ id: projectId }] = await db.insert(project).values({ name: "Far" }).returning();
  site = await machineSite();
});
beforeEach(async () => {
  ray = await RayServer.start();
  await setCluster(db, actor, { address: ray.address, token: null, siteAddress: site.address });
});
afterEach(() => ray.close());
afterAll(async () => {
  site.close();
  await rm(data, { recursive: true, force: true });
});

/** A run that a worker holds, and what stands for the person and the worker around it. */
async function held() {
  const [run] = await db
    .insert(runs)
    .values({ projectId, kind: "preference", title: "far", spec: {}, status: "running" })
    .returning();
  const stop = new AbortController();
  const end = new AbortController();
  const work: Work = {
    ...database,
    run,
    store: siteStore({ address: site.address, token: "none" }),
    folder: join(data, run.id),
    signal: end.signal,
    stop: stop.signal,
    progress: () => {},
    log: (level, message) => logRun(db, { runId: run.id, level, message }),
    metrics: (points) => recordMetrics(db, run.id, points),
    attach: () => Promise.reject(new Error("not here")),
  };
  const train = (waiting = {}, on: Work = work) =>
    trainOnCluster(on, {
      runYaml: "method: preference\n",
      scaling: { workers: 2, useGpu: false, perWorker: { CPU: 1 } },
      follow: () => new Follower(on, { model: "", adapter: null }, []),
      waiting: { pollMs: 10, ...waiting },
    });
  const job = async () => (await db.select().from(clusterJob).where(eq(clusterJob.runId, run.id)))[0];
  const log = async () =>
    (await runLogAfter(db, { runId: run.id, afterId: 0, limit: 100 }))
      .map(({ message }) => message)
      .join("\n");
  const as = (generation: number) => ({ runId: run.id, generation, expiresAt: FAR });
  return {
    run,
    work,
    stop,
    end,
    train,
    job,
    log,
    as,
    nameOf: (generation: number) => submissionIdOf(as(generation)),
  };
}

const metrics = (step: number, loss = 1) => JSON.stringify({ type: "metrics", step, epoch: 0, loss });
const done = (step: number) =>
  JSON.stringify({ type: "done", step, seconds: 1, tokens: 1, peak_memory_bytes: 1 });

const lossOf = async (runId: string) =>
  (await curvesOf(db, { runId, maxPoints: 100 })).find(({ name }) => name === "loss")?.points;

/** Bytes that the job of a run has brought. */
async function stored(runId: string, content: string): Promise<string> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  await db
    .insert(artifact)
    .values({ sha256, size: content.length, mediaType: "text/plain" })
    .onConflictDoNothing();
  await db.insert(clusterUpload).values({ runId, sha256 });
  return sha256;
}

describe("a run on a cluster", () => {
  test("is over when the job has said its last word, whatever the status is by then", async () => {
    const { train, nameOf, as, run } = await held();
    const trained = train();
    await eventually(() => expect(ray.jobs.has(nameOf(1))).toBe(true));
    const { runtime_env } = ray.jobs.get(nameOf(1)) ?? {};
    expect(runtime_env?.env_vars).toMatchObject({
      CONCORD_SITE: site.address,
      RAY_JOB_STOP_WAIT_TIME_S: "600",
    });
    expect(readRunToken(runtime_env?.env_vars.CONCORD_RUN_TOKEN ?? "")).toMatchObject({
      runId: run.id,
      generation: 1,
    });
    await tellEvents(db, as(1), { from: 0, lines: [metrics(1), metrics(2), done(2)] });
    expect((await trained).follower.last).toMatchObject({ steps: 2 });
    expect(await lossOf(run.id)).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("finds a job again that was submitted just before the worker died", async () => {
    const { work, train, nameOf, as, job } = await held();
    const first = train();
    await eventually(() => expect(ray.jobs.has(nameOf(1))).toBe(true));
    // As if the worker had died between submission and note. It goes on here, so the next one is another machine's.
    await db
      .update(clusterJob)
      .set({ submittedAt: null })
      .where(eq(clusterJob.runId, as(1).runId));
    const second = train({}, { ...work, folder: `${work.folder}-elsewhere` });
    await tellEvents(db, as(1), { from: 0, lines: [done(1)] });
    await Promise.all([first, second]);
    expect([...ray.jobs.keys()]).toEqual([nameOf(1)]);
    expect((await job()).generation).toBe(1);
  });

  test("says that it waits too long for machines, and takes its job back", async () => {
    const { train, nameOf } = await held();
    await expect(train({ pendingMs: 50 })).rejects.toThrow(
      /gave no machines for 2 × 1 CPU within .+ Free now: 3 CPU\. Try again later, lower num_workers/,
    );
    expect(ray.jobs.get(nameOf(1))?.status).toBe("STOPPED");
  });

  test("refuses what no machine can hold before anything is submitted", async () => {
    ray.nodes = [{ CPU: 1 }];
    const { train } = await held();
    await expect(train()).rejects.toThrow(
      /2 workers with 1 CPU each.+has room for 1 \(10\.0\.0\.0 with 1 CPU\)/,
    );
    expect(ray.jobs.size).toBe(0);
  });

  test("is submitted again when the cluster has forgotten it; the old job is then refused", async () => {
    const { train, nameOf, as, log } = await held();
    const trained = train();
    await eventually(() => expect(ray.jobs.has(nameOf(1))).toBe(true));
    await startJob(db, as(1));
    await tellEvents(db, as(1), { from: 0, lines: [metrics(1), metrics(2), metrics(3, 9)] });
    const sha256 = await stored(as(1).runId, "weights");
    await tellFiles(db, as(1), {
      add: [{ path: "output/checkpoints/step-2/adapter.safetensors", sha256 }],
      remove: [],
    });
    ray.jobs.clear();
    await eventually(() => expect(ray.jobs.has(nameOf(2))).toBe(true));
    expect(await log()).toContain("It is submitted again and goes on from step 2.");
    await expect(tellEvents(db, as(1), { from: 3, lines: [metrics(4)] })).rejects.toThrow(
      /another submission/i,
    );
    expect((await startJob(db, as(2))).files).toMatchObject([{ sha256 }]);
    await tellEvents(db, as(2), { from: 2, lines: [metrics(3), done(3)] });
    await trained;
    expect(await lossOf(as(1).runId)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  test("ends with the job's own sentence, and after a job that vanishes again and again", async () => {
    const failing = await held();
    const failed = failing.train();
    await eventually(() => expect(ray.jobs.has(failing.nameOf(1))).toBe(true));
    const message = "A step of 8 rows does not fit: set per_device_train_batch_size to 4.";
    await tellEvents(db, failing.as(1), {
      from: 0,
      lines: [JSON.stringify({ type: "log", level: "error", message })],
    });
    Object.assign(ray.jobs.get(failing.nameOf(1)) ?? {}, { status: "FAILED" });
    await expect(failed).rejects.toThrow(message);
    // Tried again, it does not read the old end.
    expect((await failing.job()).generation).toBe(2);

    ray.firstStatus = "FAILED";
    const vanishing = await held();
    await expect(vanishing.train()).rejects.toThrow(/lost 4 times without a new checkpoint/);
    expect(await vanishing.log()).toContain("The end of the job's console:\nthe console");
  });

  test("stopped, its last checkpoint becomes the model by one more submission where the job had no time", async () => {
    const { train, stop, nameOf, as } = await held();
    ray.firstStatus = "RUNNING";
    const trained = train();
    await eventually(() => expect(ray.jobs.has(nameOf(1))).toBe(true));
    const add = [{ path: "output/checkpoints/step-2/a.safetensors", sha256: await stored(as(1).runId, "a") }];
    await tellFiles(db, as(1), { add, remove: [] });
    stop.abort();
    await eventually(() => expect(ray.jobs.has(nameOf(2))).toBe(true));
    expect((await startJob(db, as(2))).finishing).toBe(true);
    await tellEvents(db, as(2), { from: 0, lines: [done(2)] });
    await trained;
    expect(ray.requests).toContain(`POST /api/jobs/${nameOf(1)}/stop`);
  });

  test("takes its job along when it is cancelled, and leaves it when only the worker ends", async () => {
    ray.firstStatus = "RUNNING";
    const left = await held();
    const leaving = left.train();
    await eventually(() => expect(ray.jobs.has(left.nameOf(1))).toBe(true));
    left.end.abort();
    await expect(leaving).rejects.toThrow();
    expect(ray.jobs.get(left.nameOf(1))?.status).toBe("RUNNING");

    const cancelled = await held();
    const cancelling = cancelled.train();
    await eventually(() => expect(ray.jobs.has(cancelled.nameOf(1))).toBe(true));
    await db.update(runs).set({ cancelRequested: true }).where(eq(runs.id, cancelled.run.id));
    cancelled.end.abort();
    await expect(cancelling).rejects.toThrow();
    expect(ray.jobs.get(cancelled.nameOf(1))?.status).toBe("STOPPED");
  });

  test("waits while the cluster is away, and gives the attempt back when it stays away", async () => {
    const { train, nameOf, log } = await held();
    const trained = train({ awayMs: 50 });
    await eventually(() => expect(ray.jobs.has(nameOf(1))).toBe(true));
    ray.close();
    await expect(trained).rejects.toMatchObject({ name: "TransientError", message: /does not answer/ });
    expect(await log()).toContain("does not answer");
  });
});

describe("what a job tells", () => {
  test("counts once, keeps its order, and never leaves a hole", async () => {
    const { train, end, as } = await held();
    const trained = train().catch(() => {});
    await eventually(async () =>
      expect(await tellEvents(db, as(1), { from: 0, lines: ["a", "b"] })).toEqual({ stop: false }),
    );
    await tellEvents(db, as(1), { from: 1, lines: ["b", "c"] });
    await tellEvents(db, as(1), { from: 0, lines: ["a"] });
    expect(await eventLines(db, as(1).runId)).toEqual(["a", "b", "c"]);
    await expect(tellEvents(db, as(1), { from: 4, lines: ["e"] })).rejects.toThrow(
      /Lines 3 to 3 are missing/,
    );
    end.abort();
    await trained;
  });
});

describe("machines at the artifact store", () => {
  const ask = (sha256: string, token: string, init: RequestInit = {}) =>
    fetch(`${site.address}/api/artifacts/${sha256}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
    });

  test("a worker elsewhere stores and reads with its token, until it is revoked", async () => {
    const { token, id } = await createMachineToken(db, actor, { name: "GPU box" });
    const store = siteStore({ address: site.address, token });
    const { sha256, size } = await store.put(Readable.from(["some ", "weights"]));
    expect([await store.has(sha256), await store.has("0".repeat(64)), size]).toEqual([true, false, 12]);
    expect(await text(await store.open(sha256))).toBe("some weights");
    expect(await text(await store.open(sha256, { start: 5, end: 7 }))).toBe("wei");
    const wrong = await ask("1".repeat(64), token, { method: "PUT", body: "other" });
    expect([wrong.status, (await wrong.json()).detail]).toEqual([400, expect.stringContaining("sha256 is")]);
    await revokeMachineToken(db, actor, { tokenId: id });
    await expect(store.has(sha256)).rejects.toThrow(/does not accept this machine's token/);
  });

  test("a job reads the files of its own run, for as long as its token holds", async () => {
    const { token } = await createMachineToken(db, actor, { name: "Box" });
    const store = siteStore({ address: site.address, token });
    const { sha256 } = await store.put(Readable.from(["rows"]));
    const mine = await held();
    const other = await held();
    await reserveJob(db, mine.run.id);
    await reserveJob(db, other.run.id);
    await nameFiles(db, mine.run.id, [{ path: "train.jsonl", sha256 }]);
    expect(await (await ask(sha256, signRunToken(mine.as(1)))).text()).toBe("rows");
    expect((await ask(sha256, signRunToken(other.as(1)))).status).toBe(404);
    expect((await ask(sha256, signRunToken(mine.as(1), Date.now() - 49 * 3_600_000))).status).toBe(401);
    const [claim, signature] = signRunToken(other.as(1)).split(".");
    expect((await ask(sha256, `${signRunToken(mine.as(1)).split(".")[0]}.${signature}`)).status).toBe(401);
    expect((await ask(sha256, claim)).status).toBe(401);
  });
});

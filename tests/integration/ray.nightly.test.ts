import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { eq, sql as raw } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  clusterFile,
  clusterJob,
  dataset,
  datasetRow,
  datasetVersion,
  model as models,
  person,
  project,
  run as runs,
} from "@/db/schema";
import { datasetManifestSchema, recipeSchema } from "@/db/shape/dataset";
import { clusterState, openCluster, setCluster, submissionIdOf } from "@/server/cluster/cluster";
import { runFiles } from "@/server/run/file";
import { runLogAfter } from "@/server/run/log";
import { cancelRun } from "@/server/run/queue";
import type { Run } from "@/server/run/run";
import { curvesOf } from "@/server/training/curves";
import { launchTraining } from "@/server/training/training";
import { NO_RAY } from "@/tests/python";
import { testDatabase } from "./database";
import { machineSite } from "./machine-site";
import { rayPython, TestCluster } from "./ray-cluster";

const TOKEN = "a token of the cluster that only this test knows";
// Before anything is imported: modules read the settings once.
const { data } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const data = await mkdtemp("/tmp/concord-ray-");
  process.env.CONCORD_DATA = data;
  process.env.CONCORD_MODELS = `${process.cwd()}/tests/parity/golden`;
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  return { data };
});

const python = rayPython();
if (!python) console.warn(`Skipped, the tests of runs on a Ray cluster: ${NO_RAY}`);

const database = await testDatabase();
const { db } = database;
process.env.DATABASE_URL = database.url;
const golden = resolve("tests/parity/golden");
const MINUTES = 60_000;

describe.skipIf(!python)("training on a real two-node Ray cluster", { timeout: 6 * MINUTES }, () => {
  let cluster: TestCluster;
  let site: Awaited<ReturnType<typeof machineSite>>;
  let worker: ChildProcess | undefined;
  let projectId: string;
  let versionId: string;
  let modelId: string;
  const actor = { personId: "" };

  beforeAll(async () => {
    [{ id: actor.personId }] = await db
      .insert(person)
      .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
      .returning();
    [{ id: projectId }] = await db.insert(project).values({ name: "Far" }).returning();
    versionId = await frozenPairs(projectId);
    [{ id: modelId }] = await db
      .insert(models)
      .values({
        projectId,
        name: "tiny",
        method: "base",
        format: "full",
        source: { kind: "folder", path: join(golden, "models/llama") },
      })
      .returning();
    [cluster, site] = await Promise.all([TestCluster.start(python ?? "", TOKEN), machineSite()]);
  }, 5 * MINUTES);

  afterEach(() => kill(worker));
  afterAll(async () => {
    site?.close();
    await cluster?.stop();
    await rm(data, { recursive: true, force: true });
  });

  it("says what is wrong with address and token, and shows the cluster when they are right", async () => {
    const settings = { address: cluster.address, siteAddress: site.address };
    await setCluster(db, actor, { ...settings, token: null });
    expect(await clusterState(db)).toMatchObject({
      answers: false,
      problem: expect.stringContaining("asks for a token"),
    });
    await setCluster(db, actor, { ...settings, token: "another token, which is wrong" });
    expect(await clusterState(db)).toMatchObject({
      answers: false,
      problem: expect.stringContaining("does not accept the cluster's token"),
    });
    await setCluster(db, actor, { ...settings, token: TOKEN });
    await vi.waitFor(async () => {
      const state = await clusterState(db);
      expect(state).toMatchObject({ answers: true, jobs: [], usage: { CPU: { total: 4 } } });
      expect(state?.answers && state.nodes.map(({ total }) => total.CPU)).toEqual([2, 2]);
    }, MINUTES);
  });

  it("refuses at once what the cluster can never hold", async () => {
    worker = startWorker();
    const { id } = await launch("greedy", { resources_per_worker: { CPU: 2, GPU: 1 } });
    expect((await ended(id)).error).toMatch(/asks for 2 workers with 2 CPU and 1 GPU each.+room for 0/);
  });

  it("outlives kill -9 of the worker and the death of the whole cluster, without hole or double point", async () => {
    const steps = 400;
    worker = startWorker();
    const { id } = await launch("survivor", { max_steps: steps, save_steps: 20 });
    await checkpointBeyond(id, 0);
    kill(worker);
    // Nobody waits for the lease of the dead to run out.
    await db.update(runs).set({ leasedUntil: raw`now()` }).where(eq(runs.id, id));
    worker = startWorker();
    await vi.waitFor(
      async () =>
        expect(await logOf(id)).toContain(
          `Looks for its job ${submissionIdOf({ runId: id, generation: 1 })} on the cluster.`,
        ),
      MINUTES,
    );
    const before = await checkpointBeyond(id, 20);
    expect((await jobOf(id)).generation).toBe(1);

    await cluster.restart();
    const done = await ended(id);
    expect(done.error).toBeNull();
    expect((await jobOf(id)).generation).toBe(2);
    const resumed = (await logOf(id)).find((line) =>
      line.includes("It is submitted again and goes on from step"),
    );
    expect(Number(/from step (\d+)/.exec(resumed ?? "")?.[1])).toBeGreaterThanOrEqual(before);

    const curves = new Map(
      (await curvesOf(db, { runId: id, maxPoints: 2 * steps })).map(({ name, points }) => [name, points]),
    );
    expect(curves.get("loss")?.map(([step]) => step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    expect(curves.get("eval_loss")?.at(-1)?.[0]).toBe(steps);
    const names = (await runFiles(db, id)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "model/adapter_config.json",
        "model/adapter_model.safetensors",
        "run.yaml",
        "events.jsonl",
      ]),
    );
    const [made] = await db.select().from(models).where(eq(models.runId, id));
    expect(made).toMatchObject({ id: done.result?.modelId, format: "adapter", baseId: modelId });
    expect(made.metrics).toHaveProperty("eval_loss");
  });

  it("stops with its work kept", async () => {
    worker = startWorker();
    const { id } = await launch("stopped", { max_steps: 100_000, save_steps: 100_000, logging_steps: 5 });
    await vi.waitFor(async () => expect((await read(id)).progress?.done).toBeGreaterThan(10), 3 * MINUTES);
    await cancelRun(db, actor, { runId: id, projectId, keepWork: true });
    const kept = await ended(id);
    expect(kept.error).toBeNull();
    expect(Number(kept.result?.steps)).toBeLessThan(100_000);
    expect((await runFiles(db, id)).map(({ name }) => name)).toContain("model/adapter_model.safetensors");
    // The job itself made the model within its grace.
    expect((await jobOf(id)).generation).toBe(1);
    const opened = await openCluster(db);
    // It hears of the stop with the answer to its events and by Ray's signal, and may be through before the signal.
    await vi.waitFor(
      async () =>
        expect((await opened?.ray.job(submissionIdOf({ runId: id, generation: 1 })))?.status).toMatch(
          /^(STOPPED|SUCCEEDED)$/,
        ),
      MINUTES,
    );
  });

  const launch = (name: string, options: Record<string, unknown>) =>
    launchTraining(db, actor, {
      projectId,
      method: "preference",
      versionId,
      modelId,
      name,
      options: {
        engine: "torch",
        cluster: "ray",
        num_workers: 2,
        peft: { method: "lora", r: 2 },
        per_device_train_batch_size: 2,
        learning_rate: 1e-4,
        logging_steps: 1,
        max_length: 64,
        ...options,
      },
      samplePrompts: [],
    });
  const read = async (id: string) => (await db.select().from(runs).where(eq(runs.id, id)))[0];
  const jobOf = async (id: string) => (await db.select().from(clusterJob).where(eq(clusterJob.runId, id)))[0];
  const logOf = async (id: string) =>
    (await runLogAfter(db, { runId: id, afterId: 0, limit: 1000 })).map(({ message }) => message);

  async function ended(id: string): Promise<Run> {
    for (;;) {
      const found = await read(id);
      if (found.status === "succeeded" || found.status === "failed") return found;
      await new Promise((wait) => setTimeout(wait, 200));
    }
  }

  /** The newest checkpoint that the site has, as soon as there is one beyond `step`. */
  const checkpointBeyond = (id: string, step: number) =>
    vi.waitFor(
      async () => {
        const { status, error } = await read(id);
        if (status === "failed") throw new Error(error ?? "failed");
        const files = await db.select().from(clusterFile).where(eq(clusterFile.runId, id));
        const steps = files.map(({ path }) => Number(/checkpoints\/step-(\d+)\//.exec(path)?.[1] ?? 0));
        expect(Math.max(0, ...steps)).toBeGreaterThan(step);
        return Math.max(...steps);
      },
      { timeout: 3 * MINUTES, interval: 100 },
    );
});

function startWorker(): ChildProcess {
  const args = [join(import.meta.dirname, "training-worker.ts"), randomUUID(), join(data, randomUUID())];
  return spawn(process.execPath, ["--import", "tsx", ...args], { stdio: "inherit" });
}

function kill(worker: ChildProcess | undefined): void {
  worker?.kill("SIGKILL");
}

/** The pairs of a golden trajectory as a frozen version. */
async function frozenPairs(projectId: string): Promise<string> {
  const text = await readFile(join(golden, "trajectories/dpo-sigmoid-llama/train.jsonl"), "utf8");
  const rows = text.trim().split("\n");
  const [{ id: datasetId }] = await db
    .insert(dataset)
    .values({ projectId, name: "pairs", kind: "preference" })
    .returning();
  const none = { of: 0, count: 0 };
  const [{ id }] = await db
    .insert(datasetVersion)
    .values({
      projectId,
      datasetId,
      version: 1,
      recipe: recipeSchema.parse({}),
      sha256: "",
      rows: rows.length,
      manifest: datasetManifestSchema.parse({
        kind: "preference",
        rows: { train: rows.length - 6, validation: 6, test: 0 },
        annotations: 0,
        raters: 0,
        prompts: rows.length,
        languages: {},
        domains: {},
        dropped: {},
        positive: none,
        chosenLonger: none,
        firstShownWins: none,
        agreement: none,
        lengths: { chosen: [], rejected: [] },
        wins: {},
      }),
    })
    .returning();
  await db.insert(datasetRow).values(
    rows.map((line, index) => ({
      versionId: id,
      index,
      split: index < 6 ? ("validation" as const) : ("train" as const),
      row: JSON.parse(line),
      promptId: randomUUID(),
      annotationIds: [],
    })),
  );
  return id;
}

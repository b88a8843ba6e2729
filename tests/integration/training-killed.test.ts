import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql as raw } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { metric, model as models, person, project, run as runs } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { createDataset } from "@/server/dataset/dataset";
import { makeModel } from "@/server/model/model";
import { newModelSchema } from "@/server/model/schema";
import { queueRun } from "@/server/run/queue";
import { launchTraining } from "@/server/training/training";
import { eventually } from "./eventually";
import { judgedPairs } from "./judged-pairs";

/** Long enough to be killed in the midst of it. */
const STEPS = 300;
const SAVE_STEPS = 25;

// A cluster of its own, with fsync: this file kills it.
const folder = await realpath(await mkdtemp(join(tmpdir(), "concord-killed-")));
await chmod(folder, 0o755);
const server = await startEmbedded(folder);
await migrate(server.url);
const { db, close } = connect(server.url, { max: 3 });

const workers: ChildProcess[] = [];
let projectId: string;
let personId: string;
let versionId: string;
let modelId: string;

/** A worker as `npm start` runs it. */
function startWorker(): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "workers/main.ts"], {
    env: {
      ...process.env,
      DATABASE_URL: server.url,
      CONCORD_DATA: folder,
      AUTH_SECRET: "a secret that only this test file knows",
      LOG_LEVEL: "silent",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  workers.push(child);
  return child;
}
const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
/** The worker that a test before left, or a new one. */
const worker = (): ChildProcess => workers.find(isRunning) ?? startWorker();

const read = async (id: string) => (await db.select().from(runs).where(eq(runs.id, id)))[0];
const succeeded = (id: string, timeout: number) =>
  vi.waitFor(
    async () => {
      const run = await read(id);
      expect(run).toMatchObject({ status: "succeeded", error: null });
      return run;
    },
    { timeout, interval: 200 },
  );
/** A killed process that nobody has waited for yet keeps its number and has no command line any more. */
const alive = (pid: number) =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").length > 0;
const engineOf = async (id: string) =>
  Number(await readFile(join(folder, "runs", id, "engine.pid"), "utf8").catch(() => 0));

/** A run that has passed some checkpoints and is far from its end. */
async function midway(name: string): Promise<string> {
  const { id } = await launchTraining(
    db,
    { personId },
    {
      projectId,
      method: "preference",
      versionId,
      modelId,
      name,
      options: {
        max_steps: STEPS,
        save_steps: SAVE_STEPS,
        logging_steps: 1,
        per_device_train_batch_size: 4,
        max_length: 128,
        peft: { method: "lora", r: 4 },
      },
      samplePrompts: [],
    },
  );
  await vi.waitFor(
    async () => expect(await db.$count(metric, eq(metric.runId, id))).toBeGreaterThan(10 * 2 * SAVE_STEPS),
    { timeout: 120_000, interval: 50 },
  );
  expect((await read(id)).status).toBe("running");
  return id;
}

/** Every step once, from the first to the last, and one model. */
async function expectWhole(id: string): Promise<void> {
  for (const name of ["loss", "rewards/margins", "learning_rate"]) {
    const points = await db.query.metric.findMany({
      columns: { step: true },
      where: (t, { and, eq }) => and(eq(t.runId, id), eq(t.name, name)),
      orderBy: (t, { asc }) => asc(t.step),
    });
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  }
  const events = (await readFile(join(folder, "runs", id, "output/events.jsonl"), "utf8")).trim().split("\n");
  const steps = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "metrics");
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  expect(await db.$count(models, eq(models.runId, id))).toBe(1);
}

beforeAll(async () => {
  [{ id: personId }] = await db
    .insert(person)
    .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
    .returning();
  [{ id: projectId }] = await db.insert(project).values({ name: "Killed" }).returning();
  await judgedPairs(db, { projectId, personId, count: 60, seed: 5 });
  worker();
  const made = await makeModel(
    db,
    { personId },
    {
      projectId,
      ...newModelSchema.parse({
        name: "tiny",
        hidden_size: 32,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 64,
        vocab_size: 400,
      }),
    },
  );
  const { id: datasetId } = await createDataset(
    db,
    { personId },
    { projectId, name: "p", kind: "preference" },
  );
  const recipe = recipeSchema.parse({ split: { seed: 1, train: 1, validation: 0, test: 0 } });
  const spec = { datasetId, recipe };
  const frozen = await queueRun(db, { personId }, { projectId, kind: "freeze", title: "freeze", spec });
  modelId = String((await succeeded(made.id, 120_000)).result?.modelId);
  versionId = String((await succeeded(frozen.id, 120_000)).result?.versionId);
}, 300_000);

afterAll(async () => {
  for (const running of workers.filter(isRunning)) {
    running.kill("SIGTERM");
    await once(running, "exit");
  }
  await close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a training run goes on by itself", { timeout: 400_000 }, () => {
  it("after kill -9 of its worker: another one ends the engine left behind and resumes its checkpoint", async () => {
    const first = worker();
    const id = await midway("killed worker");
    const orphan = await engineOf(id);
    first.kill("SIGKILL");
    await once(first, "exit");
    expect(alive(orphan)).toBe(true);
    // However slow the machine is to bring another worker, the orphan is not through by then.
    process.kill(orphan, "SIGSTOP");
    // What 30 seconds of silence do.
    await db.update(runs).set({ leasedUntil: raw`now() - interval '1 second'` }).where(eq(runs.id, id));
    startWorker();
    await vi.waitFor(async () => expect(await read(id)).toMatchObject({ attempt: 2, status: "running" }), {
      timeout: 120_000,
    });
    await vi.waitFor(async () => expect([0, orphan]).not.toContain(await engineOf(id)), { timeout: 60_000 });
    await eventually(() => expect(alive(orphan)).toBe(false));
    await succeeded(id, 240_000);
    await expectWhole(id);
  });

  it("after kill -9 of PostgreSQL", async () => {
    worker();
    const id = await midway("killed database");
    const pidFile = join(folder, "postgres/cluster/postmaster.pid");
    process.kill(Number.parseInt(readFileSync(pidFile, "utf8"), 10), "SIGKILL");
    await eventually(() => expect(server.isRunning()).toBe(false));
    // As the supervisor does, which has no patience to lose either: the killed server's children may still end.
    await vi.waitFor(() => server.start(), { timeout: 60_000, interval: 1000 });
    await succeeded(id, 240_000);
    await expectWhole(id);
  });
});

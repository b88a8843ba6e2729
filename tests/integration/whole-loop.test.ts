import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, expect, it, vi } from "vitest";
import { standing } from "@/app/projects/[projectId]/loop/standing";
import { datasetVersion, run } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { kindsOf, runQueues } from "@/db/shape/run-kinds";
import { folderStore } from "@/server/artifact/store";
import { type Loop, secondsLeft } from "@/server/demo/schema";
import { handlers } from "@/workers/run/handlers";
import { runWorker } from "@/workers/run/worker";
import { engineOptions } from "@/workers/training/engines";
import { testDatabase } from "./database";
import { newKey, someone } from "./study";

const { data } = await vi.hoisted(async () => {
  const [{ mkdtemp }, { tmpdir }, { join }] = await Promise.all([
    import("node:fs/promises"),
    import("node:os"),
    import("node:path"),
  ]);
  const data = await mkdtemp(join(tmpdir(), "concord-loop-"));
  process.env.CONCORD_DATA = data;
  return { data };
});
const store = folderStore(join(data, "artifacts"));
const database = await testDatabase();
const { db } = database;
const folder = mkdtempSync(join(tmpdir(), "concord-loop-runs-"));

let shutdown = new AbortController();
let working: Promise<unknown> = Promise.resolve();
/** A worker as `npm start` runs one. */
function startWorker() {
  shutdown = new AbortController();
  working = runWorker(
    {
      id: randomUUID(),
      name: "here",
      db,
      sql: database.sql,
      store,
      folder,
      capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 32e9, options: engineOptions() },
      handlers,
      lanes: runQueues.map(kindsOf),
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
}
async function stopWorker() {
  shutdown.abort();
  await working;
}
afterAll(async () => {
  await stopWorker();
  for (const left of [data, folder]) await rm(left, { recursive: true, force: true });
});

it("goes the whole loop from one click, over a restart of the worker, to a sentence about the blind pairs", {
  timeout: 900_000,
}, async () => {
  const admin = await someone(database, { isAdmin: true });
  const { projectId } = await admin.caller.loop.start({ base: { kind: "new" } });
  const loop = async (): Promise<Loop> => {
    const found = await admin.caller.loop.get({ projectId });
    if (!found) throw new Error("the project has a loop");
    return found;
  };
  expect((await loop()).steps.map(({ step, run }) => [step, run.status])).toEqual(
    ["freeze", "new_model", "sft", "reward", "preference", "evaluate"].map((step) => [step, "queued"]),
  );
  expect(secondsLeft(await loop(), Date.now())).toBeGreaterThan(60);

  // The same chain of a model that is made in seconds.
  const small = { hidden_size: 32, num_hidden_layers: 1, intermediate_size: 64, pretrain_steps: 6 };
  await db
    .update(run)
    .set({ spec: sql`${run.spec} || ${JSON.stringify(small)}::jsonb` })
    .where(eq(run.kind, "new_model"));
  await db.execute(sql`update run set spec = jsonb_set(jsonb_set(spec, '{options,max_steps}', '4'), '{options,eval_steps}', '2')
    where kind in ('sft', 'reward', 'preference')`);
  // The reward model is to tell better from worse.
  await db.execute(
    sql`update run set spec = jsonb_set(spec, '{options,max_steps}', '60') where kind = 'reward'`,
  );

  startWorker();
  const statusOf = async (wanted: string) =>
    (await loop()).steps.find(({ step }) => step === wanted)?.run.status ?? "";
  await expect.poll(() => statusOf("sft"), { interval: 200, timeout: 400_000 }).toMatch(/running|succeeded/);
  await stopWorker();
  expect(["queued", "succeeded"]).toContain(await statusOf("sft"));
  startWorker();
  await expect
    .poll(
      async () =>
        (await loop()).steps.find(({ run }) => run.error)?.run.error ?? (await statusOf("evaluate")),
      {
        interval: 500,
        timeout: 600_000,
      },
    )
    .toBe("succeeded");

  const { models, steps } = await loop();
  expect(secondsLeft({ steps }, Date.now())).toBe(0);
  const lineage = await admin.caller.model.lineage({ projectId, modelId: models.preference });
  expect(lineage.parent?.id).toBe(models.sft);
  expect(lineage.version?.dataset).toBe("Pairs");
  expect((await admin.caller.model.get({ projectId, modelId: models.base })).heldOut?.loss?.first.step).toBe(
    0,
  );
  // What the base and the tuned model said to the same prompts.
  const said = async (step: string) => {
    const runId = steps.find((one) => one.step === step)?.run.id ?? "";
    return (await admin.caller.training.samples({ projectId, runId })).map(
      ({ step, position }) => `${step}/${position}`,
    );
  };
  expect(await said("sft")).toEqual(expect.arrayContaining(["0/0", "0/3", "4/0", "4/3"]));
  expect(await said("preference")).toEqual(expect.arrayContaining(["0/0", "4/3"]));

  const evaluation = async () => {
    const [found] = await admin.caller.evaluation.list({ projectId, modelId: models.preference });
    return found;
  };
  const { tasks, withoutPeople, prompts } = await evaluation();
  expect(tasks + withoutPeople.won + withoutPeople.lost + withoutPeople.tied).toBe(10);
  // The base learnt from no prompt that the version holds out.
  expect(prompts).toEqual({ heldOut: 10, new: 0, trained: 0, unknown: 0 });

  // Whoever pressed the button judges what is open: nothing but the blind pairs.
  let judged = 0;
  for (;;) {
    const { tasks } = await admin.caller.annotation.claim({ projectId, hold: 1 });
    const [task] = tasks;
    if (!task) break;
    await admin.caller.annotation.submit({
      assignmentId: task.assignmentId,
      answers: { better: { type: "preference", outcome: "a", level: 1 } },
      idempotencyKey: newKey(),
    });
    judged++;
  }
  expect(judged).toBe(tasks);
  const over = await evaluation();
  expect(over.waiting).toBe(0);
  expect(standing(over)).toMatch(/a win rate of [\d.]+ % .*on 10 prompts/);

  // What was trained here judges: the reward model, and the tuned one by its implicit reward.
  await admin.caller.judge.setPolicy({
    projectId,
    policy: { items: 10, presort: 0, label: 0, consistency: 0, failures: 0 },
  });
  const judgedBy = async (name: string, modelId: string) => {
    const { judgeVersionId } = await admin.caller.judge.create({
      ...{ projectId, name, modelId, questionId: "better", verdictBy: "reward" },
    });
    const { id } = await admin.caller.judge.run({ projectId, judgeVersionId, filter: { limit: 5000 } });
    await ended(id);
    return judgeVersionId;
  };
  const ended = async (runId: string) => {
    const status = async () => {
      const { status, error } = await admin.caller.run.get({ projectId, runId });
      return error ?? status;
    };
    await expect.poll(status, { interval: 500, timeout: 300_000 }).toBe("succeeded");
  };
  const byReward = await judgedBy("Reward", models.reward);
  const byPolicy = await judgedBy("Tuned", models.preference);
  for (const judgeVersionId of [byReward, byPolicy]) {
    const { failures, pairs } = await admin.caller.judge.card({ projectId, judgeVersionId });
    expect(failures).toMatchObject({ failed: 0 });
    // What they were trained on says little of them: what they may goes by the rest.
    expect(pairs?.unseen?.items).toBeGreaterThan(100);
    expect(pairs?.trainedOn).toBeGreaterThan(500);
  }
  const card = await admin.caller.judge.card({ projectId, judgeVersionId: byReward });
  expect(card.standing.role).toBe("label");

  // So that its judgements may be labels, and count beside people's in one estimate.
  const [{ raterId }] = (await admin.caller.judge.get({ projectId, judgeId: card.judgeId })).versions;
  const { id: datasetId } = await admin.caller.dataset.create({
    ...{ projectId, name: "Labelled by the judge", kind: "preference" },
  });
  const recipe = recipeSchema.parse({ filters: { judges: "models", raters: [raterId] } });
  const frozen = await admin.caller.dataset.freeze({ projectId, datasetId, recipe });
  await ended(frozen.id);
  const [labelled] = await db.select().from(datasetVersion).where(eq(datasetVersion.datasetId, datasetId));
  expect(labelled.rows).toBeGreaterThan(500);
  const sources = await db.execute<{ source: string }>(sql`
    select distinct r.source from evaluation_task e join task t on t.id = e.task_id
    join response r on r.id = any(t.response_ids)`);
  const [source, opponent] = [...sources].map((row) => row.source);
  const joint = await admin.caller.conclusion.joint({
    ...{ projectId, judgeVersionId: byReward, questionId: "better", source, opponent },
  });
  expect(joint.pairs).toMatchObject({ all: tasks, judged: tasks, withoutVerdict: 0 });
  expect(joint.joint.estimate).toBeGreaterThanOrEqual(0);
});

it("says who is ahead, what is settled, and how many prompts would settle the rest", () => {
  const rate = { n: 10, prompts: 10, method: "sandwich" as const };
  const none = { won: 0, lost: 0, tied: 0 };
  const counted = { won: 7, lost: 2, tied: 1, bothBad: 0, withoutPeople: none };
  expect(
    standing({ ...counted, winRate: { ...rate, estimate: 0.75, low: 0.43, high: 0.92 }, toSettle: 28 }),
  ).toBe(
    "The tuned model won 7, lost 2 and tied 1: a win rate of 75.0 % [43.0, 92.0] on 10 prompts, a tie half. That settles nothing: the interval includes 50 %. If the rate stays, about 28 prompts would, 18 more.",
  );
  expect(
    standing({ ...counted, winRate: { ...rate, estimate: 0.1, low: 0.02, high: 0.4 }, toSettle: 9 }),
  ).toContain("worse than the base");
  expect(
    standing({
      ...counted,
      withoutPeople: { ...none, lost: 2 },
      winRate: { ...rate, estimate: 0.5, low: 0.2, high: 0.8 },
      toSettle: null,
    }),
  ).toMatch(/2 of these without people.*Neither is ahead/);
});

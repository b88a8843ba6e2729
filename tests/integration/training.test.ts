import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { eq, sql as raw } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { connect } from "@/db/client";
import {
  evaluation as evaluations,
  metric,
  model as models,
  person,
  project,
  response,
  run as runs,
  sample,
  score,
} from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { kindsOf } from "@/db/shape/run-kinds";
import type { TrainingMethod } from "@/db/shape/training";
import { folderStore } from "@/server/artifact/store";
import { createDataset, getVersion } from "@/server/dataset/dataset";
import { pushSpecSchema } from "@/server/dataset/schema";
import { evaluationsOf } from "@/server/evaluation/blind";
import { queueModelRun, rewardDisagreements } from "@/server/evaluation/evaluation";
import {
  exportModel,
  getModel,
  lineageOf,
  listModels,
  makeModel,
  pushModel,
  touchedBy,
} from "@/server/model/model";
import { type ModelForm, modelPushSchema, newModelSchema } from "@/server/model/schema";
import { runFiles } from "@/server/run/file";
import { cancelRun, queueRun } from "@/server/run/queue";
import type { Run } from "@/server/run/run";
import { scoreIncoming } from "@/server/score/incoming";
import { storeSecret } from "@/server/secret/secret";
import { curvesOf } from "@/server/training/curves";
import { launchSweep, launchTraining } from "@/server/training/training";
import { onnxLogps } from "@/tests/parity/onnx-answers";
import { goldens, largestDifference, ours, theirs } from "@/tests/parity/reference";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { openInference } from "@/workers/engine/infer/inference";
import { handlers } from "@/workers/run/handlers";
import { runWorker } from "@/workers/run/worker";
import { engineOptions } from "@/workers/training/engines";
import { testDatabase } from "./database";
import { judgedPairs } from "./judged-pairs";

const TOKEN = "hf_of_this_test";
// Before anything is imported: modules read the settings once.
const { data, hub } = await vi.hoisted(async () => {
  const [{ mkdtemp }, { tmpdir }, { join }, { startHub }] = await Promise.all([
    import("node:fs/promises"),
    import("node:os"),
    import("node:path"),
    import("./hub"),
  ]);
  const hub = await startHub("hf_of_this_test");
  const data = await mkdtemp(join(tmpdir(), "concord-training-"));
  process.env.CONCORD_DATA = data;
  process.env.HF_ENDPOINT = hub.url;
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  return { data, hub };
});
const store = folderStore(join(data, "artifacts"));
const { db, sql, machineUrl } = await testDatabase();
/** What trains is elsewhere, and has the narrower role of such machines. */
const machine = connect(machineUrl, { max: 5 });
const PAIRS = 120;

const shutdown = new AbortController();
let workers: Promise<unknown>;
let projectId: string;
let personId: string;
let versionId: string;

const read = async (id: string) => (await db.select().from(runs).where(eq(runs.id, id)))[0];
async function succeeded(id: string): Promise<Run> {
  for (;;) {
    const found = await read(id);
    if (found.status === "succeeded") return found;
    if (found.status === "failed") throw new Error(found.error ?? "failed");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const modelOf = (run: Run) => String(run.result?.modelId);
const actor = () => ({ personId });

const launch = (
  method: TrainingMethod,
  modelId: string,
  options: Record<string, unknown>,
  name: string = method,
) =>
  launchTraining(db, actor(), {
    projectId,
    method,
    versionId,
    modelId,
    name,
    options: {
      max_steps: 6,
      per_device_train_batch_size: 4,
      logging_steps: 1,
      save_steps: 2,
      max_length: 128,
      ...options,
    },
    samplePrompts: [],
  });

beforeAll(async () => {
  [{ id: personId }] = await db
    .insert(person)
    .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
    .returning();
  [{ id: projectId }] = await db.insert(project).values({ name: "Loop" }).returning();
  const common = {
    store,
    folder: join(data, "runs"),
    capabilities: {
      engines: ["onnx" as const],
      devices: ["cpu" as const],
      memoryBytes: 32e9,
      options: engineOptions(),
    },
    handlers,
    log: pino({ level: "silent" }),
  };
  const lanes = [[...kindsOf("data"), ...kindsOf("models")]];
  workers = Promise.all([
    runWorker({ ...common, id: randomUUID(), name: "here", db, sql, lanes }, shutdown.signal),
    runWorker(
      { ...common, id: randomUUID(), name: "elsewhere", ...machine, lanes: [kindsOf("training")] },
      shutdown.signal,
    ),
  ]);
});
afterAll(async () => {
  shutdown.abort();
  await workers;
  await machine.close();
  hub.close();
});

describe("the loop, on tiny sizes", { timeout: 300_000 }, () => {
  let raterId: string;
  let origin: string;
  let base: string;
  let reward: string;
  let tuned: string;

  it("makes a base model from nothing and freezes the judgements", async () => {
    raterId = await judgedPairs(db, { projectId, personId, count: PAIRS, seed: 5 });
    const made = await makeModel(db, actor(), {
      projectId,
      ...newModelSchema.parse({
        name: "tiny",
        hidden_size: 32,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 64,
        vocab_size: 400,
      }),
    });
    const { id: datasetId } = await createDataset(db, actor(), {
      projectId,
      name: "pairs",
      kind: "preference",
    });
    const frozen = await queueRun(db, actor(), {
      projectId,
      kind: "freeze",
      title: "freeze",
      spec: {
        datasetId,
        recipe: recipeSchema.parse({ split: { seed: 1, train: 0.8, validation: 0.2, test: 0 } }),
      },
    });
    origin = modelOf(await succeeded(made.id));
    base = origin;
    versionId = String((await succeeded(frozen.id)).result?.versionId);
  });

  it("trains SFT on it, with curves, samples and the files of the model", async () => {
    const queued = await launchTraining(db, actor(), {
      projectId,
      method: "sft",
      versionId,
      modelId: base,
      name: "tiny-sft",
      options: {
        max_steps: 8,
        per_device_train_batch_size: 4,
        learning_rate: 1e-3,
        logging_steps: 1,
        eval_steps: 4,
      },
      samplePrompts: ["What is the capital of France?"],
    });
    const run = await succeeded(queued.id);
    const curves = new Map(
      (await curvesOf(db, { runId: run.id, maxPoints: 100 })).map(({ name, points }) => [name, points]),
    );
    expect(curves.get("loss")?.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(curves.get("eval_loss")?.map(([step]) => step)).toEqual([4, 8]);
    expect(
      (await db.select().from(sample).where(eq(sample.runId, run.id))).map(({ step }) => step).sort(),
    ).toEqual([0, 4, 8]);
    const names = (await runFiles(db, run.id)).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        "model/config.json",
        "model/model.safetensors",
        "model/tokenizer.json",
        "run.yaml",
        "events.jsonl",
      ]),
    );
    const {
      run: madeBy,
      version,
      raters,
      parent,
    } = await lineageOf(db, { projectId, modelId: modelOf(run) });
    expect(madeBy?.id).toBe(run.id);
    expect(parent?.id).toBe(base);
    expect(version).toMatchObject({ id: versionId, dataset: "pairs" });
    expect(raters).toMatchObject([{ id: raterId, name: "Knows" }]);
    base = modelOf(run);
  });

  it("trains a reward model and lets it score; then DPO with an adapter", async () => {
    const rewardRun = await launch("reward", base, { learning_rate: 1e-3 });
    const dpo = await launch("preference", base, {
      peft: { method: "lora", r: 4, target_modules: "all-linear" },
      learning_rate: 1e-3,
    });
    reward = modelOf(await succeeded(rewardRun.id));
    tuned = modelOf(await succeeded(dpo.id));
    const held = (await listModels(db, { projectId })).find(({ id }) => id === reward);
    expect(held?.metrics).toHaveProperty("eval_accuracy");
    const { right, compared = 0, scored, dropped = 0 } = held?.heldOut ?? {};
    const { rows } = (await getVersion(db, { projectId, versionId })).manifest;
    expect([compared, scored && scored + dropped]).toEqual([scored, rows.validation]);
    expect(held?.metrics.eval_accuracy).toBe((right ?? Number.NaN) / compared);
    const scoring = await queueModelRun(db, actor(), {
      projectId,
      kind: "score",
      modelIds: [reward],
      wants: "scores",
      title: () => "score",
      spec: { modelId: reward },
    });
    await succeeded(scoring.id);
    expect(await db.$count(score)).toBe(await db.$count(response));
    // What comes in is scored once, however often its run is attempted, also when the run is nobody's.
    const asked = () =>
      scoreIncoming(
        db,
        { personId: null },
        { projectId, afterRunId: "00000000-0000-0000-0000-000000000001" },
      );
    await asked();
    await asked();
    expect(await db.$count(runs, eq(runs.kind, "score"))).toBe(2);
    expect(Array.isArray(await rewardDisagreements(db, { projectId, modelId: reward, limit: 5 }))).toBe(true);
  });

  it("sends two models back to the experts, blind", async () => {
    const queued = await queueModelRun(db, actor(), {
      projectId,
      kind: "evaluate",
      modelIds: [tuned, origin],
      wants: "writes",
      title: () => "evaluate",
      spec: {
        modelId: tuned,
        opponentId: origin,
        prompts: 5,
        overlap: 2,
        sampling: { max_new_tokens: 8, do_sample: true },
      },
    });
    const { result } = await succeeded(queued.id);
    const [evaluation] = await evaluationsOf(db, { projectId, modelId: tuned });
    expect(evaluation).toMatchObject({
      tasks: result?.tasks,
      waiting: 2 * Number(result?.tasks),
      // The version's validation split is the first to be asked.
      prompts: { heldOut: 5, new: 0, trained: 0, unknown: 0 },
      unanswered: 0,
    });
    const { won, lost, tied } = evaluation.withoutPeople;
    expect(won + lost + tied).toBe(result?.settled);
    expect(evaluation.tasks + won + lost + tied).toBe(5);
  });

  it("stops with its work kept, and goes on by itself after kill -9 of the engine, without hole or double point", async () => {
    const stopped = await launch(
      "preference",
      base,
      { max_steps: 5000, save_steps: 5000, peft: { method: "lora" } },
      "stopped",
    );
    await vi.waitFor(
      async () => expect(await db.$count(metric, eq(metric.runId, stopped.id))).toBeGreaterThan(10),
      { timeout: 60_000 },
    );
    await cancelRun(db, actor(), { runId: stopped.id, projectId, keepWork: true });
    const kept = await succeeded(stopped.id);
    expect(Number(kept.result?.steps)).toBeLessThan(5000);

    const killed = await launch(
      "preference",
      base,
      { max_steps: 300, save_steps: 25, peft: { method: "lora" } },
      "killed",
    );
    await vi.waitFor(async () => expect((await read(killed.id)).progress?.done).toBeGreaterThan(40), {
      timeout: 60_000,
      interval: 20,
    });
    process.kill(Number(await readFile(join(data, "runs", killed.id, "engine.pid"), "utf8")), "SIGKILL");
    await vi.waitFor(async () => expect((await read(killed.id)).status).toBe("queued"), { timeout: 60_000 });
    await db.update(runs).set({ availableAt: raw`now()` }).where(eq(runs.id, killed.id));
    await succeeded(killed.id);
    const [loss] = (await curvesOf(db, { runId: killed.id, maxPoints: 1000 })).filter(
      ({ name }) => name === "loss",
    );
    expect(loss.points.map(([step]) => step)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    expect(await db.$count(models, eq(models.runId, killed.id))).toBe(1);
  });

  it("starts once however often Start is pressed, also a grid, whose runs are one group", async () => {
    const wanted = {
      projectId,
      method: "preference" as const,
      versionId,
      modelId: base,
      name: "grid",
      options: { max_steps: 2, peft: { method: "lora", r: 2 } },
      samplePrompts: [],
      idempotencyKey: "pressed twice",
    };
    const one = { ...wanted, idempotencyKey: "one" };
    const [first, again] = [await launchTraining(db, actor(), one), await launchTraining(db, actor(), one)];
    expect(again.id).toBe(first.id);
    const grid = { beta: [0.1, 0.2], "peft.r": [2, 4] };
    const runs = await launchSweep(db, actor(), { ...wanted, grid });
    const twice = await launchSweep(db, actor(), { ...wanted, grid });
    expect(twice.map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
    expect(new Set(runs.map(({ groupId }) => groupId)).size).toBe(1);
    expect(runs[0].groupId).not.toBeNull();
    expect(runs.map(({ spec }) => spec.options)).toEqual(
      [0.1, 0.2].flatMap((beta) =>
        [2, 4].map((r) => ({ ...wanted.options, beta, peft: { method: "lora", r } })),
      ),
    );
    for (const { id } of [first, ...runs])
      await cancelRun(db, actor(), { runId: id, projectId, keepWork: false });
  });

  it("says what to lower when the memory it may use is too small", async () => {
    const { id } = await launch("sft", base, { memory_budget_gb: 0.0001 }, "too large");
    await vi.waitFor(async () => expect((await read(id)).status).toBe("failed"), { timeout: 60_000 });
    expect((await read(id)).error).toMatch(
      /needs about .+ and may use .+: lower per_device_train_batch_size or max_length/,
    );
  });

  it("leaves as a merged directory and as ONNX, with a card that states data, options and metrics", async () => {
    for (const form of ["full", "onnx"] as const) {
      const { id } = await exportModel(db, actor(), {
        projectId,
        spec: { modelId: tuned, form, licence: "mit" },
      });
      await succeeded(id);
      const files = await runFiles(db, id);
      const names = files.map(({ name }) => name);
      expect(names).toEqual(
        expect.arrayContaining(["README.md", "config.json", "model.safetensors", "tokenizer.json"]),
      );
      expect(names.includes("model.onnx")).toBe(form === "onnx");
      const card = files.find(({ name }) => name === "README.md");
      const written = await text(await store.open(card?.sha256 ?? ""));
      expect(written).toMatch(/^---\nlicense: mit\n/);
      expect(written).toContain("| Dataset | pairs, version 1 (preference) |");
      expect(written).toContain("learning_rate: 0.001");
      expect(written).toContain("beta: 0.1");
      expect(written).toContain("| eval_loss |");
    }
    await expect(
      exportModel(db, actor(), { projectId, spec: { modelId: base, form: "peft", licence: "mit" } }),
    ).rejects.toThrow("tiny-sft is a full model and no PEFT adapter.");
  });

  /** An export, as somebody who pressed Download has it. */
  const downloaded = async (modelId: string, form: ModelForm): Promise<string> => {
    const { id } = await exportModel(db, actor(), { projectId, spec: { modelId, form, licence: "mit" } });
    await succeeded(id);
    const folder = await mkdtemp(join(data, `${form}-`));
    for (const { name, sha256 } of await runFiles(db, id))
      await pipeline(await store.open(sha256), createWriteStream(join(folder, name)));
    return folder;
  };

  it("answers the same as ONNX in onnxruntime, as a merged directory and as base with adapter", async () => {
    const [full, adapter] = [await downloaded(base, "full"), await downloaded(tuned, "peft")];
    const merged = await downloaded(tuned, "full");
    const onnx = join(await downloaded(tuned, "onnx"), "model.onnx");
    const expected = await ours(openInference(full, adapter));
    expect(largestDifference(await ours(openInference(merged)), expected)).toBeLessThan(1e-4);
    // The adapter changes something: else these comparisons would prove nothing.
    expect(largestDifference(await ours(openInference(full)), expected)).toBeGreaterThan(1e-3);
    const found: number[] = [];
    for (const [i, prompt] of goldens.prompts.entries())
      for (const response of goldens.responses[i]) found.push(...(await onnxLogps(onnx, prompt, response)));
    expect(largestDifference(found, expected)).toBeLessThan(1e-4);
  });

  it.skipIf(referencePython() === null)(
    `loads in PEFT and transformers with equal scores (${referencePython() ? "live" : NO_PYTHON})`,
    async () => {
      const [full, adapter] = [await downloaded(base, "full"), await downloaded(tuned, "peft")];
      const [merged, judge] = [await downloaded(tuned, "full"), await downloaded(reward, "full")];
      const [inPeft, inTransformers, scores] = theirs([
        { model: full, adapter, head: "causal" },
        { model: merged, adapter: null, head: "causal" },
        { model: judge, adapter: null, head: "score" },
      ]);
      const expected = await ours(openInference(full, adapter));
      expect(largestDifference(inPeft, expected)).toBeLessThan(1e-4);
      expect(largestDifference(inTransformers, expected)).toBeLessThan(1e-4);
      expect(largestDifference(scores, await ours(openInference(judge)))).toBeLessThan(1e-4);
    },
  );

  it("goes to the Hub with the stored token: the model and the dataset, each with its card", async () => {
    const pushSpec = modelPushSchema.parse({ modelId: tuned, form: "peft", repository: "lab/tiny" });
    const refused = await pushModel(db, actor(), { projectId, spec: pushSpec });
    await vi.waitFor(async () => expect((await read(refused.id)).status).toBe("failed"), { timeout: 60_000 });
    expect((await read(refused.id)).error).toContain("Store a Hugging Face token");
    await storeSecret(db, actor(), { personId, name: "huggingface", value: TOKEN });
    await succeeded((await pushModel(db, actor(), { projectId, spec: pushSpec })).id);
    const spec = pushSpecSchema.parse({ versionId, repository: "lab/pairs" });
    await succeeded((await queueRun(db, actor(), { projectId, kind: "push", title: "push", spec })).id);
    expect(hub.files.get("models/lab/tiny/README.md")?.toString()).toContain("## Hyper-parameters");
    expect(hub.files.get("models/lab/tiny/adapter_model.safetensors")?.length).toBeGreaterThan(1000);
    expect(hub.files.get("datasets/lab/pairs/README.md")?.toString()).toContain("| Annotators | 1 |");
    expect([...hub.files.keys()].some((name) => /datasets\/lab\/pairs\/data\/.+\.parquet$/.test(name))).toBe(
      true,
    );
  });

  it("names an adapter's base as others find it, and tells the Hub the data and what was measured", async () => {
    const filesOf = async (folder: string) => {
      const config: unknown = JSON.parse(await readFile(join(folder, "adapter_config.json"), "utf8"));
      const card = await readFile(join(folder, "README.md"), "utf8");
      const front: unknown = parse(card.split("---\n")[1]);
      return { config, card, front };
    };
    const push = async (modelId: string, form: ModelForm) => {
      const spec = modelPushSchema.parse({ modelId, form, repository: "lab/tiny-sft" });
      await succeeded((await pushModel(db, actor(), { projectId, spec })).id);
    };
    const unpublished = await filesOf(await downloaded(tuned, "peft"));
    expect(unpublished.config).toMatchObject({ base_model_name_or_path: "tiny-sft", revision: null });
    expect(unpublished.front).not.toHaveProperty("base_model");
    const weights = await readFile(join(await downloaded(base, "full"), "model.safetensors"));
    const known = createHash("sha256").update(weights).digest("hex");
    expect(unpublished.card).toContain(`| model.safetensors | ${known} |`);
    expect(unpublished.card + JSON.stringify(unpublished.config)).not.toContain(data);
    // The evaluation that still waits for people is not told.
    expect(unpublished.card).not.toContain("Win rate");

    const prompts = await db
      .select({ promptId: response.promptId })
      .from(response)
      .groupBy(response.promptId);
    const [won, lost, other] = prompts.map(({ promptId }) => ({ promptId, exposure: "held_out" as const }));
    await db.update(models).set({ name: "tiny | old" }).where(eq(models.id, origin));
    await db.insert(evaluations).values({
      projectId,
      modelId: tuned,
      opponentId: origin,
      settled: [
        { ...won, outcome: "won", reason: "empty" },
        { ...lost, outcome: "lost", reason: "empty" },
        { ...other, outcome: "won", reason: "empty" },
      ],
    });
    await push(base, "full");
    const folder = await downloaded(tuned, "peft");
    const published = await filesOf(folder);
    expect(published.config).toMatchObject({ base_model_name_or_path: "lab/tiny-sft" });
    expect(published.card).toContain('base = AutoModelForCausalLM.from_pretrained("lab/tiny-sft")');
    expect(published.card).toMatch(
      /\| tiny \\\| old \| 3 \| 0 \| 2 \| 1 \| 0 \| 0 \| 1 \| 2 \| 0 \| 66\.7 % \[/,
    );
    const { metrics } = await getModel(db, { projectId, modelId: tuned });
    const measured = Object.entries(metrics).map(([name, value]) => ({ type: name.slice(5), value, name }));
    expect(published.front).toEqual({
      license: "mit",
      base_model: "lab/tiny-sft",
      library_name: "peft",
      pipeline_tag: "text-generation",
      tags: ["concord", "human-feedback", "preference"],
      base_model_relation: "adapter",
      datasets: ["lab/pairs"],
      "model-index": [
        {
          name: "preference",
          results: [
            {
              task: { type: "text-generation" },
              dataset: { name: "pairs, version 1", type: "lab/pairs", split: "validation" },
              metrics: expect.arrayContaining(measured),
            },
            {
              task: { type: "text-generation" },
              dataset: { name: "Blind comparison with tiny | old, 3 prompts", type: "concord" },
              metrics: [{ type: "win_rate", value: expect.closeTo(2 / 3), name: "Win rate, a tie half" }],
            },
          ],
        },
      ],
    });
    if (referencePython()) {
      const program = `import sys; from huggingface_hub import ModelCard
print(*((r.dataset_type, r.metric_type) for r in ModelCard.load(sys.argv[1]).data.eval_results), sep="\\n")`;
      const read = spawnSync(referencePython() ?? "", ["-c", program, join(folder, "README.md")], {
        encoding: "utf8",
      });
      expect(read.stderr).toBe("");
      expect(read.stdout).toContain("('lab/pairs', 'loss')");
      expect(read.stdout).toContain("('concord', 'win_rate')");
    }
    // Pushed over its base's repository, the adapter has the base there no longer.
    await push(tuned, "peft");
    const config = hub.files.get("models/lab/tiny-sft/adapter_config.json")?.toString();
    expect(JSON.parse(config ?? "")).toMatchObject({ base_model_name_or_path: "tiny-sft" });
  });

  it("shows which versions and models hold a rater's work", async () => {
    const touched = await touchedBy(db, { projectId, raterId });
    expect(touched.versions).toMatchObject([{ id: versionId }]);
    expect(touched.models.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["tiny-sft", "reward", "killed"]),
    );
  });
});

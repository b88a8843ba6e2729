import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import { benchmark, benchmarkItem, dataset, datasetRow, datasetVersion, model, run } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { taskOf } from "@/server/benchmark/plan";
import { ManifestBuilder } from "@/server/dataset/statistics";
import { env } from "@/server/env";
import { benchmarkFigures } from "@/server/figure/benchmark";
import { runTask } from "@/workers/benchmark/run";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { type Checks, count, testFigures } from "./figure-checks";
import { study } from "./study";

const { folder, models } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const { resolve } = await import("node:path");
  const folder = await mkdtemp("/tmp/concord-benchmark-");
  const models = resolve("tests/parity/golden/models");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_DATA = folder;
  process.env.CONCORD_MODELS = models;
  return { folder, models };
});

const database = await testDatabase();
const { db } = database;
const { projectId, manager } = await study(database, { tasks: 0 });
const { caller } = manager;
const path = resolve(models, "qwen2");

const workers: ChildProcess[] = [];
afterAll(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** A worker as `npm start` runs it. */
function startWorker(): ChildProcess {
  const child = spawn(process.execPath, ["--import", "tsx", "workers/main.ts"], {
    env: { ...process.env, DATABASE_URL: database.url, LOG_LEVEL: "silent" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  workers.push(child);
  return child;
}

async function upload(name: string, rows: readonly object[]) {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(join(folder, name), text);
  const bytes = { bytes: Readable.from([text]), mediaType: "application/jsonl" };
  const { sha256 } = await keepUpload(db, storeFromEnvironment(env()), {
    projectId,
    personId: null,
    ...bytes,
  });
  return { name, sha256, holds: "questions" as const };
}

/** Two questions on each passage, in two languages; the model can but guess. */
const choices = Array.from({ length: 40 }, (_, index) => ({
  passage: `Passage ${index >> 1}: the harbour master counted ${index >> 1} boats before noon and wrote the number down.`,
  question: index % 2 === 0 ? "How many boats were counted?" : "When were the boats counted?",
  choices: [`${index} before noon`, `${index} at night`],
  answer: index % 3 === 0 ? 1 : 0,
  language: index < 30 ? "en" : "nl",
}));
const choosing = `
output_type: multiple_choice
doc_to_text: "{{passage}} {{question}}\\nAnswer:"
doc_to_choice: "{{choices}}"
doc_to_target: answer
metric_list: [{ metric: acc }, { metric: acc_norm }]`;
/** Long enough to be killed in the midst of it. */
const sums = Array.from({ length: 120 }, (_, index) => ({
  question: `What is ${index} + 1?`,
  answer: `#### ${index + 1}`,
}));

const [base] = await db
  .insert(model)
  .values({ projectId, name: "Base", method: "base", format: "full", source: { kind: "folder", path } })
  .returning();
/** What the second model was made from has learnt one of the passages by heart, and held another one out. */
const versionId = await (async () => {
  const [{ id: datasetId }] = await db
    .insert(dataset)
    .values({ projectId, name: "Letters", kind: "sft" })
    .returning({ id: dataset.id });
  const [{ id }] = await db
    .insert(datasetVersion)
    .values({
      ...{ projectId, datasetId, version: 3, recipe: recipeSchema.parse({}), sha256: "letters", rows: 3 },
      manifest: new ManifestBuilder("sft", []).finish(),
    })
    .returning({ id: datasetVersion.id });
  const rows = ["Something else entirely.", choices[9].passage, choices[20].passage];
  await db.insert(datasetRow).values(
    rows.map((content, index) => ({
      ...{ versionId: id, index, split: index === 2 ? ("validation" as const) : ("train" as const) },
      row: {
        id: `${index}`,
        prompt: [],
        completion: [{ role: "assistant" as const, content }],
        annotators: 1,
      },
      ...{ promptId: crypto.randomUUID(), annotationIds: [] },
    })),
  );
  return id;
})();
const [parent] = await db
  .insert(model)
  .values({ ...{ projectId, name: "Parent", method: "sft", format: "full" }, source: base.source, versionId })
  .returning();
const [tuned] = await db
  .insert(model)
  .values({
    ...{ projectId, name: "Tuned", method: "preference", format: "full" },
    source: base.source,
    parentId: parent.id,
  })
  .returning();

const ofChoices = {
  ...{ suite: "own", files: [await upload("harbour.jsonl", choices)], fields: choosing, cluster: "passage" },
  ...{ limit: null, shots: null, chat: false },
};
const ofSums = {
  ...{
    suite: "gsm8k",
    files: [await upload("sums.jsonl", sums)],
    shots: 0,
    cluster: null,
    limit: null,
    chat: false,
  },
  fields: 'generation_kwargs: { until: ["Question:"], max_gen_toks: 64 }',
};

const statusOf = async (id: string) => {
  const [{ status, error }] = await db.select().from(run).where(eq(run.id, id));
  if (status === "failed") throw new Error(error ?? "failed");
  return status;
};
const itemsOf = (runId: string) =>
  db
    .select({ item: benchmarkItem })
    .from(benchmarkItem)
    .innerJoin(benchmark, eq(benchmark.id, benchmarkItem.benchmarkId))
    .where(eq(benchmark.runId, runId))
    .orderBy(asc(benchmarkItem.position))
    .then((rows) => rows.map(({ item }) => item));

test("files are recognised, and what is asked is shown with what it comes to", async () => {
  const look = (changes: object) =>
    caller.benchmark.look({ projectId, modelId: base.id, ...ofSums, ...changes });
  const { suite, problem, plan } = await look({ suite: null, limit: 100 });
  expect({ suite, problem }).toEqual({ suite: "gsm8k", problem: null });
  expect(plan).toMatchObject({
    documents: 100,
    of: 120,
    requests: 100,
    writes: 6400,
    seconds: expect.any(Number),
  });
  expect(plan?.prompt).toBe("Question: What is 0 + 1?\nAnswer:");
  expect((await look({ ...ofChoices, suite: null })).problem).toContain("look like those of no suite");
  const { plan: own } = await look(ofChoices);
  expect(own).toMatchObject({
    requests: 80,
    writes: 0,
    shared: [],
    groups: ["language"],
    target: "0 at night",
  });
  expect((await look({ fields: "model: /etc" })).problem).toContain("model cannot be said here");
  expect((await look({ fields: "metric_list: [{ metric: bleurt }]" })).problem).toContain("bleurt");
  await expect(
    caller.benchmark.start({ projectId, modelId: base.id, ...ofSums, fields: "doc_to_txt: a" }),
  ).rejects.toThrow("doc_to_txt cannot be said here");
});

describe("a benchmark by a worker", async () => {
  const summed = await caller.benchmark.start({ projectId, modelId: base.id, ...ofSums });
  const first = startWorker();
  await eventually(async () => expect((await itemsOf(summed.id)).length).toBeGreaterThan(3));
  first.kill("SIGKILL");
  await once(first, "exit");
  const before = await itemsOf(summed.id);
  const statusAfterKill = await statusOf(summed.id);
  // As after the lease's time.
  await db.update(run).set({ leasedUntil: sql`now()` }).where(eq(run.id, summed.id));
  const chosen = await caller.benchmark.start({ projectId, modelId: base.id, ...ofChoices });
  const tainted = await caller.benchmark.start({
    projectId,
    modelId: tuned.id,
    ...ofChoices,
    name: "By heart",
  });
  const instructions = [
    { instruction: "Name a port.", output: "Hamburg, which lies in the north.", generator: "x" },
    { instruction: "Say hello.", output: "Hello!", generator: "x" },
  ];
  const compared = {
    ...{ suite: "alpaca_eval", files: [await upload("instructions.jsonl", instructions)], shots: null },
    ...{ cluster: null, limit: null, chat: false, judgeModelId: parent.id },
    fields: "generation_kwargs: { until: [], max_gen_toks: 4 }",
  };
  const { judgeModelId: _, ...alone } = compared;
  await expect(caller.benchmark.start({ projectId, modelId: base.id, ...alone })).rejects.toThrow(
    "no judge is chosen",
  );
  const judged = await caller.benchmark.start({ projectId, modelId: base.id, ...compared });
  startWorker();
  for (const { id } of [summed, chosen, tainted, judged])
    await eventually(async () => expect(await statusOf(id)).toBe("succeeded"));

  const list = await caller.benchmark.list({ projectId });
  const of = (runId: string) => {
    const found = list.find((one) => one.runId === runId);
    if (!found) throw new Error("no benchmark");
    return found;
  };

  test("killed, it goes on behind what was answered", async () => {
    expect(statusAfterKill).toBe("running");
    const after = await itemsOf(summed.id);
    expect(after.map(({ position }) => position)).toEqual(sums.map((_, index) => index));
    const kept = after.filter(({ position }) => before.some((one) => one.position === position));
    expect(kept).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length);
  });

  test.each([
    ["texts", summed, ofSums],
    ["choices", chosen, ofChoices],
  ])("has the figures of the command: %s", async (_, { id }, asked) => {
    const { figures, groups } = await runTask(
      { ...taskOf(asked, { model: path }), groups: asked === ofChoices ? ["language"] : [] },
      folder,
      () => {},
    );
    const shown = of(id);
    expect(shown.figures).toEqual(
      figures.map(({ stderr: _, ...figure }) => ({
        ...figure,
        value: expect.closeTo(figure.value, 6),
        low: figure.low === null ? null : expect.closeTo(figure.low, 6),
        high: figure.high === null ? null : expect.closeTo(figure.high, 6),
      })),
    );
    const detail = await caller.benchmark.get({ projectId, benchmarkId: shown.id });
    expect(detail.groups.map(({ kind, figures: [{ n }] }) => [kind, n])).toEqual(
      Object.entries(groups?.language ?? {}).map(([kind, [{ n }]]) => [kind, n]),
    );
  });

  test("another model judges what is written, and its words are kept", async () => {
    const shown = of(judged.id);
    expect(shown.figures.map(({ metric }) => metric)).toContain("length_controlled_win_rate");
    expect(shown.figures[0]).toMatchObject({ metric: "win_rate", n: 2 });
    expect(shown.figures[0].setting).toContain("judge Parent");
    const { items } = await caller.benchmark.items({ projectId, benchmarkId: shown.id });
    expect(items.map(({ replies }) => replies.join(" "))).toEqual([
      expect.stringMatching(/as the second.*as the first/),
      expect.stringMatching(/as the second.*as the first/),
    ]);
  });

  test("says what stands in the training of those that the model was made from, and scores without it", async () => {
    const { contamination, id } = of(tainted.id);
    expect(contamination).toMatchObject({
      n: 40,
      tainted: 2,
      exact: 2,
      versions: [{ versionId, tainted: 2 }],
    });
    expect(contamination?.clean[0].n).toBe(38);
    expect(contamination?.dirty[0].n).toBe(2);
    const { items, total } = await caller.benchmark.items({ projectId, benchmarkId: id, show: "tainted" });
    expect(total).toBe(2);
    expect(items.map(({ position }) => position)).toEqual([8, 9]);
    expect(items[0].tainted).toContain("in Letters v3, row 2");
    expect(of(chosen.id).contamination).toMatchObject({ tainted: 0, versions: [] });
    // Same questions in the same setting: they stand side by side.
    expect(of(chosen.id).key).toBe(of(tainted.id).key);
    expect(of(summed.id).key).not.toBe(of(chosen.id).key);
  });

  test("shows its items by how they went and by kind", async () => {
    const { id: benchmarkId } = of(chosen.id);
    const ask = (more: object) => caller.benchmark.items({ projectId, benchmarkId, limit: 200, ...more });
    const [right, wrong, dutch] = await Promise.all([
      ask({ show: "right" }),
      ask({ show: "wrong" }),
      ask({ field: "language", kind: "nl" }),
    ]);
    expect(right.total + wrong.total).toBe(40);
    expect(dutch.total).toBe(10);
    const [item] = right.items;
    expect(item).toMatchObject({ score: 1, failed: false });
    expect(item.replies).toHaveLength(2);
    const [page, rest] = [await ask({ limit: 15 }), await ask({ after: 14 })];
    expect([...page.items, ...rest.items].map(({ position }) => position)).toEqual(choices.map((_, i) => i));
  });

  test("goes with its items", async () => {
    const { id: benchmarkId } = of(tainted.id);
    const copy = await caller.benchmark.start({ projectId, modelId: base.id, ...ofChoices, limit: 2 });
    const queued = (await caller.benchmark.list({ projectId })).find(({ runId }) => runId === copy.id);
    await expect(caller.benchmark.delete({ projectId, benchmarkId: queued?.id ?? "" })).rejects.toThrow(
      /cancel its run first|still run/,
    );
    await eventually(async () => expect(await statusOf(copy.id)).toBe("succeeded"));
    await caller.benchmark.delete({ projectId, benchmarkId: queued?.id ?? "" });
    expect(await itemsOf(copy.id)).toEqual([]);
    expect(benchmarkId).toBeTruthy();
  });

  const finished = [summed, chosen, tainted, judged].map(({ id }) => of(id));
  const raw = await Promise.all(
    [summed, chosen, tainted, judged].map(async ({ id }) => ({ id: of(id).id, items: await itemsOf(id) })),
  );
  const checks: Checks<keyof typeof benchmarkFigures> = {
    benchmarkFigure: {
      shown: finished.map(({ id, figures: [{ value, n, clusters, cut }] }) => ({
        ...{ benchmarkId: id, value, n, clusters, cut },
      })),
      counted: raw.map(({ id, items }) => ({
        benchmarkId: id,
        value: items.reduce((sum, { score }) => sum + Number(score), 0) / items.length,
        n: items.length,
        clusters: new Set(items.map(({ cluster }) => cluster)).size,
        cut: count(items, ({ cut }) => cut),
      })),
    },
    benchmarkContamination: {
      shown: finished.map(({ id, contamination }) => ({
        benchmarkId: id,
        n: contamination?.n ?? null,
        tainted: contamination?.tainted ?? null,
        gram13: contamination?.gram13 ?? null,
        exact: contamination?.exact ?? null,
      })),
      counted: raw.map(({ id, items }) => ({
        benchmarkId: id,
        n: items.length,
        tainted: count(items, ({ taint }) => taint !== null),
        gram13: count(items, ({ taint }) => taint?.gram13 === true),
        exact: count(items, ({ taint }) => taint?.exact === true),
      })),
    },
    benchmarkTime: {
      shown: finished.map(({ id, seconds }) => ({ benchmarkId: id, seconds })),
      counted: await Promise.all(
        finished.map(async ({ id }) => {
          const [row] = await db.select().from(benchmark).where(eq(benchmark.id, id));
          return { benchmarkId: id, seconds: row.seconds };
        }),
      ),
    },
  };
  testFigures(db, benchmarkFigures, checks, () => ({ project: projectId }));
});

test("nothing more is asked once an answer cannot be stored", async () => {
  const rule = "alter table benchmark_item";
  await database.asOwner(`${rule} add constraint few check (position < 2) not valid`);
  const { id } = await caller.benchmark.start({ projectId, modelId: base.id, ...ofSums });
  const read = async () => (await db.select().from(run).where(eq(run.id, id)))[0];
  await eventually(async () => expect((await read()).status).toBe("failed"));
  await database.asOwner(`${rule} drop constraint few`);
  const { error, progress } = await read();
  expect(error).toContain("few");
  expect(progress?.done).toBeLessThan(sums.length);
});

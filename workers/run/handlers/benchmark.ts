import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { ItemTaint } from "../../../db/shape/benchmark";
import { parseJson, storable, storableJson, writeJson } from "../../../db/shape/written-json";
import {
  answeredItems,
  finishBenchmark,
  getBenchmark,
  noteAttempt,
  storeItems,
  versionsBehind,
} from "../../../server/benchmark/benchmark";
import { forJson, gradedOf } from "../../../server/benchmark/graded";
import { benchmarkRunSchema } from "../../../server/benchmark/schema";
import { runCaged } from "../../../server/child";
import { rowsOfSplit } from "../../../server/dataset/dataset";
import { getModel } from "../../../server/model/model";
import { runFiles } from "../../../server/run/file";
import { joined } from "../../../server/signal";
import type { AnsweredItem, FromBenchmark, ToBenchmark } from "../../benchmark/child-messages";
import { openFolders } from "../../training/models";
import { handler, type Work } from "../handler";
import { rateOf } from "../rate";

/**
 * Puts a benchmark to a model. Every answer is stored as it comes: attempted again, it goes on behind them. At the end
 * the questions are looked for in whatever the model, and those it was made from, were trained on here.
 */
export const benchmark = handler(benchmarkRunSchema, async (work) => {
  const { db, projectId, spec, progress, signal } = work;
  const { benchmarkId, modelId } = spec;
  const { asked } = await getBenchmark(db, { projectId, benchmarkId });
  const subject = await getModel(db, { projectId, modelId });
  const folders = await openFolders(work, subject);
  const judge = asked.judgeModelId ? await getModel(db, { projectId, modelId: asked.judgeModelId }) : null;
  const versions = await versionsOnDisk(work, { projectId, modelId });
  const before = await answeredItems(db, benchmarkId);
  const input: ToBenchmark = {
    asked,
    ...folders,
    judge: judge && { name: judge.name, ...(await openFolders(work, judge)) },
    files: await dataOnDisk(
      work,
      asked.files.map(({ name }) => name),
    ),
    versions: versions.map(({ id, file }) => ({ id, file })),
    answered: before.map(({ position, graded }) => ({ position, graded: gradedOf(graded) })),
  };
  const rate = rateOf("items");
  const began = performance.now();
  let done = before.length;
  let documents = 0;
  let end: Extract<FromBenchmark, { kind: "outcome" }> | undefined;
  let failure: Error | undefined;
  /** What is answered and cannot be stored is lost: nothing more is asked then. */
  const unstorable = new AbortController();
  let storing = Promise.resolve();
  let waiting: AnsweredItem[] = [];
  /** One statement for what has come while the last one was under way. */
  const store = () => {
    storing = storing.then(async () => {
      const items = waiting;
      waiting = [];
      await storeItems(
        db,
        items.map((item) => rowOf(benchmarkId, item)),
      );
    });
    storing.catch((error: unknown) => unstorable.abort(error));
  };
  const onMessage = (raw: unknown) => {
    const message = fromBenchmark.parse(raw);
    switch (message.kind) {
      case "documents":
        documents = message.documents;
        progress(rate(done, documents));
        return;
      case "item":
        waiting.push(message.item);
        store();
        progress(rate(++done, documents));
        return;
      case "outcome":
        end = message;
        return;
      case "failed":
        failure = new Error(message.message);
    }
  };
  try {
    await runCaged({
      program: "workers/benchmark/child.ts",
      input,
      also: ["CONCORD_RUN_CODE"],
      offline: true,
      signal: joined(signal, unstorable.signal),
      onMessage,
    });
  } finally {
    await storing;
    const seconds = (performance.now() - began) / 1000;
    if (documents > 0) await noteAttempt(db, { benchmarkId, documents, seconds });
  }
  if (failure) throw failure;
  if (!end)
    throw new Error(
      "The benchmark ended without a word; if nobody stopped it, the machine ran out of memory.",
    );
  const { figures, groups, contamination, taints } = end;
  const placed = taints.map(([position, taint]): [number, ItemTaint] => {
    const version = versions.find(({ id }) => id === taint.versionId);
    return [position, { ...taint, row: version?.rows[taint.row ?? -1] ?? null }];
  });
  await finishBenchmark(db, { benchmarkId, figures, groups, contamination, taints: new Map(placed) });
  return { modelId, benchmarkId, items: documents, tainted: contamination.tainted };
});

/** It is a program of ours that speaks. */
const fromBenchmark = z.custom<FromBenchmark>();

/** The run's data under names of our own: what a file was called may lead anywhere. */
async function dataOnDisk({ db, store, run, folder }: Work, names: readonly string[]) {
  await mkdir(join(folder, "data"), { recursive: true });
  const kept = await runFiles(db, run.id);
  const placed: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const file = kept.find((one) => one.name === `data/${name}`);
    if (!file)
      throw new Error(
        `${name} is gone: the project keeps files of runs no longer. Start the benchmark anew.`,
      );
    const path = join(folder, "data", `${index}${extname(name).replace(/[^.\w]/g, "")}`);
    await pipeline(await store.open(file.sha256), createWriteStream(path));
    placed[name] = path;
  }
  return placed;
}

/** What was trained on, version by version, a row a line, with the rows' numbers in the version. */
async function versionsOnDisk(
  { db, folder }: Work,
  { projectId, modelId }: { projectId: string; modelId: string },
) {
  await mkdir(join(folder, "trained"), { recursive: true });
  const versions: { id: string; file: string; rows: number[] }[] = [];
  for (const { id } of await versionsBehind(db, modelId)) {
    const file = join(folder, "trained", `${id}.jsonl`);
    const rows: number[] = [];
    const lines = async function* () {
      for await (const { index, row } of rowsOfSplit(db, { projectId, versionId: id, split: "train" })) {
        rows.push(index);
        yield `${writeJson(row)}\n`;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(file));
    // A version all of whose rows are held out trained nobody.
    if (rows.length > 0) versions.push({ id, file, rows });
  }
  return versions;
}

/** An item as it is stored: what PostgreSQL has no text for is replaced. */
function rowOf(
  benchmarkId: string,
  { document, prompt, continuations, target, replies, graded, cluster, ...item }: AnsweredItem,
) {
  const held = (value: unknown) => parseJson(storableJson(writeJson(forJson(value))));
  return {
    benchmarkId,
    ...item,
    cluster: storable(cluster),
    document: parseJson(storableJson(document)),
    prompt: storable(prompt),
    asked: {
      continuations: continuations.map(storable),
      target: target.map(storable),
    },
    replies: held(replies),
    graded: held(graded),
    cut: graded.cut,
  };
}

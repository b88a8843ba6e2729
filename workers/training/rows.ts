import { createWriteStream, existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Db } from "../../db/client";
import type { DatasetRow } from "../../db/shape/dataset";
import type { Split } from "../../db/shape/dataset-kinds";
import type { TrainingMethod } from "../../db/shape/training";
import { writeJson } from "../../db/shape/written-json";
import { rowsOfSplit } from "../../server/dataset/dataset";

/**
 * The rows of a version as the files of a run, written once: a resumed run reads the same. Held out are the
 * validation rows, or the test rows where there are none.
 */
export async function writeInputs(
  db: Db,
  { folder, ...of }: { folder: string; method: TrainingMethod; projectId: string; versionId: string },
): Promise<{ train: number; eval: number }> {
  const counts = join(folder, "rows.json");
  if (existsSync(counts)) return countsSchema.parse(JSON.parse(await readFile(counts, "utf8")));
  const file = join(folder, "eval.jsonl");
  const written = {
    train: await writeRows(db, { ...of, split: "train", file: join(folder, "train.jsonl") }),
    eval:
      (await writeRows(db, { ...of, split: "validation", file })) ||
      (await writeRows(db, { ...of, split: "test", file })),
  };
  await writeFile(counts, JSON.stringify(written));
  return written;
}

const countsSchema = z.object({ train: z.number().int(), eval: z.number().int() });

/**
 * Puts the text of a chat template into the run's folder.
 * @returns its name there, as run.yaml says it; null for the model's own
 */
export async function writeTemplate(folder: string, text: string | undefined): Promise<string | null> {
  if (text === undefined) return null;
  const name = "chat_template.jinja";
  await writeFile(join(folder, name), text);
  return name;
}

/**
 * Writes one split of a version as the rows that a method reads.
 * @returns the number of rows written
 */
async function writeRows(
  db: Db,
  of: { projectId: string; versionId: string; split: Split; method: TrainingMethod; file: string },
): Promise<number> {
  let count = 0;
  const lines = async function* () {
    for await (const { row } of rowsOfSplit(db, of)) {
      count++;
      yield `${writeJson(toExample(row, of.method))}\n`;
    }
  };
  const partial = `${of.file}.partial`;
  await pipeline(Readable.from(lines()), createWriteStream(partial));
  await rename(partial, of.file);
  return count;
}

/** A row as the method's trainer reads it: SFT on comparisons learns the better reply. */
export function toExample(row: DatasetRow, method: TrainingMethod): Record<string, unknown> {
  const shared = {
    prompt: row.prompt,
    ...(row.tools ? { tools: row.tools } : {}),
    ...(row.weight === undefined ? {} : { weight: row.weight }),
  };
  if (method === "sft") {
    if ("chosen" in row) return { ...shared, completion: row.chosen };
    if ("completions" in row) return { ...shared, completion: row.completions[0] };
  }
  if ("completions" in row) {
    // Ranks count down to the best, scores up to it.
    const worst = Math.max(...row.ranks);
    return { ...shared, completions: row.completions, scores: row.ranks.map((rank) => worst - rank) };
  }
  if ("chosen" in row) {
    const margin = method === "reward" && row.margin !== undefined ? { margin: row.margin } : {};
    return { ...shared, chosen: row.chosen, rejected: row.rejected, ...margin };
  }
  return { ...shared, completion: row.completion, ...("label" in row ? { label: row.label } : {}) };
}

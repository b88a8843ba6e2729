/** The data of a task: which documents are asked about, and which shots are taken from. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Contents, documentsOf } from "../../server/benchmark/data";
import type { Document } from "../../server/benchmark/document";
import type { DataFile, Task } from "../../server/benchmark/task";
import { fileOnDisk, type SourceFile } from "../../server/import/source/file";
import { InputError } from "../../server/statistics/estimate";

/** Where a file that a task names is read. @param field of the task that names it, for errors */
export type Opener = (file: string, field: string) => Promise<SourceFile>;

/** Files beside a task file. */
export const filesBeside =
  (folder: string): Opener =>
  (file, field) =>
    fileOnDisk(located(file, folder, field), file);

/** A path from the task file's folder, or else from where the command was typed. */
export function located(path: string, folder: string, field: string): string {
  const candidates = [resolve(folder, path), resolve(path)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found) return found;
  throw new InputError(`${field}: ${path} is neither in the task file's folder (${candidates[0]}) nor here.`);
}

/** What stands in a file that a task's data names. */
type Reader = (file: string) => Promise<Contents>;

/**
 * The documents asked about and those that shots are taken from.
 * @throws InputError naming the field of the task, or file, row and field
 */
export async function splitsOf(task: Task, read: Reader) {
  const files = filesOf(task);
  const kept = new Map<string, Promise<Document[]>>();
  const whole = (split: string) => {
    const named = files[split];
    if (!named)
      throw new InputError(`data has no ${JSON.stringify(split)}; it has ${Object.keys(files).join(", ")}.`);
    const documents = kept.get(split) ?? documentsIn(named, read, task.suite);
    kept.set(split, documents);
    return documents;
  };
  /** A split by its name, perhaps with a range of it as Hugging Face writes it: `train[:40]`. */
  const split = async (name: string): Promise<Document[]> => {
    const [, base = name, from, to] = /^(.*)\[(-?\d*):(-?\d*)\]$/.exec(name) ?? [];
    const all = await whole(base);
    return from === undefined ? all : all.slice(Number(from), to ? Number(to) : undefined);
  };
  const asked = task.test_split ?? task.validation_split ?? "test";
  const { samples: shown, split: named, fewshot_indices } = task.fewshot_config;
  const shots = named ?? task.fewshot_split ?? null;
  return {
    documents: chosen(task, await split(asked)),
    pool: task.num_fewshot === 0 ? [] : picked(await poolOf(), fewshot_indices ?? null),
    // As lm-eval has it, a document is left out of its own shots only where their split is called as the test split
    // is, or where neither is named.
    ownPool: shots === (task.test_split ?? null),
  };

  /** lm-eval's order: the split that is named, examples that are given, else the first split there is. */
  async function poolOf(): Promise<readonly Document[]> {
    if (shots === null && shown) return shown;
    return split(shots ?? task.training_split ?? task.validation_split ?? asked);
  }
}

function picked(pool: readonly Document[], indices: readonly number[] | null): readonly Document[] {
  if (indices === null) return pool;
  const beyond = indices.find((index) => index >= pool.length);
  if (beyond === undefined) return indices.map((index) => pool[index]);
  throw new InputError(`fewshot_config.fewshot_indices: ${beyond} is beyond the ${pool.length} documents.`);
}

async function documentsIn(files: readonly DataFile[], read: Reader, suite: string | undefined) {
  const found: Document[] = [];
  for (const { file, rows } of files) {
    const documents = documentsOf(await read(file), file, suite);
    const beyond = rows?.find((row) => row >= documents.length);
    if (beyond !== undefined)
      throw new InputError(
        `data: rows: ${beyond} is beyond the ${documents.length} rows of ${file}, counted from 0.`,
      );
    found.push(...(rows?.map((row) => documents[row]) ?? documents));
  }
  return found;
}

function filesOf({
  data,
  dataset_path,
  dataset_kwargs,
}: Task): Readonly<Record<string, readonly DataFile[]>> {
  const given = data ?? dataset_kwargs?.data_files;
  if (given) return given;
  if (dataset_path && /\.\w+$/.test(dataset_path)) return { test: [{ file: dataset_path, rows: null }] };
  const hub = dataset_path ? ` dataset_path ${dataset_path} is not downloaded:` : "";
  throw new InputError(`data is missing:${hub} name a file, or a file for each split (test, train, …).`);
}

function chosen({ limit, samples }: Task, documents: readonly Document[]) {
  const all = documents.map((document, id) => ({ id, document }));
  if (samples) {
    if (limit !== undefined) throw new InputError("limit and samples are given: leave one out.");
    const beyond = samples.find((id) => id >= documents.length);
    if (beyond !== undefined)
      throw new InputError(`samples: ${beyond} is beyond the ${documents.length} documents, counted from 0.`);
    const wanted = new Set(samples);
    return all.filter(({ id }) => wanted.has(id));
  }
  if (limit === undefined) return all;
  return all.slice(0, limit < 1 ? Math.ceil(documents.length * limit) : Math.floor(limit));
}

import { createReadStream } from "node:fs";
import { join } from "node:path";
import { keepBytes } from "../../server/artifact/keep";
import { jobFiles, nameFiles } from "../../server/cluster/jobs";
import { modelFilesIn } from "../../server/model/folder";
import type { Model } from "../../server/model/schema";
import { runFiles } from "../../server/run/file";
import { fullModelOf } from "../../server/training/training";
import type { Work } from "../run/handler";
import { MODEL_PREFIX, openFolders } from "../training/models";
import { writeTemplate } from "../training/rows";

/** What transformers reads of a model's folder; other copies of the weights stay at home. */
const MODEL_FILE = /\.(safetensors|json|jinja|model|txt|tiktoken)$/;

interface Named {
  path: string;
  sha256: string;
}

/** Where the inputs lie in the folder of a job. */
export const inputPaths = { model: "model", adapter: "adapter" } as const;

/**
 * Brings rows and model into the artifact store, from where the job fetches them. Done once: a run that is taken
 * up again finds the names of its files.
 */
export async function sendInputs(
  work: Work,
  start: Model,
  { evalRows, chatTemplate }: { evalRows: number; chatTemplate?: string },
): Promise<void> {
  const { db, run, folder } = work;
  const there = new Set((await jobFiles(db, run.id)).map(({ path }) => path));
  if (there.has("train.jsonl")) return;
  const full = await fullModelOf(db, start);
  const inputs: Named[] = await modelFiles(work, full, inputPaths.model);
  if (start.format === "adapter") inputs.push(...(await modelFiles(work, start, inputPaths.adapter)));
  for (const path of ["train.jsonl", ...(evalRows > 0 ? ["eval.jsonl"] : [])])
    inputs.push({ path, sha256: await stored(work, join(folder, path), "application/jsonl") });
  const template = await writeTemplate(folder, chatTemplate);
  if (template)
    inputs.push({ path: template, sha256: await stored(work, join(folder, template), "text/plain") });
  await nameFiles(db, run.id, inputs);
}

/** A model that a run made lies in the store already; any other is brought there. */
async function modelFiles(work: Work, model: Model, prefix: string): Promise<Named[]> {
  if (model.source.kind === "run") {
    const files = (model.runId ? await runFiles(work.db, model.runId) : []).filter(({ name }) =>
      name.startsWith(MODEL_PREFIX),
    );
    if (files.length === 0) throw new Error(`The files of ${model.name} are gone.`);
    return files.map(({ name, sha256 }) => ({
      path: `${prefix}/${name.slice(MODEL_PREFIX.length)}`,
      sha256,
    }));
  }
  const opened = await openFolders(work, model);
  const directory = opened.adapter ?? opened.model;
  const inputs: Named[] = [];
  for (const { name, path } of modelFilesIn(directory)) {
    if (!MODEL_FILE.test(name)) continue;
    work.signal.throwIfAborted();
    inputs.push({ path: `${prefix}/${name}`, sha256: await stored(work, path, "application/octet-stream") });
  }
  return inputs;
}

async function stored({ db, store }: Work, path: string, mediaType: string): Promise<string> {
  const { sha256 } = await keepBytes(db, store, { bytes: createReadStream(path), mediaType });
  return sha256;
}

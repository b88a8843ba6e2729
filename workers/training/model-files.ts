import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { modelFilesIn } from "../../server/model/folder";
import { type Reference, referenceOf } from "../../server/model/reference";
import type { Model, ModelForm } from "../../server/model/schema";
import { fullModelOf } from "../../server/training/training";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";
import { engineCommand } from "./engines";
import { openFolders } from "./models";
import { writeOnnx } from "./onnx-file";
import { EngineProcess, sentenceOf } from "./process";

/**
 * The files of a model in the form that is asked for. What has to be made for it is made in the run's folder.
 * @param into the repository they will be pushed to
 */
export async function modelFiles(
  work: Work,
  { model, form, into }: { model: Model; form: ModelForm; into: string | null },
): Promise<RepositoryFile[]> {
  const { model: full, adapter } = await openFolders(work, model);
  if (form === "peft") {
    if (!adapter) throw new Error(`${model.name} is a full model and no PEFT adapter.`);
    const base = await referenceOf(work.db, { model: await fullModelOf(work.db, model), into });
    return withBase(work, modelFilesIn(adapter), base);
  }
  const directory = adapter ? await merged(work, { model: full, adapter }) : full;
  if (form === "full") return modelFilesIn(directory);
  const path = join(work.folder, "model.onnx");
  writeOnnx(directory, path);
  return [...modelFilesIn(directory), { name: "model.onnx", path }];
}

/** Base and adapter as one full model. A child merges: it reads every weight, and this process answers heartbeats. */
async function merged(work: Work, { model, adapter }: { model: string; adapter: string }): Promise<string> {
  const { folder, signal } = work;
  const out = join(folder, "merged");
  await rm(out, { recursive: true, force: true });
  const child = await EngineProcess.start(
    folder,
    engineCommand("merge", ["--model", model, "--adapter", adapter, "--out", out]),
  );
  const onAbort = () => child.kill();
  signal.addEventListener("abort", onAbort);
  const { code, complaint } = await child.ended.finally(() => signal.removeEventListener("abort", onAbort));
  signal.throwIfAborted();
  if (code !== 0) throw new Error(sentenceOf(complaint) || `Merging ended with status ${code}.`);
  return out;
}

const adapterConfig = "adapter_config.json";

/** An adapter's files with its base as others find it: the engine wrote where that lies on the machine that trained. */
async function withBase(
  { folder }: Work,
  files: readonly RepositoryFile[],
  { id, revision }: Reference,
): Promise<RepositoryFile[]> {
  return Promise.all(
    files.map(async (file) => {
      if (file.name !== adapterConfig) return file;
      const config = z.looseObject({}).parse(JSON.parse(await readFile(file.path, "utf8")));
      const path = join(folder, adapterConfig);
      const named = { ...config, base_model_name_or_path: id, revision };
      await writeFile(path, `${JSON.stringify(named, null, 2)}\n`);
      return { name: adapterConfig, path };
    }),
  );
}

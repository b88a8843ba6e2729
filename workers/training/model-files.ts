import { rm } from "node:fs/promises";
import { join } from "node:path";
import { modelFilesIn } from "../../server/model/folder";
import type { Model, ModelForm } from "../../server/model/schema";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";
import { engineCommand } from "./engines";
import { openFolders } from "./models";
import { writeOnnx } from "./onnx-file";
import { EngineProcess, sentenceOf } from "./process";

/** The files of a model in the form that is asked for. What has to be made for it is made in the run's folder. */
export async function modelFiles(
  work: Work,
  { model, form }: { model: Model; form: ModelForm },
): Promise<RepositoryFile[]> {
  const { model: full, adapter } = await openFolders(work, model);
  if (form === "peft") {
    if (!adapter) throw new Error(`${model.name} is a full model and no PEFT adapter.`);
    return modelFilesIn(adapter);
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

import { createReadStream } from "node:fs";
import { getModel } from "../../server/model/model";
import { modelExportSchema } from "../../server/model/schema";
import type { Handler } from "../handler";
import { rateOf } from "../rate";
import { writeModelCard } from "../training/model-card";
import { modelFiles } from "../training/model-files";

/** Stores a model's files in the form that is asked for, with a card that says where it comes from. */
export const exportModel: Handler = async (work) => {
  const { run, db, progress, attach } = work;
  const { modelId, form, licence } = modelExportSchema.parse(run.spec);
  if (!run.projectId) throw new Error("A model belongs to a project.");
  const model = await getModel(db, { projectId: run.projectId, modelId });
  const files = await writeModelCard(work, {
    model,
    form,
    licence,
    files: await modelFiles(work, { model, form }),
  });
  const rate = rateOf("files");
  for (const [i, { name, path }] of files.entries()) {
    await attach(name, "application/octet-stream", createReadStream(path));
    progress(rate(i + 1, files.length, name));
  }
  return { form, files: files.map(({ name }) => name) };
};

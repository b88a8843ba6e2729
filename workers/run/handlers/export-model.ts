import { createReadStream } from "node:fs";
import { getModel } from "../../../server/model/model";
import { modelExportSchema } from "../../../server/model/schema";
import { writeModelCard } from "../../training/model-card";
import { modelFiles } from "../../training/model-files";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Stores a model's files in the form that is asked for, with a card that says where it comes from. */
export const exportModel = handler(modelExportSchema, async (work) => {
  const { db, projectId, progress, attach } = work;
  const { modelId, form, licence } = work.spec;
  const model = await getModel(db, { projectId, modelId });
  const files = await writeModelCard(work, {
    model,
    form,
    licence,
    into: null,
    files: await modelFiles(work, { model, form, into: null }),
  });
  const rate = rateOf("files");
  for (const [i, { name, path }] of files.entries()) {
    await attach(name, "application/octet-stream", createReadStream(path));
    progress(rate(i + 1, files.length, name));
  }
  return { form, files: files.map(({ name }) => name) };
});

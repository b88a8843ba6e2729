import { getModel } from "../../server/model/model";
import { modelPushSchema } from "../../server/model/schema";
import type { Handler } from "../handler";
import { hubToken, pushToHub } from "../hub";
import { writeModelCard } from "../training/model-card";
import { modelFiles } from "../training/model-files";

/** Commits a model to a Hub repository, with a card that says where it comes from. */
export const pushModel: Handler = async (work) => {
  const { run, db, log } = work;
  const { modelId, form, licence, repository, private: isPrivate } = modelPushSchema.parse(run.spec);
  if (!run.projectId) throw new Error("A model belongs to a project.");
  const accessToken = await hubToken(work);
  const model = await getModel(db, { projectId: run.projectId, modelId });
  const files = await writeModelCard(work, {
    model,
    form,
    licence,
    files: await modelFiles(work, { model, form }),
  });
  await pushToHub(work, { repo: { type: "model", name: repository }, accessToken, isPrivate, files });
  await log("info", `Pushed ${files.length} files to ${repository}.`);
  return { repository, files: files.map(({ name }) => name) };
};

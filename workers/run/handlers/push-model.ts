import { getModel } from "../../../server/model/model";
import { modelPushSchema } from "../../../server/model/schema";
import { writeEvalResults } from "../../benchmark/eval-results";
import { writeModelCard } from "../../training/model-card";
import { modelFiles } from "../../training/model-files";
import { handler } from "../handler";
import { hubToken, pushToHub } from "../hub";

/** Commits a model to a Hub repository, with a card that says where it comes from. */
export const pushModel = handler(modelPushSchema, async (work) => {
  const { db, projectId, log } = work;
  const { modelId, form, licence, repository, private: isPrivate } = work.spec;
  const accessToken = await hubToken(work);
  const model = await getModel(db, { projectId, modelId });
  const files = await writeModelCard(work, {
    model,
    form,
    licence,
    into: repository,
    files: await modelFiles(work, { model, form, into: repository }),
  });
  files.push(...(await writeEvalResults(work, model)));
  await pushToHub(work, { repo: { type: "model", name: repository }, accessToken, isPrivate, files });
  await log("info", `Pushed ${files.length} files to ${repository}.`);
  return { repository, files: files.map(({ name }) => name) };
});

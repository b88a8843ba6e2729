import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { trainingMethods } from "../../../db/shape/training";
import { runChild } from "../../../server/child";
import { getModel } from "../../../server/model/model";
import { previewSchema, trainSpecSchema } from "../../../server/training/schema";
import { runYaml } from "../../../server/training/training";
import { engineCommand } from "../../training/engines";
import { openFolders } from "../../training/models";
import { sentenceOf } from "../../training/process";
import { writeInputs, writeTemplate } from "../../training/rows";
import { secondsPerStep } from "../../training/step-time";
import { handler } from "../handler";

const specSchema = trainSpecSchema.extend({ method: z.enum(trainingMethods) });

/** Looks at a training run and times a few of its steps, without starting it. Both engines see the same tokens, so ours does the looking. */
export const preview = handler(specSchema, async (work) => {
  const { projectId } = work;
  const { method, versionId, modelId, options, chatTemplate } = work.spec;
  const model = await getModel(work.db, { projectId, modelId });
  const folders = await openFolders(work, model);
  const { folder, signal } = work;
  const rows = await writeInputs(work.db, { folder, method, projectId, versionId });
  const file = join(folder, "run.yaml");
  const places = { ...folders, chatTemplate: await writeTemplate(folder, chatTemplate) };
  await writeFile(file, runYaml(method, options, { ...places, eval: rows.eval > 0 }));
  const { code, output, complaint } = await runChild(engineCommand("preview", [file]), {
    cwd: folder,
    signal,
  });
  if (code !== 0) throw new Error(sentenceOf(complaint) || `Looking at the run ended with status ${code}.`);
  return previewSchema.parse({
    ...JSON.parse(output),
    secondsPerStep: options.engine === "torch" ? null : await secondsPerStep(work, method, options, places),
    yaml: await readFile(file, "utf8"),
  });
});

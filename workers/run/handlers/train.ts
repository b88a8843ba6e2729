import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingMethod } from "../../../db/shape/training";
import { getModel } from "../../../server/model/model";
import { queuedTrainSpecSchema } from "../../../server/training/schema";
import { runYaml } from "../../../server/training/training";
import { trainOnRay } from "../../ray/handler";
import { Follower } from "../../training/follower";
import { openFolders } from "../../training/models";
import { keepModel, outputsIn } from "../../training/outputs";
import { writeInputs, writeTemplate } from "../../training/rows";
import { hasCheckpoint, runEngine } from "../../training/run-engine";
import { handler } from "../handler";

/**
 * Trains: writes the run's folder, starts the engine on it, follows its events into the database, and registers
 * the model that comes out. Attempted again, it goes on from the last checkpoint.
 */
export const train = (method: TrainingMethod) =>
  handler(queuedTrainSpecSchema, async (work) => {
    const { db, projectId, spec, folder } = work;
    const start = await getModel(db, { projectId, modelId: spec.modelId });
    const rows = await writeInputs(db, {
      folder,
      method,
      projectId,
      versionId: spec.versionId,
    });
    if (spec.options.cluster === "ray") {
      const { followed, outputs } = await trainOnRay(work, { method, start, spec, evalRows: rows.eval });
      return keepModel(work, { method, start, spec, followed, outputs });
    }
    const folders = await openFolders(work, start);
    await writeFile(
      join(folder, "run.yaml"),
      runYaml(method, spec.options, {
        ...folders,
        eval: rows.eval > 0,
        chatTemplate: await writeTemplate(folder, spec.chatTemplate),
      }),
    );

    const followed = new Follower(work, folders, spec.samplePrompts);
    if (!hasCheckpoint(folder)) followed.sampleStart();
    const ended = await runEngine(work, spec.options, followed, hasCheckpoint(folder) ? ["--resume"] : []);
    if (ended === "stopped") {
      await work.log("info", "Stopped: the model is made from the last checkpoint.");
      await runEngine(work, spec.options, followed, ["--resume", "--finish"]);
    }
    const outputs = outputsIn(work);
    return keepModel(work, { method, start, spec, followed, outputs });
  });

import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getModel } from "../../../server/model/model";
import { type PersonOptions, type TrainingMethod, trainSpecSchema } from "../../../server/training/schema";
import { runYaml } from "../../../server/training/training";
import { trainOnRay } from "../../ray/handler";
import { type Engine, trainCommand } from "../../training/engines";
import { Follower } from "../../training/follower";
import { openFolders } from "../../training/models";
import { keepModel, outputsIn } from "../../training/outputs";
import { EngineProcess, sentenceOf } from "../../training/process";
import { writeInputs, writeTemplate } from "../../training/rows";
import { handler, TransientError, type Work } from "../handler";

const POLL_MS = 500;

/**
 * Trains: writes the run's folder, starts the engine on it, follows its events into the database, and registers
 * the model that comes out. Attempted again, it goes on from the last checkpoint.
 */
export const train = (method: TrainingMethod) =>
  handler(trainSpecSchema, async (work) => {
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
    const ended = await runEngine(work, followed, hasCheckpoint(folder) ? ["--resume"] : []);
    if (ended === "stopped") {
      await work.log("info", "Stopped: the model is made from the last checkpoint.");
      await runEngine(work, followed, ["--resume", "--finish"]);
    }
    const outputs = outputsIn(work);
    return keepModel(work, { method, start, spec, followed, outputs });
  });

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "output/checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).some((name) => /^step-\d+$/.test(name));
}

/** One engine process from start to end. @throws what the engine says when it fails */
async function runEngine(
  work: Work & { spec: { options: PersonOptions } },
  followed: Follower,
  flags: readonly string[],
): Promise<"done" | "stopped"> {
  const { folder, signal, stop } = work;
  const { options } = work.spec;
  signal.throwIfAborted();
  const engine: Engine = options.engine === "torch" ? "torch" : "onnx";
  const command = trainCommand(engine, join(folder, "run.yaml"), options, flags);
  const child = await EngineProcess.start(folder, command);
  const finishing = flags.includes("--finish");
  const onStop = () => child.stop();
  const onAbort = () => child.kill();
  if (!finishing) stop.addEventListener("abort", onStop);
  signal.addEventListener("abort", onAbort);
  if (stop.aborted && !finishing) child.stop();
  let over = false;
  const ended = child.ended.finally(() => {
    over = true;
  });
  try {
    while (!over) {
      await followed.read({ pid: child.pid });
      await Promise.race([ended, sleep(POLL_MS)]);
    }
    await followed.finish();
    const { code, signal: killer, complaint } = await ended;
    signal.throwIfAborted();
    if (code === 0) return "done";
    if (stop.aborted && hasCheckpoint(folder)) return "stopped";
    if (stop.aborted) throw new Error("Stopped before the first step: there is nothing to keep.");
    if (killer)
      throw new TransientError(
        `The engine was ended by ${killer}, most likely because memory ran out. It goes on from its last checkpoint; if this happens again, lower per_device_train_batch_size or max_length.`,
      );
    const sentence = sentenceOf(complaint);
    // What the run fails with is logged anyway.
    if (complaint !== sentence) await work.log("error", complaint);
    throw new Error(sentence || `The engine ended with status ${code}.`);
  } finally {
    stop.removeEventListener("abort", onStop);
    signal.removeEventListener("abort", onAbort);
  }
}

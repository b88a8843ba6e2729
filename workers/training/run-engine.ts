import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Killed } from "../../server/child";
import { DiskFull } from "../../server/errors";
import type { PersonOptions } from "../../server/training/schema";
import type { Work } from "../run/handler";
import { type Engine, trainCommand } from "./engines";
import type { Follower } from "./follower";
import { EngineProcess, sentenceOf } from "./process";

const POLL_MS = 500;
/** How the engines, Python and Node say of a disk that it has no room left. */
const NO_ROOM =
  /the disk (is full|quota is used up)|ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/;

/** The step of the newest checkpoint in the run's folder; 0 where there is none to go on from. */
function newestCheckpoint(folder: string): number {
  const checkpoints = join(folder, "output/checkpoints");
  if (!existsSync(checkpoints)) return 0;
  return Math.max(0, ...readdirSync(checkpoints).map((name) => Number(/^step-(\d+)$/.exec(name)?.[1] ?? 0)));
}

/** Whether the run's folder has a checkpoint to go on from. */
export const hasCheckpoint = (folder: string): boolean => newestCheckpoint(folder) > 0;

/** One engine process on the run's run.yaml, from start to end. @throws what the engine says when it fails */
export async function runEngine(
  work: Work,
  options: PersonOptions,
  followed: Follower,
  flags: readonly string[],
): Promise<"done" | "stopped"> {
  const { folder, signal, stop } = work;
  signal.throwIfAborted();
  const before = newestCheckpoint(folder);
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
      throw new Killed(
        `The engine was ended by ${killer}, most likely because memory ran out. It goes on from its last checkpoint; if this happens again, lower per_device_train_batch_size or max_length.`,
        { gotFurther: newestCheckpoint(folder) > before },
      );
    const sentence = sentenceOf(complaint);
    // What the run fails with is logged anyway.
    if (complaint !== sentence) await work.log("error", complaint);
    if (NO_ROOM.test(complaint)) throw new DiskFull(sentence);
    throw new Error(sentence || `The engine ended with status ${code}.`);
  } finally {
    stop.removeEventListener("abort", onStop);
    signal.removeEventListener("abort", onAbort);
  }
}

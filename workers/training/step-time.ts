import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TrainingMethod } from "../../db/shape/training";
import type { PersonOptions } from "../../server/training/schema";
import { type RunFiles, runYaml } from "../../server/training/training";
import type { Work } from "../run/handler";
import { trainCommand } from "./engines";
import { EventFile } from "./events";
import { EngineProcess } from "./process";

/** The first step also warms up; the time between later ones is what a step takes. */
const STEPS = 4;
const PATIENCE_MS = 45_000;
const POLL_MS = 100;
/** Options that only make sense over a whole run. */
const WHOLE_RUN = ["eval_steps", "eval_on_start", "early_stopping_patience", "load_best_model_at_end"];

/**
 * Trains a few steps of a run on this machine, aside, and throws them away. The run's inputs lie in the folder.
 * @returns seconds a step, or null where it was not known in time
 */
export async function secondsPerStep(
  { folder, signal }: Work,
  method: TrainingMethod,
  options: PersonOptions,
  places: Pick<RunFiles, "model" | "adapter" | "chatTemplate">,
): Promise<number | null> {
  const output = "timing";
  const few = { max_steps: STEPS, logging_steps: 1, save_steps: 2 * STEPS };
  const whole = Object.fromEntries(WHOLE_RUN.map((name) => [name, undefined]));
  const file = join(folder, "timing.yaml");
  await writeFile(
    file,
    runYaml(method, { ...options, ...whole, ...few }, { ...places, eval: false, output }),
  );
  const engine = await EngineProcess.start(folder, trainCommand("onnx", file, options));
  const times: number[] = [];
  const events = new EventFile(join(folder, output, "events.jsonl"));
  const deadline = Date.now() + PATIENCE_MS;
  let over = false;
  const ended = engine.ended.finally(() => {
    over = true;
  });
  while (!over && !signal.aborted && times.length < STEPS && Date.now() < deadline) {
    await Promise.race([ended, sleep(POLL_MS)]);
    for (const event of await events.next())
      if (event.type === "metrics") times.push(Date.parse(String(event.time)));
  }
  engine.kill();
  await ended;
  signal.throwIfAborted();
  await rm(join(folder, output), { recursive: true, force: true });
  const last = times.at(-1);
  return last !== undefined && times.length > 1 ? (last - times[0]) / (times.length - 1) / 1000 : null;
}

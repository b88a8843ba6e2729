/** Checkpoints: `checkpoints/step-N/` appears complete or not at all, and holds all that resuming needs. */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson, writeText } from "../file/files";
import {
  openSafetensors,
  readFloat32,
  type Tensors,
  type WeightType,
  writeSafetensors,
} from "../file/safetensors";
import { type Adapter, readAdapter, saveAdapter } from "../model/adapter/peft";
import type { Model } from "../model/directory";
import { openModel, saveModel } from "../model/directory";
import type { Trainable } from "./optimizer";

/** What a run remembers besides its numbers. */
const progress = z.object({
  /** Steps done. */
  step: z.int().nonnegative(),
  /** Tokens seen, as TRL counts them. */
  tokens: z.int().nonnegative(),
  seconds: z.number(),
  rows: z.int().positive(),
  /** Of the rows' tokens; checkpoints of older versions have none. */
  rowsHash: z.string().optional(),
  /** Sums and counts since the last line of metrics. */
  window: z.record(z.string(), z.object({ sum: z.number(), count: z.number() })),
  best: z.object({ step: z.int(), value: z.number() }).nullable(),
  evaluationsWithoutGain: z.int().nonnegative(),
});
export type Progress = z.infer<typeof progress>;

/** What is trained, ready to be written. */
export interface TrainedWeights {
  readonly model: Model;
  /** Settings and tensor names of the adapter; null when all weights are trained. */
  readonly adapter: Adapter | null;
  readonly trainables: readonly Trainable[];
}

/** Writes the trained adapter, or the whole model, as PEFT and transformers do. */
export function saveWeights(
  directory: string,
  { model, adapter, trainables }: TrainedWeights,
  dtype: WeightType,
): void {
  const values = new Map(trainables.map(({ name, shape, data }) => [name, { shape, data }]));
  if (adapter) saveAdapter(directory, { ...adapter, tensors: values }, model.dir, model.config);
  else saveModel(directory, { model, values: (name) => values.get(name)?.data, dtype });
}

/** Reads back what `saveWeights` wrote in float32, into the trainables. */
function loadWeights(directory: string, { model, adapter, trainables }: TrainedWeights): void {
  const adapterTensors = adapter && readAdapter(directory, model.config).tensors;
  const modelTensors = adapter ? null : openModel(directory, model.config.head).tensors;
  for (const { name, data } of trainables) {
    const stored = modelTensors?.get(name);
    const values = adapterTensors?.get(name)?.data ?? (stored && readFloat32(stored));
    if (values?.length !== data.length) {
      throw new EngineError(
        `${directory} does not hold ${name} as this run trains it; it belongs to another run.`,
      );
    }
    data.set(values);
  }
}

const folderOf = (output: string) => join(output, "checkpoints");
const nameOf = (step: number) => `step-${step}`;

/** Writes a checkpoint and then removes the oldest beyond `keep`, but never the best one. Returns its path in `output`. */
export function saveCheckpoint(
  output: string,
  weights: TrainedWeights,
  state: Progress,
  keep: number | null,
): string {
  const complete = join(folderOf(output), nameOf(state.step));
  const partial = `${complete}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    saveWeights(partial, weights, "F32");
    writeSafetensors(
      join(partial, "optimizer.safetensors"),
      weights.trainables.flatMap(({ name, shape, first, second }) => [
        { name: `first.${name}`, shape, dtype: "F32", values: () => first },
        { name: `second.${name}`, shape, dtype: "F32", values: () => second },
      ]),
    );
    writeText(join(partial, "progress.json"), `${JSON.stringify(state)}\n`);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true }); // on a full disk it would only take room
    throw error;
  }
  rmSync(complete, { recursive: true, force: true });
  renameSync(partial, complete);
  if (keep !== null) prune(output, keep, state.best?.step);
  return join("checkpoints", nameOf(state.step));
}

/** The newest complete checkpoint, put back into the trainables; null when there is none. */
export function resumeFrom(output: string, weights: TrainedWeights): Progress | null {
  const step = checkpointSteps(output).at(-1);
  if (step === undefined) return null;
  const directory = join(folderOf(output), nameOf(step));
  const state = readJson(join(directory, "progress.json"), progress);
  loadWeights(directory, weights);
  const stored: Tensors = openSafetensors(join(directory, "optimizer.safetensors"));
  for (const { name, first, second } of weights.trainables) {
    for (const [part, target] of Object.entries({ first, second })) {
      const tensor = stored.get(`${part}.${name}`);
      if (!tensor)
        throw new EngineError(`${tensorFile(directory)} lacks ${part}.${name}; it belongs to another run.`);
      target.set(readFloat32(tensor));
    }
  }
  return state;
}

/** Puts the weights of one checkpoint back. */
export function loadCheckpointWeights(output: string, step: number, weights: TrainedWeights): void {
  loadWeights(join(folderOf(output), nameOf(step)), weights);
}

const tensorFile = (directory: string) => join(directory, "optimizer.safetensors");

/** Steps of the complete checkpoints, ascending. */
export function checkpointSteps(output: string): number[] {
  const folder = folderOf(output);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function prune(output: string, keep: number, best: number | undefined): void {
  for (const step of checkpointSteps(output).slice(0, -keep)) {
    if (step !== best) rmSync(join(folderOf(output), nameOf(step)), { recursive: true });
  }
}

import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import type { TrainingMethod } from "../../db/shape/training";
import { registerModel } from "../../server/model/model";
import type { Model } from "../../server/model/schema";
import { scoreForSelection } from "../../server/score/incoming";
import type { Work } from "../run/handler";
import type { Follower } from "./follower";
import { MODEL_PREFIX } from "./models";

/** A file that came out, to be named as one of the run's. */
export interface Output {
  /** Below the folder of the model. */
  name: string;
  keep(as: string, mediaType: string): Promise<unknown>;
}

/** What the engine left in the run's folder. */
export function outputsIn({ folder, attach }: Work): Output[] {
  const output = join(folder, "output/output");
  return readdirSync(output, { recursive: true, encoding: "utf8" }).map((name) => ({
    name,
    keep: (as, mediaType) => attach(as, mediaType, createReadStream(join(output, name))),
  }));
}

export interface Kept {
  method: TrainingMethod;
  start: Model;
  spec: { name: string; versionId: string; makes?: string };
  followed: Follower;
  outputs: readonly Output[];
}

/**
 * Names the files that came out and registers the model, in this order: a registered model has its files.
 * @returns the run's result
 */
export async function keepModel(
  work: Work,
  { method, start, spec, followed, outputs }: Kept,
): Promise<Record<string, unknown>> {
  const { run, db, folder, attach } = work;
  for (const { name, keep } of outputs.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    if (/\.[a-z]+$/i.test(name)) await keep(`${MODEL_PREFIX}${name}`, mediaTypeOf(name));
  for (const name of ["run.yaml", "output/events.jsonl"])
    await attach(name.replace("output/", ""), mediaTypeOf(name), createReadStream(join(folder, name)));
  const isAdapter = outputs.some(({ name }) => name === "adapter_config.json");
  const model = await registerModel(
    db,
    { personId: run.createdBy },
    {
      id: spec.makes,
      projectId: start.projectId,
      name: spec.name,
      method,
      format: isAdapter ? "adapter" : "full",
      source: { kind: "run" },
      baseId: isAdapter && start.format === "adapter" ? start.baseId : start.id,
      parentId: start.id,
      runId: run.id,
      versionId: spec.versionId,
      ...followed.heldOut(),
      createdBy: run.createdBy,
    },
  );
  if (method === "reward")
    await db.transaction((tx) => scoreForSelection(tx, { personId: run.createdBy }, model.projectId));
  const heldOutLoss = followed.lossCourse();
  return { modelId: model.id, ...followed.last, ...(heldOutLoss ? { heldOutLoss } : {}) };
}

function mediaTypeOf(name: string): string {
  if (name.endsWith(".json")) return "application/json";
  if (name.endsWith(".jsonl")) return "application/jsonl";
  if (name.endsWith(".md")) return "text/markdown";
  if (name.endsWith(".yaml")) return "application/yaml";
  return "application/octet-stream";
}

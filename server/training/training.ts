import { eq } from "drizzle-orm";
import { stringify } from "yaml";
import { z } from "zod";
import type { Db } from "../../db/client";
import { model } from "../../db/schema";
import type { RunRequirements } from "../../db/shape/run";
import type { TrainingMethod } from "../../db/shape/training";
import type { Actor } from "../audit/audit";
import { clusterSettings } from "../cluster/cluster";
import { getDataset, getVersion } from "../dataset/dataset";
import { invalid, notFound } from "../errors";
import { getModel } from "../model/model";
import type { Model } from "../model/schema";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { liveWorkers } from "../run/worker";
import { unknownFields } from "../unknown";
import {
  managedKeys,
  type PersonOptions,
  personOptionsSchema,
  type TrainSpec,
  trainableKinds,
} from "./schema";

export interface Launch extends TrainSpec {
  projectId: string;
  method: TrainingMethod;
  idempotencyKey?: string;
}

/** Queues a training run, after checking what can be checked without the engine. */
export async function launchTraining(
  db: Db,
  actor: Actor,
  launch: Launch & { groupId?: string },
): Promise<Run> {
  return db.transaction((tx) => queueTraining(tx, actor, launch));
}

async function queueTraining(tx: Db, actor: Actor, launch: Launch & { groupId?: string }): Promise<Run> {
  const { projectId, method, idempotencyKey, groupId, ...spec } = launch;
  await checkFit(tx, launch);
  await checkOptions(tx, launch);
  await checkCluster(tx, spec.options);
  return queueRun(tx, actor, {
    projectId,
    kind: method,
    title: spec.name,
    spec,
    requirements: requirementsOf(spec.options),
    idempotencyKey,
    groupId,
  });
}

/** A run that only looks: the first batch, dropped rows, memory, and the resolved run.yaml. */
export async function queuePreview(db: Db, actor: Actor, launch: Launch): Promise<Run> {
  const { projectId, method, idempotencyKey: _, ...spec } = launch;
  return db.transaction(async (tx) => {
    await checkFit(tx, launch);
    await checkOptions(tx, launch);
    return queueRun(tx, actor, {
      projectId,
      kind: "preview",
      title: `Look at ${spec.name}`,
      spec: { method, ...spec },
      // Any worker can look at a run that will train on a cluster.
      requirements: spec.options.cluster === undefined ? requirementsOf(spec.options) : {},
      maxAttempts: 1,
    });
  });
}

/** A grid: one run for each combination of the values, in one group. */
export async function launchSweep(
  db: Db,
  actor: Actor,
  { grid, ...launch }: Launch & { grid: Record<string, readonly unknown[]> },
): Promise<Run[]> {
  const points = combinations(grid);
  return db.transaction(async (tx) => {
    const [{ id: groupId }] = await tx.execute<{ id: string }>("select uuid7() as id");
    const runs: Run[] = [];
    for (const [index, point] of points.entries())
      runs.push(
        await queueTraining(tx, actor, {
          ...launch,
          groupId,
          name: `${launch.name} · ${Object.entries(point)
            .map(([key, value]) => `${key} ${String(value)}`)
            .join(", ")}`,
          options: withOptions(launch.options, point),
          idempotencyKey: launch.idempotencyKey && `${launch.idempotencyKey}/${index}`,
        }),
      );
    return runs;
  });
}

/** @throws NOT_FOUND for a sweep of another project */
export async function runsOfSweep(
  db: Db,
  { projectId, groupId }: { projectId: string; groupId: string },
): Promise<Run[]> {
  const runs = await db.query.run.findMany({
    where: (t, { and, eq }) => and(eq(t.projectId, projectId), eq(t.groupId, groupId)),
    orderBy: (t, { asc }) => asc(t.id),
  });
  if (runs.length === 0) throw notFound("The sweep");
  return runs;
}

/** `peft.r` reaches into `peft`; every other name is an option itself. */
function withOptions(options: Record<string, unknown>, point: Record<string, unknown>): PersonOptions {
  const result: Record<string, unknown> = structuredClone(options);
  for (const [path, value] of Object.entries(point)) {
    const [head, inner] = path.split(".");
    if (!inner) result[head] = value;
    else {
      const outer = result[head];
      result[head] = { ...(typeof outer === "object" ? outer : {}), [inner]: value };
    }
  }
  // A grid names options too: what a person may not set, no point of it may set.
  const checked = personOptionsSchema.safeParse(result);
  if (!checked.success) throw invalid(z.prettifyError(checked.error));
  return checked.data;
}

function combinations(grid: Record<string, readonly unknown[]>): Record<string, unknown>[] {
  return Object.entries(grid).reduce<Record<string, unknown>[]>(
    (points, [key, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
}

async function checkFit(tx: Db, { projectId, method, versionId, modelId }: Launch): Promise<void> {
  const version = await getVersion(tx, { projectId, versionId });
  const { kind } = await getDataset(tx, { projectId, datasetId: version.datasetId });
  const kinds: readonly string[] = trainableKinds[method];
  if (!kinds.includes(kind))
    throw invalid(`A ${method} run learns from ${kinds.join(", ")} datasets; this one is ${kind}.`);
  const start = await getModel(tx, { projectId, modelId });
  if (start.method === "reward" && method !== "reward")
    throw invalid(`${start.name} is a reward model: only a reward run can go on from it.`);
  if (!version.manifest.rows.train) throw invalid("The version has no rows in its train split.");
}

/**
 * Whether some connected engine has each option. Without a worker nobody knows: the one that comes then says so.
 * @throws BAD_REQUEST that names those that none has
 */
async function checkOptions(tx: Db, { method, options }: Pick<Launch, "method" | "options">): Promise<void> {
  const workers = await liveWorkers(tx);
  const shapes = workers.flatMap(({ capabilities }) => capabilities.options[method] ?? []);
  const unknown = unknownFields(options, {
    anyOf: shapes.map((shape) => withoutOptions(shape, managedKeys)),
  });
  if (shapes.length > 0 && unknown.length > 0)
    throw invalid(
      `No option of a ${method} run: ${unknown.join(", ")}. Those there are stand in its form and in GET training-options.`,
    );
}

async function checkCluster(tx: Db, { cluster, engine }: Record<string, unknown>): Promise<void> {
  if (cluster === undefined) return;
  if (engine !== "torch") throw invalid("cluster is an option of the torch engine: set engine to torch.");
  if (!(await clusterSettings(tx)))
    throw invalid("No cluster is set: an admin sets its address under Administration, Cluster.");
}

function requirementsOf({ engine, device, cluster }: Record<string, unknown>): RunRequirements {
  if (cluster === "ray") return { cluster };
  return {
    engine: engine === "torch" ? "torch" : "onnx",
    ...(device === "cuda" || device === "webgpu" ? { device } : {}),
  };
}

/** What the platform sets, with paths as they lie in the run's folder. */
export interface RunFiles {
  /** Folder of the full model. */
  model: string;
  /** Folder of the adapter that training goes on from. */
  adapter: string | null;
  eval: boolean;
  /** File of a chat template to use instead of the model's. */
  chatTemplate: string | null;
  output?: string;
}

/** The resolved run.yaml. The same folder with this file runs from the command line without the platform. */
export function runYaml(method: TrainingMethod, options: PersonOptions, files: RunFiles): string {
  return stringify({
    method,
    model: files.model,
    ...(files.adapter ? { adapter: files.adapter } : {}),
    train: "train.jsonl",
    ...(files.eval ? { eval: "eval.jsonl" } : {}),
    output: files.output ?? "output",
    ...(files.chatTemplate ? { chat_template_path: files.chatTemplate } : {}),
    // Samples come from checkpoints: one at each evaluation, unless the options say otherwise.
    ...(options.eval_steps == null ? {} : { save_steps: options.eval_steps }),
    ...options,
  });
}

/** The full model under a model: itself, or the base of an adapter. */
export async function fullModelOf(db: Db, start: Model): Promise<Model> {
  if (start.format === "full") return start;
  const [base] = start.baseId ? await db.select().from(model).where(eq(model.id, start.baseId)) : [];
  if (!base) throw new Error(`${start.name} is an adapter whose base model is gone.`);
  return base;
}

/** The engines' options by method, as JSON Schema: announced by the workers, so that pages offer what really exists. */
export async function trainingOptions(db: Db): Promise<Record<string, unknown>> {
  const workers = await liveWorkers(db);
  const options: Record<string, unknown> = Object.assign(
    {},
    ...workers.map(({ capabilities }) => capabilities.options),
  );
  const reached = workers.some(({ capabilities }) => capabilities.clusters?.length);
  const hidden = reached && (await clusterSettings(db)) ? managedKeys : [...managedKeys, ...clusterOptions];
  return Object.fromEntries(
    Object.entries(options).map(([method, shape]) => [method, withoutOptions(shape, hidden)]),
  );
}

/** Options that mean nothing while no cluster is set. */
const clusterOptions: readonly string[] = ["cluster", "num_workers", "use_gpu", "resources_per_worker"];

/** A method's JSON Schema without some of its options. */
function withoutOptions(shape: unknown, hidden: readonly string[]): unknown {
  const { data } = objectSchema.safeParse(shape);
  if (!data) return shape;
  const shown = (name: string) => !hidden.includes(name);
  return {
    ...data,
    properties: Object.fromEntries(Object.entries(data.properties).filter(([name]) => shown(name))),
    required: data.required.filter(shown),
  };
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
});

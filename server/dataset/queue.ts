import type { Db } from "../../db/client";
import type { Recipe } from "../../db/shape/dataset";
import type { Actor } from "../audit/audit";
import { labelling } from "../judge/labelling";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { getDataset, getVersion } from "./dataset";
import { planExport } from "./plan";
import { checkRaters, questionsOf } from "./question";
import type { ExportSpec, PushSpec } from "./schema";

/** The same key of the same person queues one run only. */
interface Asked {
  projectId: string;
  idempotencyKey?: string;
}

/**
 * Queues the freezing of a version.
 * @throws when the recipe has to name its question and does not, names a rater whom the project does not have, or
 * counts a judge that may not label and nobody says why
 */
export async function queueFreeze(
  db: Db,
  actor: Actor,
  {
    projectId,
    idempotencyKey,
    datasetId,
    recipe,
    despite,
  }: Asked & { datasetId: string; recipe: Recipe; despite?: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const { name, kind } = await getDataset(tx, { projectId, datasetId });
    await checkRaters(tx, { projectId, recipe });
    await questionsOf(tx, { projectId, kind, recipe });
    await labelling(tx, { projectId, ...recipe.filters, despite: despite ?? null });
    return queueRun(tx, actor, {
      projectId,
      kind: "freeze",
      title: `Freeze ${name}`,
      spec: { datasetId, recipe, ...(despite !== undefined && { despite }) },
      idempotencyKey,
    });
  });
}

/**
 * Queues the writing of a version's files.
 * @throws when the layout has no place for the version's rows or for the format
 */
export async function queueExport(
  db: Db,
  actor: Actor,
  { projectId, idempotencyKey, spec }: Asked & { spec: ExportSpec },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const version = await getVersion(tx, { projectId, versionId: spec.versionId });
    const { name, kind } = await getDataset(tx, { projectId, datasetId: version.datasetId });
    const { format } = await planExport(tx, { version, kind, spec });
    return queueRun(tx, actor, {
      projectId,
      kind: "export",
      title: `Export ${name} v${version.version} as ${format}`,
      spec: { ...spec },
      idempotencyKey,
    });
  });
}

/**
 * Queues the push of a version to the Hub.
 * @throws when the layout has no place for the version's rows or for the format
 */
export async function queuePush(
  db: Db,
  actor: Actor,
  { projectId, idempotencyKey, spec }: Asked & { spec: PushSpec },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const version = await getVersion(tx, { projectId, versionId: spec.versionId });
    const { kind } = await getDataset(tx, { projectId, datasetId: version.datasetId });
    await planExport(tx, { version, kind, spec });
    return queueRun(tx, actor, {
      projectId,
      kind: "push",
      title: `Push v${version.version} to ${spec.repository}`,
      spec: { ...spec },
      idempotencyKey,
    });
  });
}

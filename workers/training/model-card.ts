import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { getVersion } from "../../server/dataset/dataset";
import { modelCard } from "../../server/model/card";
import { lineageOf } from "../../server/model/model";
import type { Model, ModelForm } from "../../server/model/schema";
import { getRun } from "../../server/run/run";
import { managedKeys, trainingMethods } from "../../server/training/schema";
import { fullModelOf } from "../../server/training/training";
import { runShapes } from "../engine/spec/options";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";

/**
 * Puts the card of a model in the place of the one that its engine wrote, which does not know the judgements.
 * @returns the files with the card among them
 */
export async function writeModelCard(
  { db, folder }: Pick<Work, "db" | "folder">,
  {
    model,
    form,
    licence,
    files,
  }: { model: Model; form: ModelForm; licence: string; files: readonly RepositoryFile[] },
): Promise<RepositoryFile[]> {
  const { projectId } = model;
  const lineage = await lineageOf(db, { projectId, modelId: model.id });
  const path = join(folder, "README.md");
  await writeFile(
    path,
    modelCard({
      lineage,
      base: model.method === "base" ? null : await fullModelOf(db, model),
      version: lineage.version ? await getVersion(db, { projectId, versionId: lineage.version.id }) : null,
      options: model.runId ? resolvedOptions(await getRun(db, { projectId, runId: model.runId })) : {},
      form,
      licence,
    }),
  );
  return [...files.filter(({ name }) => name !== "README.md"), { name: "README.md", path }];
}

/** Of a spec as it was stored, maybe before options had today's rules. */
const storedSchema = z.object({ options: z.record(z.string(), z.unknown()) });

/** Every option of a training run, those that were left to the engine with its defaults. */
function resolvedOptions({ kind, spec }: { kind: string; spec: unknown }): Record<string, unknown> {
  const method = trainingMethods.find((one) => one === kind);
  if (!method) return {};
  const { options } = storedSchema.parse(spec);
  const resolved: Record<string, unknown> = runShapes[method].parse({
    ...options,
    method,
    model: ".",
    train: ".",
    output: ".",
  });
  return Object.fromEntries(
    Object.entries(resolved).filter(
      ([name, value]) => value !== null && !managedKeys.some((managed) => managed === name),
    ),
  );
}

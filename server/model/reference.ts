import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { run } from "../../db/schema";
import type { Model } from "./schema";

/** How others find a model. */
export interface Reference {
  /** Its repository on the Hub; where it has none, its name here. Never a path, which means nothing elsewhere. */
  id: string;
  /** The branch, tag or commit; null for the Hub's default and where it is not on the Hub. */
  revision: string | null;
  onHub: boolean;
}

/**
 * Where a model lies on the Hub: where it came from, else where it was pushed with all its weights.
 * @param into the repository that is about to be pushed over, which will hold it no longer
 */
export async function referenceOf(
  db: Db,
  { model, into }: { model: Model; into: string | null },
): Promise<Reference> {
  const { source } = model;
  if (source.kind === "hub") {
    const { repository, revision } = source;
    return { id: repository, revision: revision === "main" ? null : revision, onHub: true };
  }
  const repository = (await repositoriesOf(db, { modelId: model.id })).find((one) => one !== into);
  return { id: repository ?? model.name, revision: null, onHub: repository !== undefined };
}

/**
 * The repositories that hold a version's rows or a full model's weights, the newest first: those whose last push from
 * here was of it, since a push over another one replaces that one's files.
 */
export async function repositoriesOf(
  db: Db,
  of: { modelId: string } | { versionId: string },
): Promise<string[]> {
  const [key, id] = "modelId" in of ? ["modelId", of.modelId] : ["versionId", of.versionId];
  const repository = sql<string>`${run.spec}->>'repository'`;
  const last = db
    .selectDistinctOn([repository], {
      repository: repository.as("repository"),
      of: sql<string>`${run.spec}->>${key}::text`.as("of"),
      form: sql<string | null>`${run.spec}->>'form'`.as("form"),
      finishedAt: run.finishedAt,
    })
    .from(run)
    // Models and datasets are apart on the Hub: both may be called the same.
    .where(and(eq(run.kind, "push"), eq(run.status, "succeeded"), sql`${run.spec} ? ${key}`))
    .orderBy(repository, desc(run.finishedAt))
    .as("last");
  const found = await db
    .select({ repository: last.repository })
    .from(last)
    .where(and(eq(last.of, id), key === "modelId" ? inArray(last.form, ["full", "onnx"]) : undefined))
    .orderBy(desc(last.finishedAt));
  return found.map(({ repository }) => repository);
}

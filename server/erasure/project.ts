import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  annotation,
  datasetVersion,
  evaluation,
  membership,
  model,
  project,
  prompt,
  rater,
  response,
  run,
  task,
  upload,
} from "../../db/schema";
import { heldBy, releaseArtifacts, storedFor } from "../artifact/collect";
import { type Actor, audit } from "../audit/audit";
import { startCollection } from "../collection/collection";
import { conflict, invalid, notFound } from "../errors";
import { forgetTopics } from "../event/events";
import { forgetReplies } from "../rest/idempotency";
import type { ProjectContents } from "./schema";

/** All that would go with a project. */
export async function projectContents(db: Db, projectId: string): Promise<ProjectContents> {
  const tables = {
    members: membership,
    raters: rater,
    prompts: prompt,
    responses: response,
    tasks: task,
    judgements: annotation,
    versions: datasetVersion,
    models: model,
    evaluations: evaluation,
    runs: run,
    uploads: upload,
  } as const;
  const count = (name: keyof typeof tables) => db.$count(tables[name], eq(tables[name].projectId, projectId));
  const { own, shared } = await storedFor(db, projectId);
  return {
    members: await count("members"),
    raters: await count("raters"),
    prompts: await count("prompts"),
    responses: await count("responses"),
    tasks: await count("tasks"),
    judgements: await count("judgements"),
    versions: await count("versions"),
    models: await count("models"),
    evaluations: await count("evaluations"),
    runs: await count("runs"),
    uploads: await count("uploads"),
    files: own,
    sharedFiles: shared,
    going: await goingRuns(db, projectId),
  };
}

/** Runs that a worker works on now. One whose worker went silent is nobody's. */
async function goingRuns(db: Db, projectId: string): Promise<{ id: string; title: string }[]> {
  return db
    .select({ id: run.id, title: run.title })
    .from(run)
    .where(and(eq(run.projectId, projectId), eq(run.status, "running"), gt(run.leasedUntil, sql`now()`)))
    .orderBy(asc(run.id));
}

/**
 * Deletes a project and everything of it: rows at once, bytes and folders with the collection that is queued here. Its
 * name must be given, because nothing brings it back. The audit log keeps what was done when and by whom, without the
 * contents.
 * @throws CONFLICT while one of its runs goes on
 */
export async function deleteProject(
  db: Db,
  actor: Actor,
  { projectId, name }: { projectId: string; name: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [found] = await tx.select().from(project).where(eq(project.id, projectId)).for("update");
    if (!found) throw notFound("The project");
    if (found.name !== name.trim())
      throw invalid(`To delete the project, give its name exactly: ${found.name}`);
    await eraseProject(tx, projectId);
    await audit(tx, actor, {
      action: "project.delete",
      target: { kind: "project", id: projectId },
      projectId,
      before: { name: found.name, createdAt: found.createdAt },
    });
    await startCollection(tx, actor, { cause: "project deleted" });
  });
}

/** Takes a project's rows away, also those that name it without referring to it. */
export async function eraseProject(tx: Db, projectId: string): Promise<void> {
  // Nobody can queue another while the project's row goes, and none that waits can begin.
  await tx
    .update(run)
    .set({ status: "cancelled" })
    .where(and(eq(run.projectId, projectId), eq(run.status, "queued")));
  const going = await goingRuns(tx, projectId);
  if (going.length > 0)
    throw conflict(
      `Cancel what still runs, and delete the project when it has ended: ${going.map(({ title }) => title).join(", ")}.`,
    );
  const hashes = await heldBy(tx, projectId);
  const runs = await tx.select({ id: run.id }).from(run).where(eq(run.projectId, projectId));
  await tx.delete(project).where(eq(project.id, projectId));
  await releaseArtifacts(tx, hashes);
  await forgetTopics(tx, [
    ...[`project:${projectId}`, `runs:${projectId}`],
    ...runs.map(({ id }) => `run:${id}`),
  ]);
  await forgetReplies(tx, projectId);
  await tx.execute(sql`select audit_forget_project(${projectId})`);
}

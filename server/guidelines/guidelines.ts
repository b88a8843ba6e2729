import { and, desc, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { guidelineVersion, person, project } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { invalid, notFound } from "../errors";
import type { guidelineVersionSchema } from "./schema";

type Guidelines = z.infer<typeof guidelineVersionSchema>;

function guidelinesOf(db: Db, projectId: string) {
  return db
    .select({
      id: guidelineVersion.id,
      version: guidelineVersion.version,
      markdown: guidelineVersion.markdown,
      createdAt: guidelineVersion.createdAt,
      createdBy: { id: person.id, name: person.name },
    })
    .from(guidelineVersion)
    .leftJoin(person, eq(person.id, guidelineVersion.createdBy))
    .where(eq(guidelineVersion.projectId, projectId))
    .orderBy(desc(guidelineVersion.version));
}

/** All versions of the guidelines, newest first. */
export async function listGuidelines(db: Db, { projectId }: { projectId: string }): Promise<Guidelines[]> {
  return guidelinesOf(db, projectId);
}

/** The guidelines in force, null before any were written. */
export async function currentGuidelines(db: Db, projectId: string): Promise<Guidelines | null> {
  const [newest] = await guidelinesOf(db, projectId).limit(1);
  return newest ?? null;
}

/** @throws BAD_REQUEST when it is no version of the project's guidelines */
export async function requireGuidelines(
  db: Db,
  { projectId, guidelineVersionId }: { projectId: string; guidelineVersionId: string },
): Promise<void> {
  const known = and(eq(guidelineVersion.id, guidelineVersionId), eq(guidelineVersion.projectId, projectId));
  if ((await db.$count(guidelineVersion, known)) === 0)
    throw invalid(
      `shown.guidelineVersionId: ${guidelineVersionId} is no version of this project's guidelines. ` +
        "Send the one that was on the screen.",
    );
}

/** Two managers who save at once get consecutive versions. */
async function lockProject(tx: Db, projectId: string): Promise<void> {
  await tx.select({ id: project.id }).from(project).where(eq(project.id, projectId)).for("no key update");
}

/** Puts new guidelines in force. A judgement keeps the version that its desk showed. */
export async function addGuidelines(
  db: Db,
  actor: Actor,
  { projectId, markdown }: { projectId: string; markdown: string },
): Promise<Guidelines> {
  return db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const before = await currentGuidelines(tx, projectId);
    if (before?.markdown === markdown) return before;
    await tx.insert(guidelineVersion).values({
      projectId,
      version: (before?.version ?? 0) + 1,
      markdown,
      createdBy: actor.personId,
    });
    const after = await currentGuidelines(tx, projectId);
    if (!after) throw notFound("The guidelines");
    await audit(tx, actor, {
      action: "project.addGuidelines",
      target: { kind: "guidelines", id: after.id },
      projectId,
      before: before && { version: before.version },
      after: { version: after.version, markdown },
    });
    return after;
  });
}

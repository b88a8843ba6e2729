import { and, desc, eq, isNotNull } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { formVersion, guidelineVersion, membership, project } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { forbidden, notFound } from "../errors";
import { currentForm } from "../form/versions";
import { groupBy } from "../group";
import { currentGuidelines } from "../guidelines/guidelines";
import { raterOf } from "../rater/rater";
import { scoreForSelection } from "../score/incoming";
import { countSeats, progressOf, unsettledOf } from "../seat/count";
import { changeOverlap } from "../seat/overlap";
import { orderNewSeats, orderSeats } from "../seat/selection";
import type { ProjectRole, Viewer } from "../trpc";
import {
  type createProjectSchema,
  defaultQuestions,
  type Project,
  type projectDetailSchema,
  type updateProjectSchema,
} from "./schema";

type Detail = z.infer<typeof projectDetailSchema>;
type Row = typeof project.$inferSelect;

/** The projects a viewer is in (an admin: all of them), newest first, with how far each is. */
export async function listProjects(db: Db, viewer: Viewer) {
  const found = await db
    .select({ project, role: membership.role })
    .from(project)
    .leftJoin(membership, and(eq(membership.projectId, project.id), eq(membership.personId, viewer.personId)))
    .where(viewer.isAdmin ? undefined : isNotNull(membership.role))
    .orderBy(desc(project.id));
  const ids = found.map((row) => row.project.id);
  const seats = groupBy(await countSeats(db, ids), ({ projectId }) => projectId);
  const annotated = found.flatMap(({ project, role }) => (role === "annotator" ? [project.id] : []));
  const unsettled = await unsettledOf(db, { personId: viewer.personId, projectIds: annotated });
  return {
    items: found.map((row) => {
      const { wanted, submitted } = progressOf(seats.get(row.project.id) ?? []);
      return {
        ...row.project,
        role: row.role ?? ("manager" as const),
        seats: { wanted, submitted: Math.max(0, submitted - (unsettled.get(row.project.id) ?? 0)) },
      };
    }),
    mayCreate: viewer.isAdmin || found.some((row) => row.role === "manager"),
  };
}

async function mayCreate(db: Db, viewer: Viewer): Promise<boolean> {
  if (viewer.isAdmin) return true;
  const [managed] = await db
    .select({ role: membership.role })
    .from(membership)
    .where(and(eq(membership.personId, viewer.personId), eq(membership.role, "manager")))
    .limit(1);
  return managed !== undefined;
}

/**
 * Creates a project with its first form and, if given, its first guidelines; its creator becomes its manager.
 * Admins may, and whoever manages a project already.
 */
export async function createProject(
  db: Db,
  actor: Actor,
  { viewer, input }: { viewer: Viewer; input: z.infer<typeof createProjectSchema> },
): Promise<Detail> {
  if (!(await mayCreate(db, viewer)))
    throw forbidden("Only an admin, or a manager of another project, may create a project.");
  const { questions = defaultQuestions, guidelines, ...settings } = input;
  return db.transaction(async (tx) => {
    const [created] = await tx.insert(project).values(settings).returning();
    const by = { projectId: created.id, version: 1, createdBy: viewer.personId };
    await tx.insert(formVersion).values({ ...by, questions });
    if (guidelines.trim()) await tx.insert(guidelineVersion).values({ ...by, markdown: guidelines });
    await tx.insert(membership).values({ projectId: created.id, personId: viewer.personId, role: "manager" });
    await raterOf(tx, { projectId: created.id, personId: viewer.personId });
    await audit(tx, actor, {
      action: "project.create",
      target: { kind: "project", id: created.id },
      projectId: created.id,
      after: { ...settings, questions },
    });
    return detailOf(tx, created, "manager");
  });
}

async function detailOf(db: Db, row: Row, role: Project["role"]): Promise<Detail> {
  return {
    ...row,
    role,
    form: await currentForm(db, row.id),
    guidelines: await currentGuidelines(db, row.id),
  };
}

/**
 * Locked for `no key update`, it lets seats be taken meanwhile: whatever refers to a project asks whether it is there, and
 * would wait for a stronger lock, while a change of the overlap waits for the seats.
 */
async function rowOf(db: Db, projectId: string, lock?: "no key update"): Promise<Row> {
  const query = db.select().from(project).where(eq(project.id, projectId));
  const [found] = lock ? await query.for(lock) : await query;
  if (!found) throw notFound("The project");
  return found;
}

export async function getProject(
  db: Db,
  { projectId, role }: { projectId: string; role: ProjectRole },
): Promise<Detail> {
  return detailOf(db, await rowOf(db, projectId), role);
}

/**
 * Changes settings. Another overlap reaches the tasks that have the project's: raised, they get new seats;
 * lowered, seats that nobody has taken are closed.
 */
export async function updateProject(
  db: Db,
  actor: Actor,
  {
    projectId,
    role,
    settings,
  }: { projectId: string; role: ProjectRole; settings: z.infer<typeof updateProjectSchema> },
): Promise<Detail> {
  return db.transaction(async (tx) => {
    const before = await rowOf(tx, projectId, "no key update");
    if (Object.keys(settings).length === 0) return detailOf(tx, before, role);
    const [after] = await tx.update(project).set(settings).where(eq(project.id, projectId)).returning();
    if (after.overlap !== before.overlap)
      await changeOverlap(tx, { projectId, from: before.overlap, to: after.overlap });
    if (after.selection !== before.selection) {
      await orderSeats(tx, projectId);
      await scoreForSelection(tx, actor, projectId);
    } else if (after.overlap > before.overlap) await orderNewSeats(tx, projectId);
    await audit(tx, actor, {
      action: "project.update",
      target: { kind: "project", id: projectId },
      projectId,
      before,
      after,
    });
    return detailOf(tx, after, role);
  });
}

/** An archived project gives out no seats; everything in it can still be read, reviewed and exported. */
export async function archiveProject(
  db: Db,
  actor: Actor,
  { projectId, role, archived }: { projectId: string; role: ProjectRole; archived: boolean },
): Promise<Detail> {
  return db.transaction(async (tx) => {
    const before = await rowOf(tx, projectId, "no key update");
    if (archived === (before.archivedAt !== null)) return detailOf(tx, before, role);
    const [after] = await tx
      .update(project)
      .set({ archivedAt: archived ? new Date() : null })
      .where(eq(project.id, projectId))
      .returning();
    await audit(tx, actor, {
      action: archived ? "project.archive" : "project.restore",
      target: { kind: "project", id: projectId },
      projectId,
    });
    return detailOf(tx, after, role);
  });
}

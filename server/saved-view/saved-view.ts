import { and, asc, eq, or } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { person, savedView } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { newViewSchema, SavedView, ViewPage } from "./schema";

type Of = { projectId: string; personId: string };
type Stored = typeof savedView.$inferSelect;

const told = ({ id, name, address, shared }: Stored) => ({ id, name, address, shared });

/** A person's own views of a page, and those that others share in the project, by name. */
export async function listViews(
  db: Db,
  { projectId, personId, page }: Of & { page: ViewPage },
): Promise<SavedView[]> {
  const rows = await db
    .select({ view: savedView, personName: person.name })
    .from(savedView)
    .innerJoin(person, eq(person.id, savedView.personId))
    .where(
      and(
        eq(savedView.projectId, projectId),
        eq(savedView.page, page),
        or(eq(savedView.personId, personId), savedView.shared),
      ),
    )
    .orderBy(asc(savedView.name), asc(savedView.id));
  return rows.map(({ view, personName }) => ({
    ...told(view),
    page,
    personName,
    own: view.personId === personId,
  }));
}

/** Keeps what a table shows under a name; a name that the person has already takes the new content. */
export async function saveView(
  db: Db,
  actor: Actor,
  { projectId, personId, ...view }: Of & z.infer<typeof newViewSchema>,
): Promise<SavedView> {
  return db.transaction(async (tx) => {
    const [saved] = await tx
      .insert(savedView)
      .values({ projectId, personId, ...view })
      .onConflictDoUpdate({
        target: [savedView.projectId, savedView.personId, savedView.page, savedView.name],
        set: { address: view.address, shared: view.shared },
      })
      .returning();
    const target = { kind: "saved_view", id: saved.id };
    await audit(tx, actor, { action: "savedView.save", target, projectId, after: view });
    const [{ personName }] = await tx
      .select({ personName: person.name })
      .from(person)
      .where(eq(person.id, personId));
    return { ...told(saved), page: view.page, personName, own: true };
  });
}

/** @throws NOT_FOUND also for a view of somebody else */
export async function deleteView(
  db: Db,
  actor: Actor,
  { projectId, personId, viewId }: Of & { viewId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx
      .delete(savedView)
      .where(
        and(eq(savedView.id, viewId), eq(savedView.projectId, projectId), eq(savedView.personId, personId)),
      )
      .returning();
    if (!gone) throw notFound("The view");
    const target = { kind: "saved_view", id: viewId };
    await audit(tx, actor, { action: "savedView.delete", target, projectId, before: told(gone) });
  });
}

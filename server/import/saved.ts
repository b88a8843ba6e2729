import { and, asc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { importMapping } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import {
  type ColumnMapping,
  columnMappingSchema,
  type ImportOptions,
  type RequestedOptions,
  type SavedMapping,
} from "./schema";

type InProject = { projectId: string };
type Stored = typeof importMapping.$inferSelect;

const told = ({ id, name, mapping, createdAt }: Stored): SavedMapping => ({
  id,
  name,
  mapping: columnMappingSchema.parse(mapping),
  createdAt,
});

/** The mappings of a project, by name. */
export async function listMappings(db: Db, { projectId }: InProject): Promise<SavedMapping[]> {
  const rows = await db
    .select()
    .from(importMapping)
    .where(eq(importMapping.projectId, projectId))
    .orderBy(asc(importMapping.name));
  return rows.map(told);
}

/** @throws CONFLICT where the project has a mapping of that name */
export async function saveMapping(
  db: Db,
  actor: Actor,
  { projectId, name, mapping }: InProject & { name: string; mapping: ColumnMapping },
): Promise<SavedMapping> {
  return db.transaction(async (tx) => {
    const [saved] = await tx
      .insert(importMapping)
      .values({ projectId, name, mapping, createdBy: actor.personId })
      .onConflictDoNothing()
      .returning();
    if (!saved) throw taken(name);
    const target = { kind: "import_mapping", id: saved.id };
    await audit(tx, actor, { action: "import.saveMapping", target, projectId, after: { name, mapping } });
    return told(saved);
  });
}

/** Gives a mapping another name, or another content under its name. @throws CONFLICT where the name is taken */
export async function changeMapping(
  db: Db,
  actor: Actor,
  {
    projectId,
    mappingId,
    name,
    mapping,
  }: InProject & { mappingId: string; name?: string; mapping?: ColumnMapping },
): Promise<SavedMapping> {
  return db.transaction(async (tx) => {
    const home = and(eq(importMapping.id, mappingId), eq(importMapping.projectId, projectId));
    const [before] = await tx.select().from(importMapping).where(home).for("update");
    if (!before) throw notFound("The mapping");
    const after = { name: name ?? before.name, mapping: mapping ?? before.mapping };
    if (after.name !== before.name) {
      const [other] = await tx
        .select({ id: importMapping.id })
        .from(importMapping)
        .where(and(eq(importMapping.projectId, projectId), eq(importMapping.name, after.name)));
      if (other) throw taken(after.name);
    }
    const [changed] = await tx.update(importMapping).set(after).where(home).returning();
    await audit(tx, actor, {
      action: "import.changeMapping",
      target: { kind: "import_mapping", id: mappingId },
      projectId,
      before: { name: before.name, mapping: before.mapping },
      after,
    });
    return told(changed);
  });
}

/** What was imported with it stays, and says itself which columns were taken. */
export async function deleteMapping(
  db: Db,
  actor: Actor,
  { projectId, mappingId }: InProject & { mappingId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx
      .delete(importMapping)
      .where(and(eq(importMapping.id, mappingId), eq(importMapping.projectId, projectId)))
      .returning();
    if (!gone) throw notFound("The mapping");
    await audit(tx, actor, {
      action: "import.deleteMapping",
      target: { kind: "import_mapping", id: mappingId },
      projectId,
      before: { name: gone.name, mapping: gone.mapping },
    });
  });
}

/**
 * Options whose mapping is the mapping itself, where it was named: a run keeps what it was done with.
 * @throws BAD_REQUEST naming the mappings that there are
 */
export async function withMapping(
  db: Db,
  { projectId, options: { mapping, ...options } }: InProject & { options: RequestedOptions },
): Promise<ImportOptions> {
  if (typeof mapping !== "string") return { ...options, mapping };
  const known = await listMappings(db, { projectId });
  const found = known.find(({ name }) => name === mapping);
  if (found) return { ...options, mapping: found.mapping };
  const names = known.map(({ name }) => `"${name}"`).join(", ");
  throw invalid(
    `The project has no mapping called "${mapping}". ${names ? `There are ${names}.` : "None was saved yet."}`,
  );
}

const taken = (name: string) =>
  conflict(`The project already has a mapping called "${name}". Choose another name, or change that one.`);

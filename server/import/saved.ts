import { and, asc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { importMapping } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { limits } from "../limits";
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

/**
 * The mappings of a project, for one who changes them: whoever comes at the same time waits, so that names are counted
 * and compared as they are.
 */
async function held(tx: Db, projectId: string): Promise<Pick<Stored, "id" | "name">[]> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`mappings ${projectId}`}, 0))`);
  return tx
    .select({ id: importMapping.id, name: importMapping.name })
    .from(importMapping)
    .where(eq(importMapping.projectId, projectId));
}

/**
 * @throws CONFLICT where the project has a mapping of that name
 * @throws BAD_REQUEST where it has as many as it may
 */
export async function saveMapping(
  db: Db,
  actor: Actor,
  { projectId, name, mapping }: InProject & { name: string; mapping: ColumnMapping },
): Promise<SavedMapping> {
  return db.transaction(async (tx) => {
    const known = await held(tx, projectId);
    if (known.some((one) => one.name === name)) throw taken(name);
    if (known.length >= limits.savedMappings)
      throw invalid(
        `A project keeps up to ${limits.savedMappings} mappings, and this one has them all. Delete one that is no longer used.`,
      );
    const [saved] = await tx
      .insert(importMapping)
      .values({ projectId, name, mapping, createdBy: actor.personId })
      .returning();
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
    const known = await held(tx, projectId);
    const [before] = await tx.select().from(importMapping).where(home).for("update");
    if (!before) throw notFound("The mapping");
    const after = { name: name ?? before.name, mapping: mapping ?? before.mapping };
    if (known.some((one) => one.name === after.name && one.id !== mappingId)) throw taken(after.name);
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

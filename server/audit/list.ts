import { and, desc, eq, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  auditEntry,
  dataset,
  datasetVersion,
  importMapping,
  judge,
  model,
  person,
  project,
  rater,
  run,
  savedView,
} from "../../db/schema";
import { csvLine } from "../csv";
import type { AuditEntry, AuditFilter } from "./schema";

/** How many entries an export holds in memory. */
const EXPORT_PAGE = 1000;

function matching(filter: AuditFilter): SQL | undefined {
  const { personId, projectId, action, targetId, from, until } = filter;
  return and(
    personId ? eq(auditEntry.personId, personId) : undefined,
    projectId ? eq(auditEntry.projectId, projectId) : undefined,
    action ? sql`starts_with(${auditEntry.action}, ${action})` : undefined,
    targetId ? eq(auditEntry.targetId, targetId) : undefined,
    from ? gte(auditEntry.at, from) : undefined,
    until ? lt(auditEntry.at, until) : undefined,
  );
}

/** What was changed, newest first. Ids are ordered by time, so the last one is the cursor. */
export async function listAudit(
  db: Db,
  { cursor, limit, ...filter }: AuditFilter & { cursor?: string; limit: number },
): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
  const rows = await db
    .select({
      id: auditEntry.id,
      at: auditEntry.at,
      personId: auditEntry.personId,
      personName: person.name,
      tokenId: auditEntry.tokenId,
      address: auditEntry.address,
      projectId: auditEntry.projectId,
      action: auditEntry.action,
      targetKind: auditEntry.targetKind,
      targetId: auditEntry.targetId,
      before: auditEntry.before,
      after: auditEntry.after,
    })
    .from(auditEntry)
    .leftJoin(person, eq(person.id, auditEntry.personId))
    .where(and(matching(filter), cursor ? lt(auditEntry.id, cursor) : undefined))
    .orderBy(desc(auditEntry.id))
    .limit(limit + 1);
  const items = await named(db, rows.slice(0, limit));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

type Bare = Omit<AuditEntry, "targetName" | "projectName">;

/** What things are called, by kind: one question a kind. */
const namesOf: Record<string, (db: Db, ids: string[]) => Promise<{ id: string; name: string }[]>> = {
  project: (db, ids) =>
    db.select({ id: project.id, name: project.name }).from(project).where(inArray(project.id, ids)),
  person: (db, ids) =>
    db.select({ id: person.id, name: person.name }).from(person).where(inArray(person.id, ids)),
  run: (db, ids) => db.select({ id: run.id, name: run.title }).from(run).where(inArray(run.id, ids)),
  model: (db, ids) => db.select({ id: model.id, name: model.name }).from(model).where(inArray(model.id, ids)),
  judge: (db, ids) => db.select({ id: judge.id, name: judge.name }).from(judge).where(inArray(judge.id, ids)),
  rater: (db, ids) => db.select({ id: rater.id, name: rater.name }).from(rater).where(inArray(rater.id, ids)),
  dataset: (db, ids) =>
    db.select({ id: dataset.id, name: dataset.name }).from(dataset).where(inArray(dataset.id, ids)),
  dataset_version: (db, ids) =>
    db
      .select({
        id: datasetVersion.id,
        name: sql<string>`${dataset.name} || ' v' || ${datasetVersion.version}`,
      })
      .from(datasetVersion)
      .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
      .where(inArray(datasetVersion.id, ids)),
  import_mapping: (db, ids) =>
    db
      .select({ id: importMapping.id, name: importMapping.name })
      .from(importMapping)
      .where(inArray(importMapping.id, ids)),
  saved_view: (db, ids) =>
    db.select({ id: savedView.id, name: savedView.name }).from(savedView).where(inArray(savedView.id, ids)),
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function named(db: Db, entries: readonly Bare[]): Promise<AuditEntry[]> {
  const wanted = new Map<string, Set<string>>([["project", new Set()]]);
  for (const { targetKind, targetId, projectId } of entries) {
    if (uuid.test(targetId)) wanted.set(targetKind, (wanted.get(targetKind) ?? new Set()).add(targetId));
    if (projectId) wanted.get("project")?.add(projectId);
  }
  const found = await Promise.all(
    [...wanted].map(async ([kind, ids]) => {
      const names = ids.size > 0 ? await namesOf[kind]?.(db, [...ids]) : undefined;
      return [kind, new Map((names ?? []).map(({ id, name }) => [id, name]))] as const;
    }),
  );
  const names = new Map(found);
  const nameOf = (kind: string, id: string | null) => (id && names.get(kind)?.get(id)) || null;
  return entries.map((entry) => ({
    ...entry,
    targetName: nameOf(entry.targetKind, entry.targetId),
    projectName: nameOf("project", entry.projectId),
  }));
}

export const auditFormats = ["csv", "jsonl"] as const;
export type AuditFormat = (typeof auditFormats)[number];

/**
 * The whole filtered log as text, page by page.
 * @param dbNow asked for each page: throws when whoever reads may no longer
 */
export async function* exportAudit(
  dbNow: () => Promise<Db>,
  filter: AuditFilter,
  format: AuditFormat,
): AsyncGenerator<string> {
  if (format === "csv") {
    yield csvLine(CSV_COLUMNS);
  }
  let cursor: string | undefined;
  do {
    const page = await listAudit(await dbNow(), { ...filter, cursor, limit: EXPORT_PAGE });
    for (const entry of page.items) {
      yield format === "csv" ? csvLine(csvCells(entry)) : `${JSON.stringify(entry)}\n`;
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
}

const CSV_COLUMNS = [
  ...["at", "person", "personId", "tokenId", "address", "projectId"],
  ...["action", "targetKind", "targetId", "before", "after"],
];

function csvCells(entry: AuditEntry): (string | null)[] {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  return [
    ...[
      entry.at.toISOString(),
      entry.personName,
      entry.personId,
      entry.tokenId,
      entry.address,
      entry.projectId,
    ],
    ...[entry.action, entry.targetKind, entry.targetId, json(entry.before), json(entry.after)],
  ];
}

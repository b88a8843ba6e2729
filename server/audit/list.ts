import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { auditEntry, person } from "../../db/schema";
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
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
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

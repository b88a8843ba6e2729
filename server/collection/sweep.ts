import { and, isNotNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Db } from "../../db/client";
import { emailChange, event, idempotentReply, session, signInAttempt, signInLink } from "../../db/schema";
import type { Collectable, Collected } from "./schema";

const ago = (time: string) => sql`now() - ${time}::interval`;

const outdated: readonly { what: Collectable; table: PgTable; where: SQL | undefined }[] = [
  // No open page has been away for so long; what a run did is in its log.
  { what: "event", table: event, where: lt(event.at, ago("7 days")) },
  { what: "reply", table: idempotentReply, where: lt(idempotentReply.createdAt, ago("24 hours")) },
  { what: "attempt", table: signInAttempt, where: lt(signInAttempt.at, ago("1 hour")) },
  { what: "link", table: signInLink, where: lt(signInLink.expiresAt, ago("30 days")) },
  {
    what: "emailChange",
    table: emailChange,
    where: or(
      and(isNotNull(emailChange.expiresAt), lt(emailChange.expiresAt, ago("30 days"))),
      lt(emailChange.createdAt, ago("90 days")),
    ),
  },
  // Kept for a while after their end: an address that somebody signed in from is no stranger's.
  { what: "session", table: session, where: lt(session.seenAt, ago("90 days")) },
];

/** Deletes the rows that nobody can ask for any more. Any number of collections may do it at once. */
export async function sweep(db: Db): Promise<Collected[]> {
  const collected: Collected[] = [];
  for (const { what, table, where } of outdated) {
    const { count } = await db.delete(table).where(where);
    collected.push({ what, count, bytes: 0 });
  }
  return collected;
}

import { and, isNotNull, lt, or, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { emailChange, event, idempotentReply, session, signInAttempt, signInLink } from "../db/schema";

const ago = (time: string) => sql`now() - ${time}::interval`;

/** Deletes what nobody can ask for any more. Any number of sites may do it at once. */
export async function sweep(db: Db): Promise<void> {
  // No open page has been away for so long; what a run did is in its log.
  await db.delete(event).where(lt(event.at, ago("7 days")));
  await db.delete(idempotentReply).where(lt(idempotentReply.createdAt, ago("24 hours")));
  await db.delete(signInAttempt).where(lt(signInAttempt.at, ago("1 hour")));
  await db.delete(signInLink).where(lt(signInLink.expiresAt, ago("30 days")));
  await db
    .delete(emailChange)
    .where(
      or(
        and(isNotNull(emailChange.expiresAt), lt(emailChange.expiresAt, ago("30 days"))),
        lt(emailChange.createdAt, ago("90 days")),
      ),
    );
  // Kept for a while after their end: an address that somebody signed in from is no stranger's.
  await db.delete(session).where(lt(session.seenAt, ago("90 days")));
}

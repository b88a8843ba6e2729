import { and, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { apiToken, person, session } from "../../db/schema";

/** How somebody proved who they are. */
interface Proof {
  personId: string;
  tokenId: string | null;
  sessionId?: string | null;
}

/**
 * What a person who proved who they are some time ago is now.
 * @returns undefined when they are disabled, or the token or session that proved it has ended
 */
export async function standingOf(
  db: Db,
  { personId, tokenId, sessionId }: Proof,
): Promise<{ isAdmin: boolean } | undefined> {
  const token = db
    .select({ one: sql`1` })
    .from(apiToken)
    .where(
      and(
        eq(apiToken.id, tokenId ?? personId),
        isNull(apiToken.revokedAt),
        or(isNull(apiToken.expiresAt), gt(apiToken.expiresAt, sql`now()`)),
      ),
    );
  const cookie = db
    .select({ one: sql`1` })
    .from(session)
    .where(and(eq(session.id, sessionId ?? personId), isNull(session.endedAt)));
  const [found] = await db
    .select({ isAdmin: person.isAdmin })
    .from(person)
    .where(
      and(
        eq(person.id, personId),
        isNull(person.disabledAt),
        tokenId ? sql`exists ${token}` : undefined,
        sessionId ? sql`exists ${cookie}` : undefined,
      ),
    );
  return found;
}

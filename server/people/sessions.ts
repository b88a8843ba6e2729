import { and, desc, eq, gt, isNull, lt, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { person, session } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import { releaseSeatsOf } from "../seat/seat";
import type { Caller } from "./caller";
import type { sessionSchema } from "./schema";

/** A session that nobody used for this long is over. */
export const SESSION_DAYS = 30;
/** Ended ones are kept, because an address that somebody signed in from is no stranger's. */
const KEPT_DAYS = 90;
const NOTED_MS = 5 * 60_000;

const daysAgo = (days: number) => sql`now() - make_interval(days => ${days})`;
const live = and(isNull(session.endedAt), gt(session.seenAt, daysAgo(SESSION_DAYS)));

/** Begins a session: a cookie holds its id, and counts as long as the session has not ended. */
export async function beginSession(
  db: Db,
  { personId, address, agent }: Caller & { personId: string },
): Promise<string> {
  return db.transaction(async (tx) => {
    await tx
      .delete(session)
      .where(and(eq(session.personId, personId), lt(session.seenAt, daysAgo(KEPT_DAYS))));
    await tx
      .update(person)
      .set({ signedInAt: sql`coalesce(${person.signedInAt}, now())` })
      .where(eq(person.id, personId));
    const [begun] = await tx
      .insert(session)
      .values({ personId, address, agent })
      .returning({ id: session.id });
    return begun.id;
  });
}

/** Whose session it is, as they are now; absent when it ended, or its person is disabled. */
export async function findSession(db: Db, sessionId: string) {
  const [found] = await db
    .select({
      sessionId: session.id,
      seenAt: session.seenAt,
      personId: person.id,
      name: person.name,
      email: person.email,
      isAdmin: person.isAdmin,
    })
    .from(session)
    .innerJoin(person, eq(person.id, session.personId))
    .where(and(eq(session.id, sessionId), live, isNull(person.disabledAt)));
  if (!found) return undefined;
  const { seenAt, ...viewer } = found;
  if (Date.now() - seenAt.getTime() > NOTED_MS)
    await db.update(session).set({ seenAt: sql`now()` }).where(eq(session.id, sessionId));
  return viewer;
}

/** Whether somebody signed in from this address before. */
export async function isFamiliar(
  db: Db,
  { personId, address }: { personId: string; address: string },
): Promise<boolean> {
  const known = and(eq(session.personId, personId), eq(session.address, address));
  return (await db.$count(session, known)) > 0;
}

/** A person's sessions, the last used first. */
export async function listSessions(
  db: Db,
  { personId, sessionId }: { personId: string; sessionId: string | null },
): Promise<z.infer<typeof sessionSchema>[]> {
  const rows = await db
    .select({
      id: session.id,
      address: session.address,
      agent: session.agent,
      createdAt: session.createdAt,
      seenAt: session.seenAt,
    })
    .from(session)
    .where(and(eq(session.personId, personId), live))
    .orderBy(desc(session.seenAt));
  return rows.map((row) => ({ ...row, isThis: row.id === sessionId }));
}

/** Ends one session of a person at once, wherever its cookie has been copied to. */
export async function endSession(
  db: Db,
  actor: Actor,
  { personId, sessionId }: { personId: string; sessionId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [ended] = await tx
      .update(session)
      .set({ endedAt: sql`now()` })
      .where(and(eq(session.id, sessionId), eq(session.personId, personId), isNull(session.endedAt)))
      .returning({ id: session.id });
    if (!ended) throw notFound("The session");
    await audit(tx, actor, { action: "session.end", target: { kind: "session", id: sessionId } });
  });
}

/** Ends all sessions of a person, with whom the seats they held go back to others; or all but one. */
export async function endSessions(tx: Db, personId: string, { but }: { but?: string } = {}): Promise<void> {
  await tx
    .update(session)
    .set({ endedAt: sql`now()` })
    .where(
      and(eq(session.personId, personId), isNull(session.endedAt), but ? ne(session.id, but) : undefined),
    );
  if (!but) await releaseSeatsOf(tx, { personId });
}

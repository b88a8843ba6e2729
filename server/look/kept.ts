import { setTimeout as sleep } from "node:timers/promises";
import { and, eq, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { annotation, keptAnswer } from "../../db/schema";
import type { KeptFailure, KeptKind } from "../../db/shape/kept";
import { invalid, notFoundAs, unavailable } from "../errors";

/** Workers hear on it that an answer waits; a slow poll covers what is lost. */
export const KEPT_CHANNEL = "concord_kept";

/** With more judgements than this a request computes nothing of all of them: a worker does. */
const LARGE = 10_000;
/** Judgements come in bursts: a worker waits so long after the first that an answer does not know. */
export const SETTLE_MS = 500;
/** An answer is of what stood at most so long ago, or of what stands. */
const AGE = sql`interval '30 seconds'`;
/** A worker that is gone for so long has its answer made by another. */
const LEASE = sql`interval '2 minutes'`;
/** What nobody has asked for since is not made again until somebody does. */
const WANTED = sql`interval '10 minutes'`;
const POLL_MS = 250;
const PATIENCE_MS = 60_000;
/** Workers look every five seconds: where none makes anything for so long, there is none. */
const NOBODY_MS = 12_000;
/** What failed by a defect, or by what was away, is tried again so much later, if somebody asks then. */
const RETRY = AGE;

/** Counts up when answers are made otherwise: those of before are then not asked for any more. */
const MAKE = 1;

interface Asked {
  projectId: string;
  kind: KeptKind;
  input: object;
}

/** Whether a project has so many judgements that what they come to is kept. */
export async function isLarge(db: Db, projectId: string): Promise<boolean> {
  const [{ large }] = await db.execute<{ large: boolean }>(sql`
    select count(*) > ${LARGE}::int as large from (
      select from ${annotation} where ${annotation.projectId} = ${projectId} and current limit ${LARGE + 1}::int) first`);
  return large;
}

function keyOf(input: object): string {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return `${MAKE} ${JSON.stringify(given.sort(([one], [other]) => (one < other ? -1 : 1)))}`;
}

/**
 * What was asked for, as a worker made it, of the votes as they stand or stood half a minute ago; waits for the worker
 * where it is older.
 * @throws what making it threw, or SERVICE_UNAVAILABLE when no worker makes it within a minute, or none is at work
 */
export async function keptAnswerTo(db: Db, { projectId, kind, input }: Asked): Promise<unknown> {
  const key = keyOf(input);
  const mine = and(eq(keptAnswer.projectId, projectId), eq(keptAnswer.kind, kind), eq(keptAnswer.key, key));
  const ask = () =>
    db
      .insert(keptAnswer)
      .values({ projectId, kind, key, input, dirtyAt: sql`now() - interval '1 minute'` })
      .onConflictDoUpdate({
        target: [keptAnswer.projectId, keptAnswer.kind, keptAnswer.key],
        set: { askedAt: sql`now()` },
        setWhere: sql`${keptAnswer.askedAt} < now() - interval '1 minute'`,
      });
  await ask();
  const until = Date.now() + PATIENCE_MS;
  let lastAtWork = Date.now();
  for (let told = false; ; told = true) {
    const [now] = await db
      .select({
        answer: keptAnswer.answer,
        failed: keptAnswer.failed,
        isFresh: sql<boolean>`${keptAnswer.madeAt} is not null and (${keptAnswer.madeAt} > now() - ${AGE}
          or (${keptAnswer.dirtyAt} is null and ${keptAnswer.leasedUntil} is null))`,
        isAnyAtWork: sql<boolean>`exists (select from ${keptAnswer} other where other.leased_until > now())`,
      })
      .from(keptAnswer)
      .where(mine);
    // Forgotten by what it says beside the votes, while it was waited for.
    if (!now) await ask();
    if (now?.isAnyAtWork) lastAtWork = Date.now();
    if (now?.isFresh) return now.failed ? fail(now.failed) : now.answer;
    if (Date.now() > until)
      throw unavailable(
        "This is being reckoned anew from all judgements, which takes a worker more than a minute. Ask again later.",
      );
    if (Date.now() - lastAtWork > NOBODY_MS)
      throw unavailable(
        "A worker reckons this from all judgements, and none is at work: start one, or ask again later.",
      );
    if (!told) await db.execute(sql`select pg_notify(${KEPT_CHANNEL}, '')`);
    await sleep(POLL_MS);
  }
}

function fail({ code, message }: KeptFailure): never {
  if (code === "BAD_REQUEST") throw invalid(message);
  if (code === "NOT_FOUND") throw notFoundAs(message);
  throw unavailable(`This could not be reckoned: ${message}`);
}

/** Says that what answers are made of has changed; of all kinds, or of one. */
export async function markKept(tx: Db, projectId: string, kind?: KeptKind): Promise<void> {
  const marked = await tx
    .update(keptAnswer)
    .set({ dirtyAt: sql`now()` })
    .where(
      and(
        eq(keptAnswer.projectId, projectId),
        kind ? eq(keptAnswer.kind, kind) : undefined,
        sql`${keptAnswer.dirtyAt} is null`,
      ),
    )
    .returning({ id: keptAnswer.id });
  if (marked.length > 0) await tx.execute(sql`select pg_notify(${KEPT_CHANNEL}, '')`);
}

/** Has answers of a kind made anew before anybody is given one: what they say beside the votes has changed. */
export async function forgetKept(tx: Db, projectId: string, kind: KeptKind): Promise<void> {
  await tx.delete(keptAnswer).where(and(eq(keptAnswer.projectId, projectId), eq(keptAnswer.kind, kind)));
}

type Kept = typeof keptAnswer.$inferSelect;

/** Leases the answer that has waited longest, if somebody still asks for it. What changes from now on makes it wait again. */
export async function claimKept(db: Db): Promise<Kept | null> {
  const [id] = await claim(db, {
    table: keptAnswer,
    where: [
      sql`dirty_at < now() - ${`${SETTLE_MS} milliseconds`}::interval and leased_until is null and asked_at > now() - ${WANTED}`,
      sql`leased_until < now()`,
    ],
    orderBy: sql`dirty_at`,
    set: sql`dirty_at = null, leased_until = now() + ${LEASE}`,
  });
  if (!id) return null;
  const [kept] = await db.select().from(keptAnswer).where(eq(keptAnswer.id, id));
  return kept ?? null;
}

export async function renewKept(db: Db, { id }: Pick<Kept, "id">): Promise<void> {
  await db
    .update(keptAnswer)
    .set({ leasedUntil: sql`now() + ${LEASE}` })
    .where(eq(keptAnswer.id, id));
}

/** Gives a lease back: another worker makes the answer. */
export async function releaseKept(db: Db, { id }: Pick<Kept, "id">): Promise<void> {
  await db
    .update(keptAnswer)
    .set({ leasedUntil: null, dirtyAt: sql`coalesce(${keptAnswer.dirtyAt}, now())` })
    .where(eq(keptAnswer.id, id));
}

/** Keeps what came of a lease, and ends it. What failed for no reason in what was asked waits to be tried again. */
export async function settleKept(
  db: Db,
  { id }: Pick<Kept, "id">,
  made: { madeAt: Date; answer: object | null; failed: KeptFailure | null },
): Promise<void> {
  const isToRetry = made.failed?.code === null;
  await db
    .update(keptAnswer)
    .set({
      ...{ ...made, leasedUntil: null },
      ...(isToRetry && {
        dirtyAt: sql`coalesce(${keptAnswer.dirtyAt}, ${made.madeAt.toISOString()}::timestamptz + ${RETRY})`,
      }),
    })
    .where(eq(keptAnswer.id, id));
}

/** Has every answer made again when it is asked for, for what was changed while nobody could tell; deletes old ones. */
export async function keepAgain(db: Db): Promise<void> {
  await db.delete(keptAnswer).where(lt(keptAnswer.askedAt, sql`now() - interval '1 day'`));
  await db.update(keptAnswer).set({ dirtyAt: sql`now()` }).where(sql`${keptAnswer.dirtyAt} is null`);
}

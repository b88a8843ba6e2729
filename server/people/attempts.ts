import { createHash } from "node:crypto";
import { and, count, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { signInAttempt } from "../../db/schema";

const WINDOW = sql`now() - interval '15 minutes'`;

/** How many failures within 15 minutes each kind of count allows. */
const LIMITS = {
  /** Somebody at one address, for one account: enough to try several old passwords. */
  pair: 10,
  /** One address, for all accounts: a whole office behind it mistypes less often. */
  address: 100,
  /** One account, from all addresses that its owner never signed in from: guessing from many machines. */
  strangers: 50,
  /** Guesses of the password or of a code by somebody who holds a session, or the password already. */
  proof: 10,
} as const;

export type Count = { kind: keyof typeof LIMITS; of: string };

const keyOf = ({ kind, of }: Count) => `${kind}:${createHash("sha256").update(of).digest("base64url")}`;

/**
 * Notes an attempt to prove something before it is checked, so that many at the same moment count as many.
 * @returns false when one of the counts is full: then the attempt is not checked and does not count either, so that
 * nobody can keep a count full by trying on
 */
export async function noteAttempt(db: Db, counts: readonly Count[]): Promise<boolean> {
  const limits = new Map(counts.map((each) => [keyOf(each), LIMITS[each.kind]]));
  const keys = [...limits.keys()];
  await db.delete(signInAttempt).where(lt(signInAttempt.at, WINDOW));
  const noted = await db
    .insert(signInAttempt)
    .values(keys.map((key) => ({ key })))
    .returning({ id: signInAttempt.id });
  const found = await db
    .select({ key: signInAttempt.key, attempts: count() })
    .from(signInAttempt)
    .where(and(inArray(signInAttempt.key, keys), gt(signInAttempt.at, WINDOW)))
    .groupBy(signInAttempt.key);
  if (found.every(({ key, attempts }) => attempts <= (limits.get(key) ?? 0))) return true;
  await db.delete(signInAttempt).where(
    inArray(
      signInAttempt.id,
      noted.map(({ id }) => id),
    ),
  );
  return false;
}

/** A right answer ends a count. */
export async function forgetAttempts(db: Db, which: Count): Promise<void> {
  await db.delete(signInAttempt).where(eq(signInAttempt.key, keyOf(which)));
}

import { and, count, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { signInAttempt } from "../../db/schema";

const WINDOW = sql`now() - interval '15 minutes'`;
/** Enough for somebody who tries several old passwords; 40 guesses an hour against a stranger's account. */
const PER_EMAIL = 10;
/** A whole office behind one address mistypes less often. */
const PER_ADDRESS = 100;

const keysOf = ({ email, address }: { email: string; address: string }) => ({
  email: `email:${email.toLowerCase()}`,
  address: `address:${address}`,
});

/**
 * Notes an attempt to sign in before it is checked, so that many at the same moment count as many.
 * @returns false when there were too many within 15 minutes
 */
export async function noteAttempt(db: Db, who: { email: string; address: string }): Promise<boolean> {
  const keys = keysOf(who);
  await db.delete(signInAttempt).where(lt(signInAttempt.at, WINDOW));
  await db.insert(signInAttempt).values([{ key: keys.email }, { key: keys.address }]);
  const counts = await db
    .select({ key: signInAttempt.key, attempts: count() })
    .from(signInAttempt)
    .where(and(inArray(signInAttempt.key, [keys.email, keys.address]), gt(signInAttempt.at, WINDOW)))
    .groupBy(signInAttempt.key);
  const attempts = new Map(counts.map((row) => [row.key, row.attempts]));
  return (attempts.get(keys.email) ?? 0) <= PER_EMAIL && (attempts.get(keys.address) ?? 0) <= PER_ADDRESS;
}

/** A right password ends the count for its account. */
export async function forgetAttempts(db: Db, who: { email: string; address: string }): Promise<void> {
  await db.delete(signInAttempt).where(eq(signInAttempt.key, keysOf(who).email));
}

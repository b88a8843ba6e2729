import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { account, person } from "../../db/schema";
import { audit, system } from "../audit/audit";
import { forgetAttempts, noteAttempt } from "./attempts";
import { redeemLink } from "./links";
import { verifyPassword } from "./password";

export const emailIs = (email: string) => sql`lower(${person.email}) = lower(${email})`;

export class TooManyAttempts extends Error {}

/**
 * @param address where the request came from
 * @returns the person's id if the password is right
 * @throws TooManyAttempts whatever the password is
 */
export async function signInWithPassword(
  db: Db,
  { email, password, address }: { email: string; password: string; address: string },
): Promise<string | undefined> {
  if (!(await noteAttempt(db, { email, address }))) throw new TooManyAttempts();
  const [found] = await db
    .select({ id: person.id, passwordHash: person.passwordHash })
    .from(person)
    .where(and(emailIs(email), isNull(person.disabledAt)));
  if (!(await verifyPassword(found?.passwordHash, password)) || !found) return undefined;
  await forgetAttempts(db, { email, address });
  return found.id;
}

/** Uses a one-time link. The person's password ends with it: links are for those who have or know none. */
export async function signInWithLink(db: Db, token: string): Promise<string | undefined> {
  return db.transaction(async (tx) => {
    const personId = await redeemLink(tx, token);
    if (!personId) return undefined;
    const [found] = await tx
      .update(person)
      .set({ passwordHash: null })
      .where(and(eq(person.id, personId), isNull(person.disabledAt)))
      .returning({ id: person.id });
    return found?.id;
  });
}

export interface ProviderProfile {
  provider: string;
  providerAccountId: string;
  name: string;
  email?: string;
  /** Whether the provider vouches that the address is this person's. */
  emailVerified: boolean;
}

/**
 * Finds the person behind a sign-in at an OIDC provider. The first time, a verified address connects the account
 * to the person invited under it; an unverified one could be anybody's.
 * @param signUp whether strangers with a verified address become people of this instance
 */
export async function signInWithProvider(
  db: Db,
  profile: ProviderProfile,
  { signUp }: { signUp: boolean },
): Promise<string | undefined> {
  const known = await findProviderPerson(db, profile);
  if (known) return known;
  const { provider, providerAccountId, name, email } = profile;
  if (!email || !profile.emailVerified) return undefined;
  return db.transaction(async (tx) => {
    if (signUp) {
      const values = { name, email };
      const [created] = await tx
        .insert(person)
        .values(values)
        .onConflictDoNothing()
        .returning({ id: person.id });
      if (created) {
        const target = { kind: "person", id: created.id };
        await audit(tx, system, { action: "person.signUp", target, after: values });
      }
    }
    const [invited] = await tx
      .select({ id: person.id })
      .from(person)
      .where(and(emailIs(email), isNull(person.disabledAt)));
    if (!invited) return undefined;
    await tx.insert(account).values({ provider, providerAccountId, personId: invited.id });
    await audit(
      tx,
      { personId: invited.id },
      {
        action: "person.connectAccount",
        target: { kind: "person", id: invited.id },
        after: { provider, providerAccountId, email },
      },
    );
    return invited.id;
  });
}

export async function findProviderPerson(
  db: Db,
  { provider, providerAccountId }: { provider: string; providerAccountId: string },
): Promise<string | undefined> {
  const [found] = await db
    .select({ id: person.id })
    .from(account)
    .innerJoin(person, eq(person.id, account.personId))
    .where(
      and(
        eq(account.provider, provider),
        eq(account.providerAccountId, providerAccountId),
        isNull(person.disabledAt),
      ),
    );
  return found?.id;
}

/** The person of a session as they are now; absent when disabled, or when the session is of an older epoch. */
export async function findSessionPerson(db: Db, { personId, epoch }: { personId: string; epoch?: number }) {
  const [found] = await db
    .select({
      personId: person.id,
      name: person.name,
      email: person.email,
      isAdmin: person.isAdmin,
      epoch: person.sessionEpoch,
    })
    .from(person)
    .where(and(eq(person.id, personId), isNull(person.disabledAt)));
  return epoch === undefined || found?.epoch === epoch ? found : undefined;
}

import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { account, person, secondFactor } from "../../db/schema";
import { audit, system } from "../audit/audit";
import { type Count, forgetAttempts, noteAttempt } from "./attempts";
import { redeemLink } from "./links";
import { verifyPassword } from "./password";
import { hasSecondFactor, isRightCode } from "./second-factor";
import { endSessions, isFamiliar } from "./sessions";

export const emailIs = (email: string) => sql`lower(${person.email}) = lower(${email})`;

export class TooManyAttempts extends Error {}
/** The password is right, and a code is needed too. */
export class CodeNeeded extends Error {}

interface PasswordAttempt {
  email: string;
  password: string;
  /** Of an app, from those who set one up. */
  code?: string;
  /** Where the request came from. */
  address: string;
}

/**
 * @returns the person's id if the password is right, and the code where one is asked for
 * @throws TooManyAttempts whatever the password is
 * @throws CodeNeeded when the password is right and the code is missing
 */
export async function signInWithPassword(
  db: Db,
  { email, password, code, address }: PasswordAttempt,
): Promise<string | undefined> {
  const [found] = await db
    .select({ id: person.id, passwordHash: person.passwordHash })
    .from(person)
    .where(and(emailIs(email), isNull(person.disabledAt)));
  const pair: Count = { kind: "pair", of: `${email.toLowerCase()} ${address}` };
  // Strangers can fill the count of an account, but not keep its owner out where the owner was before.
  const isKnown = found && (await isFamiliar(db, { personId: found.id, address }));
  const strangers: Count[] = isKnown ? [] : [{ kind: "strangers", of: email.toLowerCase() }];
  if (!(await noteAttempt(db, [pair, { kind: "address", of: address }, ...strangers])))
    throw new TooManyAttempts();
  const isRight = await verifyPassword(found?.passwordHash, password);
  if (!isRight || !found) {
    await auditFailure(db, { personId: found?.id, address, reason: "password" });
    return undefined;
  }
  if (await hasSecondFactor(db, found.id)) {
    if (!code) throw new CodeNeeded();
    if (!(await noteAttempt(db, [{ kind: "proof", of: `${found.id} code` }]))) throw new TooManyAttempts();
    if (!(await db.transaction((tx) => isRightCode(tx, { personId: found.id, code })))) {
      await auditFailure(db, { personId: found.id, address, reason: "code" });
      return undefined;
    }
  }
  await forgetAttempts(db, pair);
  return found.id;
}

async function auditFailure(
  db: Db,
  { personId, address, reason }: { personId?: string; address: string; reason: "password" | "code" | "link" },
): Promise<void> {
  // Never what was typed as an address: it may be a password.
  await audit(
    db,
    { ...system, address },
    {
      action: "person.signInFailed",
      target: { kind: "person", id: personId ?? "unknown" },
      after: { reason },
    },
  );
}

/**
 * Uses a one-time link. The person's password and codes end with it, and every session: links are for those who have
 * lost them, or whose sessions somebody else has.
 */
export async function signInWithLink(
  db: Db,
  { token, address }: { token: string; address: string },
): Promise<string | undefined> {
  const id = await db.transaction(async (tx) => {
    const personId = await redeemLink(tx, token);
    if (!personId) return undefined;
    const [found] = await tx
      .update(person)
      .set({ passwordHash: null })
      .where(and(eq(person.id, personId), isNull(person.disabledAt)))
      .returning({ id: person.id });
    if (!found) return undefined;
    await endSessions(tx, personId);
    await tx.delete(secondFactor).where(eq(secondFactor.personId, personId));
    return found.id;
  });
  if (!id) await auditFailure(db, { address, reason: "link" });
  return id;
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
 * to the person invited under it who has never signed in; an unverified one could be anybody's, and whoever has
 * signed in connects an account themselves.
 * @param signUp whether strangers with a verified address become people of this instance
 */
export async function signInWithProvider(
  db: Db,
  profile: ProviderProfile,
  { signUp }: { signUp: boolean },
): Promise<string | undefined> {
  const known = await findProviderPerson(db, profile);
  if (known) return known;
  const { name, email } = profile;
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
      .where(and(emailIs(email), isNull(person.disabledAt), isNull(person.signedInAt)));
    if (!invited) return undefined;
    await connectAccount(tx, { ...profile, personId: invited.id });
    return invited.id;
  });
}

/** From now on whoever signs in to this account of a provider is this person. */
export async function connectAccount(
  tx: Db,
  { personId, provider, providerAccountId, email }: ProviderProfile & { personId: string },
): Promise<void> {
  await tx.insert(account).values({ provider, providerAccountId, personId });
  await audit(
    tx,
    { personId },
    {
      action: "person.connectAccount",
      target: { kind: "person", id: personId },
      after: { provider, providerAccountId, email },
    },
  );
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

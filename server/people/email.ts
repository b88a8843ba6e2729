import { and, eq, gt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { emailChange, person } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { hashSecret, randomSecret } from "../token/secret";
import { emailIs } from "./sign-in";

const LINK_HOURS = 48;

async function refuseTaken(tx: Db, email: string, personId: string): Promise<void> {
  const [taken] = await tx.select({ id: person.id }).from(person).where(emailIs(email));
  if (taken && taken.id !== personId) throw conflict(`${email} is already somebody's address here.`);
}

/**
 * A person wants another address. It is theirs when they open a link that an admin sends to it: an address that
 * nobody proved could be another person's, who would be taken for this one when they are invited.
 */
export async function askForEmail(
  db: Db,
  actor: Actor,
  { personId, email }: { personId: string; email: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await refuseTaken(tx, email, personId);
    await tx
      .insert(emailChange)
      .values({ personId, email })
      .onConflictDoUpdate({
        target: emailChange.personId,
        set: { email, tokenHash: null, expiresAt: null, createdAt: sql`now()` },
      });
    await audit(tx, actor, {
      action: "person.askForEmail",
      target: { kind: "person", id: personId },
      after: { email },
    });
  });
}

/** The link that proves an address, for an admin to send to it. */
export async function createEmailLink(
  db: Db,
  actor: Actor,
  { personId }: { personId: string },
): Promise<{ path: string; email: string; expiresAt: Date }> {
  const token = randomSecret();
  const expiresAt = new Date(Date.now() + LINK_HOURS * 3_600_000);
  return db.transaction(async (tx) => {
    const [wanted] = await tx
      .update(emailChange)
      .set({ tokenHash: hashSecret(token), expiresAt })
      .where(eq(emailChange.personId, personId))
      .returning({ email: emailChange.email });
    if (!wanted) throw notFound("A wish for another address");
    await audit(tx, actor, {
      action: "person.createEmailLink",
      target: { kind: "person", id: personId },
      after: { email: wanted.email, expiresAt },
    });
    return { path: `/address/${token}`, email: wanted.email, expiresAt };
  });
}

/** Takes the address of a link: only whoever asked for it can, signed in. */
export async function confirmEmail(
  db: Db,
  actor: Actor,
  { personId, token }: { personId: string; token: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [wanted] = await tx
      .delete(emailChange)
      .where(
        and(
          eq(emailChange.personId, personId),
          eq(emailChange.tokenHash, hashSecret(token)),
          gt(emailChange.expiresAt, sql`now()`),
        ),
      )
      .returning({ email: emailChange.email });
    if (!wanted) throw notFound("Your wish for this address");
    await setEmail(tx, actor, { personId, email: wanted.email });
  });
}

/** Sets an address that somebody answers for. */
export async function setEmail(
  tx: Db,
  actor: Actor,
  { personId, email }: { personId: string; email: string },
): Promise<void> {
  await refuseTaken(tx, email, personId);
  const [before] = await tx.select({ email: person.email }).from(person).where(eq(person.id, personId));
  await tx.update(person).set({ email }).where(eq(person.id, personId));
  await audit(tx, actor, {
    action: "person.setEmail",
    target: { kind: "person", id: personId },
    before,
    after: { email },
  });
}

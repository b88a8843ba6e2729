import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { person, signInLink } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { hashSecret, randomSecret } from "../token/secret";
import type { signInLinkSchema } from "./schema";

export type SignInLink = z.infer<typeof signInLinkSchema>;

const HOUR_MS = 3_600_000;
/** For the link the terminal prints, as anyone who reads the screen could use it. */
export const FIRST_LINK_HOURS = 24;
export const INVITATION_HOURS = 7 * 24;

/** Makes a link that signs a person in once. Earlier unused links of that person end. */
export async function createSignInLink(
  tx: Db,
  actor: Actor,
  { personId, hours }: { personId: string; hours: number },
): Promise<SignInLink> {
  const token = randomSecret();
  const expiresAt = new Date(Date.now() + hours * HOUR_MS);
  await tx.delete(signInLink).where(and(eq(signInLink.personId, personId), isNull(signInLink.usedAt)));
  await tx
    .insert(signInLink)
    .values({ tokenHash: hashSecret(token), personId, createdBy: actor.personId, expiresAt });
  await audit(tx, actor, {
    action: "person.createLink",
    target: { kind: "person", id: personId },
    after: { expiresAt },
  });
  return { personId, path: `/link/${token}`, expiresAt };
}

const usable = (token: string) =>
  and(
    eq(signInLink.tokenHash, hashSecret(token)),
    isNull(signInLink.usedAt),
    gt(signInLink.expiresAt, sql`now()`),
  );

/** Whom a link would sign in, without using it; mail scanners open links too. */
export async function findLink(db: Db, token: string): Promise<{ name: string; email: string } | undefined> {
  const [found] = await db
    .select({ name: person.name, email: person.email })
    .from(signInLink)
    .innerJoin(person, eq(person.id, signInLink.personId))
    .where(and(usable(token), isNull(person.disabledAt)));
  return found;
}

/** Uses a link: of two clicks at the same moment one succeeds. */
export async function redeemLink(db: Db, token: string): Promise<string | undefined> {
  const [used] = await db
    .update(signInLink)
    .set({ usedAt: sql`now()` })
    .where(usable(token))
    .returning({ personId: signInLink.personId });
  return used?.personId;
}

import { and, asc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { secret } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { SecretName } from "./schema";
import { seal, unseal } from "./seal";

/** Stores a token encrypted, in place of the one before. It is never shown again. */
export async function storeSecret(
  db: Db,
  actor: Actor,
  { personId, name, value }: { personId: string; name: SecretName; value: string },
): Promise<void> {
  const ciphertext = seal(value, `${personId}/${name}`);
  await db.transaction(async (tx) => {
    const [stored] = await tx
      .insert(secret)
      .values({ personId, name, ciphertext })
      .onConflictDoUpdate({
        target: [secret.personId, secret.name],
        set: { ciphertext, updatedAt: new Date() },
      })
      .returning({ id: secret.id });
    await audit(tx, actor, {
      action: "secret.store",
      target: { kind: "secret", id: stored.id },
      after: { name },
    });
  });
}

/** The names of a person's stored tokens, never their values. */
export async function listSecrets(db: Db, { personId }: { personId: string }) {
  return db
    .select({ name: secret.name, createdAt: secret.createdAt, updatedAt: secret.updatedAt })
    .from(secret)
    .where(eq(secret.personId, personId))
    .orderBy(asc(secret.name));
}

export async function forgetSecret(
  db: Db,
  actor: Actor,
  { personId, name }: { personId: string; name: SecretName },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx
      .delete(secret)
      .where(and(eq(secret.personId, personId), eq(secret.name, name)))
      .returning({ id: secret.id });
    if (!gone) throw notFound("The stored token");
    await audit(tx, actor, {
      action: "secret.forget",
      target: { kind: "secret", id: gone.id },
      before: { name },
    });
  });
}

/** The token itself, for a worker that acts for the person. */
export async function readSecret(
  db: Db,
  { personId, name }: { personId: string; name: SecretName },
): Promise<string | null> {
  const [found] = await db
    .select({ ciphertext: secret.ciphertext })
    .from(secret)
    .where(and(eq(secret.personId, personId), eq(secret.name, name)));
  return found ? unseal(found.ciphertext, `${personId}/${name}`) : null;
}

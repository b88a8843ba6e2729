import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { and, asc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { secret } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { env } from "../env";
import { notFound } from "../errors";
import type { SecretName } from "./schema";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Stores a token encrypted, in place of the one before. It is never shown again. */
export async function storeSecret(
  db: Db,
  actor: Actor,
  { personId, name, value }: { personId: string; name: SecretName; value: string },
): Promise<void> {
  const ciphertext = encrypt(value, `${personId}/${name}`);
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
  return found ? decrypt(found.ciphertext, `${personId}/${name}`) : null;
}

function key(): Buffer {
  const { AUTH_SECRET } = env();
  if (!AUTH_SECRET)
    throw new Error("AUTH_SECRET is not set. `npm start` sets it for the site and the worker.");
  return Buffer.from(hkdfSync("sha256", AUTH_SECRET, "", "concord stored secrets", 32));
}

/** AES-256-GCM; `bound` ties the text to its owner, so that a row copied to another person does not open. */
function encrypt(value: string, bound: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key(), iv).setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
}

function decrypt(ciphertext: string, bound: string): string {
  const bytes = Buffer.from(ciphertext, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key(), bytes.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(bound))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    throw new Error("A stored token cannot be read with this AUTH_SECRET. Store it again.");
  }
}

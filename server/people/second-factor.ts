import { eq, sql } from "drizzle-orm";
import { Secret, TOTP } from "otpauth";
import type { Db } from "../../db/client";
import { secondFactor } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid } from "../errors";
import { seal, unseal } from "../secret/seal";

const SECRET_BYTES = 20;
const STEP_SECONDS = 30;
/** A clock may be off by one step either way. */
const WINDOW = 1;

const boundTo = (personId: string) => `${personId}/second factor`;
const generator = (base32: string, label = "") =>
  new TOTP({ issuer: "Concord", label, secret: Secret.fromBase32(base32), period: STEP_SECONDS });

/** Whether signing in by password asks for a code, too. */
export async function hasSecondFactor(db: Db, personId: string): Promise<boolean> {
  const [found] = await db
    .select({ confirmedAt: secondFactor.confirmedAt })
    .from(secondFactor)
    .where(eq(secondFactor.personId, personId));
  return Boolean(found?.confirmedAt);
}

/** A new secret for an app that makes codes. Nothing is asked for until a code has proved that the app has it. */
export async function beginSecondFactor(
  db: Db,
  actor: Actor,
  { personId, email }: { personId: string; email: string },
): Promise<{ secret: string; uri: string }> {
  const secret = new Secret({ size: SECRET_BYTES }).base32;
  const ciphertext = seal(secret, boundTo(personId));
  await db.transaction(async (tx) => {
    const [begun] = await tx
      .insert(secondFactor)
      .values({ personId, ciphertext })
      .onConflictDoUpdate({
        target: secondFactor.personId,
        set: { ciphertext, lastStep: 0 },
        setWhere: sql`${secondFactor.confirmedAt} is null`,
      })
      .returning({ personId: secondFactor.personId });
    if (!begun) throw conflict("Codes are asked for already. Take them away first.");
    await audit(tx, actor, { action: "person.beginSecondFactor", target: { kind: "person", id: personId } });
  });
  return { secret, uri: generator(secret, email).toString() };
}

/** Asks for codes from now on. */
export async function confirmSecondFactor(
  db: Db,
  actor: Actor,
  { personId, code }: { personId: string; code: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await isRightCode(tx, { personId, code })))
      throw invalid("The code is not right. Is the clock of the device that shows it?");
    await tx.update(secondFactor).set({ confirmedAt: sql`now()` }).where(eq(secondFactor.personId, personId));
    await audit(tx, actor, { action: "person.addSecondFactor", target: { kind: "person", id: personId } });
  });
}

/** No longer asks for codes. */
export async function removeSecondFactor(
  db: Db,
  actor: Actor,
  { personId }: { personId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(secondFactor).where(eq(secondFactor.personId, personId));
    await audit(tx, actor, { action: "person.removeSecondFactor", target: { kind: "person", id: personId } });
  });
}

/** Whether a code is right now and has not been used: whoever reads it over a shoulder comes too late. */
export async function isRightCode(
  tx: Db,
  { personId, code }: { personId: string; code: string },
): Promise<boolean> {
  const [found] = await tx
    .select()
    .from(secondFactor)
    .where(eq(secondFactor.personId, personId))
    .for("update");
  if (!found) return false;
  const totp = generator(unseal(found.ciphertext, boundTo(personId)));
  const now = Date.now();
  const delta = totp.validate({ token: code.replaceAll(/\s/g, ""), window: WINDOW, timestamp: now });
  const step = Math.floor(now / 1000 / STEP_SECONDS) + (delta ?? 0);
  if (delta === null || step <= found.lastStep) return false;
  await tx.update(secondFactor).set({ lastStep: step }).where(eq(secondFactor.personId, personId));
  return true;
}

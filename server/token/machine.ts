import { and, desc, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { machineToken } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { MachineToken } from "./schema";
import { hashSecret, mint, noteUse } from "./secret";

const MARK = "cmachine_";

const { tokenHash: _hash, createdBy: _by, ...shown } = getTableColumns(machineToken);

export async function listMachineTokens(db: Db): Promise<MachineToken[]> {
  return db.select(shown).from(machineToken).orderBy(desc(machineToken.createdAt));
}

/** Makes a token with which a machine reaches the artifact store over HTTP. It is returned this once. */
export async function createMachineToken(
  db: Db,
  actor: Actor,
  { name }: { name: string },
): Promise<MachineToken & { token: string }> {
  const { token, ...stored } = mint(MARK);
  return db.transaction(async (tx) => {
    const [created] = await tx
      .insert(machineToken)
      .values({ name, ...stored, createdBy: actor.personId })
      .returning(shown);
    await audit(tx, actor, {
      action: "machine.createToken",
      target: { kind: "machineToken", id: created.id },
      after: { name, prefix: created.prefix },
    });
    return { ...created, token };
  });
}

/** Ends a machine's token at once. */
export async function revokeMachineToken(
  db: Db,
  actor: Actor,
  { tokenId }: { tokenId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [revoked] = await tx
      .update(machineToken)
      .set({ revokedAt: sql`coalesce(${machineToken.revokedAt}, now())` })
      .where(eq(machineToken.id, tokenId))
      .returning({ name: machineToken.name, revokedAt: machineToken.revokedAt });
    if (!revoked) throw notFound("The token");
    await audit(tx, actor, {
      action: "machine.revokeToken",
      target: { kind: "machineToken", id: tokenId },
      after: revoked,
    });
  });
}

/** The machine that a token stands for, if it is valid now. */
export async function findMachine(db: Db, token: string): Promise<{ tokenId: string } | null> {
  if (!token.startsWith(MARK)) return null;
  const [found] = await db
    .select({ tokenId: machineToken.id, lastUsedAt: machineToken.lastUsedAt })
    .from(machineToken)
    .where(and(eq(machineToken.tokenHash, hashSecret(token)), isNull(machineToken.revokedAt)));
  if (!found) return null;
  // A machine that fetches a model asks many times a second.
  await noteUse(db, machineToken, found);
  return { tokenId: found.tokenId };
}

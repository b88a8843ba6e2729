import { and, desc, eq, getTableColumns, gt, isNull, ne, or, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { apiToken, person } from "../../db/schema";
import { type Actor, audit, system } from "../audit/audit";
import { notFound } from "../errors";
import type { newTokenSchema } from "./schema";
import { hashSecret, mint, noteUse } from "./secret";

const MARK = "concord_";
const PRESET_NAME = "CONCORD_ADMIN_TOKEN";
const DAY_MS = 86_400_000;

const { tokenHash: _hash, personId: _owner, ...shown } = getTableColumns(apiToken);

/** A person's tokens, newest first. */
export async function listTokens(db: Db, personId: string) {
  return db
    .select(shown)
    .from(apiToken)
    .where(eq(apiToken.personId, personId))
    .orderBy(desc(apiToken.createdAt));
}

export async function createToken(
  db: Db,
  actor: Actor,
  { personId, name, days }: { personId: string } & z.infer<typeof newTokenSchema>,
) {
  const { token, ...stored } = mint(MARK);
  return db.transaction(async (tx) => {
    const [created] = await tx
      .insert(apiToken)
      .values({
        personId,
        name,
        ...stored,
        expiresAt: days === null ? null : new Date(Date.now() + days * DAY_MS),
      })
      .returning(shown);
    if (!created) throw new Error("The token was not stored.");
    await audit(tx, actor, {
      action: "token.create",
      target: { kind: "token", id: created.id },
      after: { name, prefix: created.prefix, expiresAt: created.expiresAt },
    });
    return { ...created, token };
  });
}

/** Ends a token at once. Only its owner can. */
export async function revokeToken(
  db: Db,
  actor: Actor,
  { personId, tokenId }: { personId: string; tokenId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [revoked] = await tx
      .update(apiToken)
      .set({ revokedAt: sql`coalesce(${apiToken.revokedAt}, now())` })
      .where(and(eq(apiToken.id, tokenId), eq(apiToken.personId, personId)))
      .returning({ name: apiToken.name, revokedAt: apiToken.revokedAt });
    if (!revoked) throw notFound("The token");
    await audit(tx, actor, {
      action: "token.revoke",
      target: { kind: "token", id: tokenId },
      after: revoked,
    });
  });
}

/**
 * Gives the first admin the token that automation set in the environment, and ends the one set before.
 * @returns false when the token was revoked: then it stays so, whatever the environment says
 */
export async function presetToken(
  tx: Db,
  { personId, token }: { personId: string; token: string },
): Promise<boolean> {
  const tokenHash = hashSecret(token);
  await tx
    .update(apiToken)
    .set({ revokedAt: sql`now()` })
    .where(
      and(eq(apiToken.name, PRESET_NAME), isNull(apiToken.revokedAt), ne(apiToken.tokenHash, tokenHash)),
    );
  const [created] = await tx
    .insert(apiToken)
    .values({ personId, name: PRESET_NAME, prefix: token.slice(0, 6), tokenHash })
    .onConflictDoNothing()
    .returning({ id: apiToken.id });
  if (created) {
    await audit(tx, system, {
      action: "token.create",
      target: { kind: "token", id: created.id },
      after: { name: PRESET_NAME },
    });
    return true;
  }
  const [stored] = await tx
    .select({ revokedAt: apiToken.revokedAt })
    .from(apiToken)
    .where(eq(apiToken.tokenHash, tokenHash));
  return !stored?.revokedAt;
}

/** Who a bearer token stands for, if it is valid now and its person is not disabled. */
export async function findTokenOwner(db: Db, token: string) {
  const [found] = await db
    .select({
      tokenId: apiToken.id,
      personId: person.id,
      name: person.name,
      email: person.email,
      isAdmin: person.isAdmin,
      lastUsedAt: apiToken.lastUsedAt,
    })
    .from(apiToken)
    .innerJoin(person, eq(person.id, apiToken.personId))
    .where(
      and(
        eq(apiToken.tokenHash, hashSecret(token)),
        isNull(apiToken.revokedAt),
        or(isNull(apiToken.expiresAt), gt(apiToken.expiresAt, sql`now()`)),
        isNull(person.disabledAt),
      ),
    )
    // Every request of the HTTP API begins with it.
    .prepare("token_owner")
    .execute();
  if (!found) return undefined;
  const { lastUsedAt, ...owner } = found;
  await noteUse(db, apiToken, { tokenId: owner.tokenId, lastUsedAt });
  return owner;
}

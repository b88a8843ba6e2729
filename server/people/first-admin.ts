import { and, asc, eq, isNull, notExists, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { account, person } from "../../db/schema";
import { audit, system } from "../audit/audit";
import { log } from "../log";
import { presetToken } from "../token/person";
import { createSignInLink, FIRST_LINK_HOURS, type SignInLink } from "./links";

/** The address of an admin who has not yet entered one. */
export const FIRST_ADMIN_EMAIL = "admin@concord.local";
const FIRST_ADMIN_LOCK = 7_265_002;

/**
 * Makes sure that somebody runs this instance.
 * @param presetApiToken an API token that this admin gets, for automation
 * @returns a fresh sign-in link as long as no admin has another way to sign in
 */
export async function ensureFirstAdmin(
  db: Db,
  { presetApiToken }: { presetApiToken?: string },
): Promise<SignInLink | undefined> {
  return db.transaction(async (tx) => {
    // Machines that start together on one database must not make two.
    await tx.execute(sql`select pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`);
    const first = (await oldestAdmin(tx)) ?? (await createAdmin(tx));
    if (presetApiToken && !(await presetToken(tx, { personId: first.id, token: presetApiToken })))
      log.warn("CONCORD_ADMIN_TOKEN names a token that was revoked: set another one.");
    if (await someAdminCanSignIn(tx)) return undefined;
    return createSignInLink(tx, system, { personId: first.id, hours: FIRST_LINK_HOURS });
  });
}

async function oldestAdmin(tx: Db) {
  const [found] = await tx
    .select({ id: person.id })
    .from(person)
    .where(and(person.isAdmin, isNull(person.disabledAt)))
    .orderBy(asc(person.createdAt), asc(person.id))
    .limit(1);
  return found;
}

async function createAdmin(tx: Db) {
  const values = { name: "Admin", email: FIRST_ADMIN_EMAIL, isAdmin: true };
  const [created] = await tx.insert(person).values(values).returning({ id: person.id });
  if (!created) throw new Error("The first admin was not stored.");
  await audit(tx, system, {
    action: "person.create",
    target: { kind: "person", id: created.id },
    after: values,
  });
  return created;
}

async function someAdminCanSignIn(tx: Db): Promise<boolean> {
  const linked = tx.select().from(account).where(eq(account.personId, person.id));
  const stranded = await tx
    .select({ canSignIn: sql<boolean>`${person.passwordHash} is not null or not ${notExists(linked)}` })
    .from(person)
    .where(and(person.isAdmin, isNull(person.disabledAt)));
  return stranded.some((admin) => admin.canSignIn);
}

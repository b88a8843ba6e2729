import { TRPCError } from "@trpc/server";
import { and, desc, eq, ilike, isNull, lt, or, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { emailChange, person, rater } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { type Count, forgetAttempts, noteAttempt } from "./attempts";
import { createSignInLink, INVITATION_HOURS, type SignInLink } from "./links";
import { hashPassword, verifyPassword } from "./password";
import type { invitationSchema, Person, profileSchema } from "./schema";
import { endSessions } from "./sessions";
import { weakness } from "./strength";

const shown = {
  id: person.id,
  name: person.name,
  email: person.email,
  isAdmin: person.isAdmin,
  hasPassword: sql<boolean>`${person.passwordHash} is not null`,
  wantedEmail: sql<string | null>`(select ${emailChange.email} from ${emailChange}
    where ${emailChange.personId} = ${person.id})`,
  disabledAt: person.disabledAt,
  createdAt: person.createdAt,
};

/** `%` and `_` in what somebody types mean themselves. */
const containing = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** People of this instance, newest first. */
export async function listPeople(
  db: Db,
  { search, cursor, limit }: { search?: string; cursor?: string; limit: number },
): Promise<{ items: Person[]; nextCursor: string | null }> {
  const matches = search
    ? or(ilike(person.name, containing(search)), ilike(person.email, containing(search)))
    : undefined;
  const rows = await db
    .select(shown)
    .from(person)
    .where(and(isNull(person.erasedAt), matches, cursor ? lt(person.id, cursor) : undefined))
    .orderBy(desc(person.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export async function getPerson(db: Db, personId: string): Promise<Person> {
  const [found] = await db.select(shown).from(person).where(eq(person.id, personId));
  if (!found) throw notFound("The person");
  return found;
}

/** Adds a person and makes the link by which they first sign in. */
export async function invite(
  db: Db,
  actor: Actor,
  invitation: z.infer<typeof invitationSchema>,
): Promise<SignInLink> {
  return db.transaction(async (tx) => {
    const [created] = await tx.insert(person).values(invitation).onConflictDoNothing().returning(shown);
    if (!created) throw conflict(`${invitation.email} is already somebody's address here.`);
    await audit(tx, actor, {
      action: "person.invite",
      target: { kind: "person", id: created.id },
      after: invitation,
    });
    return createSignInLink(tx, actor, { personId: created.id, hours: INVITATION_HOURS });
  });
}

/** A new link for somebody who lost the invitation or forgot the password. */
export async function renewLink(
  db: Db,
  actor: Actor,
  { personId }: { personId: string },
): Promise<SignInLink> {
  return db.transaction(async (tx) => {
    const found = await lockPerson(tx, personId);
    if (found.disabledAt) throw conflict(`${found.name} is disabled. Enable them first.`);
    return createSignInLink(tx, actor, { personId, hours: INVITATION_HOURS });
  });
}

/** Disabling ends all sessions and gives all seats back at once; it keeps everything the person did. */
export async function setDisabled(
  db: Db,
  actor: Actor,
  { personId, disabled }: { personId: string; disabled: boolean },
): Promise<Person> {
  if (personId === actor.personId) throw invalid("You cannot disable yourself.");
  const change = { disabledAt: disabled ? sql`now()` : null };
  return db.transaction(async (tx) => {
    if (disabled) await endSessions(tx, personId);
    return changePerson(tx, actor, {
      personId,
      action: disabled ? "person.disable" : "person.enable",
      change,
    });
  });
}

export async function setAdmin(
  db: Db,
  actor: Actor,
  { personId, isAdmin }: { personId: string; isAdmin: boolean },
): Promise<Person> {
  // With this rule an admin always remains.
  if (personId === actor.personId) throw invalid("Ask another admin to change your own role.");
  return changePerson(db, actor, { personId, action: "person.setAdmin", change: { isAdmin } });
}

/** A person's own name, which their raters have in every project. */
export async function updateProfile(
  db: Db,
  actor: Actor,
  { personId, ...profile }: { personId: string } & z.infer<typeof profileSchema>,
): Promise<Person> {
  return db.transaction(async (tx) => {
    const after = await changePerson(tx, actor, {
      personId,
      action: "person.updateProfile",
      change: profile,
    });
    await tx.update(rater).set({ name: after.name }).where(eq(rater.personId, personId));
    return after;
  });
}

/**
 * @throws BAD_REQUEST unless somebody who already holds a session knows the person's password, too
 */
export async function provePassword(
  db: Db,
  { personId, currentPassword }: { personId: string; currentPassword?: string },
): Promise<void> {
  const [found] = await db
    .select({ passwordHash: person.passwordHash })
    .from(person)
    .where(eq(person.id, personId));
  if (!found?.passwordHash) throw invalid("Choose a password first.");
  const guesses: Count = { kind: "proof", of: `${personId} password` };
  if (!(await noteAttempt(db, [guesses])))
    throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: "Too many wrong passwords. Wait 15 minutes." });
  if (!(await verifyPassword(found.passwordHash, currentPassword ?? "")))
    throw invalid("The current password is not right.");
  await forgetAttempts(db, guesses);
}

/**
 * Sets a person's own password and ends all their sessions, this one too.
 * @param currentPassword needed by those who have a password
 */
export async function setPassword(
  db: Db,
  actor: Actor,
  { personId, password, currentPassword }: { personId: string; password: string; currentPassword?: string },
): Promise<void> {
  const { hasPassword, email, name } = await getPerson(db, personId);
  if (hasPassword) await provePassword(db, { personId, currentPassword });
  const weak = weakness(password, [email, name]);
  if (weak) throw invalid(weak);
  const change = { passwordHash: await hashPassword(password) };
  await db.transaction(async (tx) => {
    await endSessions(tx, personId);
    await changePerson(tx, actor, { personId, action: "person.setPassword", change });
  });
}

/** Ends every session of a person. Tokens go on. */
export async function signOutEverywhere(
  db: Db,
  actor: Actor,
  { personId }: { personId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await endSessions(tx, personId);
    await audit(tx, actor, { action: "person.signOutEverywhere", target: { kind: "person", id: personId } });
  });
}

async function changePerson(
  db: Db,
  actor: Actor,
  { personId, action, change }: { personId: string; action: string; change: Parameters<Update["set"]>[0] },
): Promise<Person> {
  return db.transaction(async (tx) => {
    const before = await lockPerson(tx, personId);
    await tx.update(person).set(change).where(eq(person.id, personId));
    const after = await getPerson(tx, personId);
    await audit(tx, actor, { action, target: { kind: "person", id: personId }, before, after });
    return after;
  });
}

type Update = ReturnType<Db["update"]>;

async function lockPerson(tx: Db, personId: string): Promise<Person> {
  const one = and(eq(person.id, personId), isNull(person.erasedAt));
  const [found] = await tx.select(shown).from(person).where(one).for("no key update");
  if (!found) throw notFound("The person");
  return found;
}

import { and, asc, eq, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { z } from "zod";
import type { Db } from "../../db/client";
import {
  account,
  annotation,
  apiToken,
  auditEntry,
  emailChange,
  idempotentReply,
  membership,
  normingRemark,
  person,
  project,
  rater,
  raterNote,
  redTeamExposure,
  redTeamMember,
  remark,
  savedView,
  secondFactor,
  secret,
  session,
  signInLink,
} from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, forbidden, invalid, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { forgetKept } from "../look/kept";
import { setConsent, touchedBy } from "../model/model";
import { releaseAllSeatsOf } from "../seat/seat";
import type { erasePersonSchema, PersonErasure } from "./schema";

/** Tables whose rows are a person's own and go with them. */
const own: Record<
  Exclude<keyof PersonErasure["goes"], "addresses" | "tokens" | "redTeam">,
  PgTable & { personId: PgColumn }
> = {
  sessions: session,
  links: signInLink,
  accounts: account,
  secondFactors: secondFactor,
  secrets: secret,
  emailChanges: emailChange,
  memberships: membership,
  savedViews: savedView,
  remarks: remark,
  normingRemarks: normingRemark,
};

const pseudonymOf = (raterId: string) => `Erased rater ${raterId.slice(-6)}`;
const addressOf = (personId: string) => `${personId}@erased.invalid`;

/** Entries of the audit log that say where a person was, or where somebody was who tried to be them. */
const whereabouts = (personId: string) =>
  and(
    isNotNull(auditEntry.address),
    or(
      eq(auditEntry.personId, personId),
      and(eq(auditEntry.targetKind, "person"), eq(auditEntry.targetId, personId)),
    ),
  );

const ofRaters = (raterId: PgColumn, personId: string) =>
  sql`${raterId} in (select id from ${rater} where person_id = ${personId})`;

async function ratersOf(db: Db, personId: string) {
  return db
    .select({
      raterId: rater.id,
      projectId: rater.projectId,
      project: project.name,
      judgements: sql<number>`(select count(*)::int from ${annotation} where ${annotation.raterId} = ${rater.id})`,
    })
    .from(rater)
    .innerJoin(project, eq(project.id, rater.projectId))
    .where(eq(rater.personId, personId))
    .orderBy(asc(project.name), asc(rater.id));
}

/** What erasing a person would take and what would stay, for whoever decides. */
export async function personErasure(db: Db, personId: string): Promise<PersonErasure> {
  const [found] = await db
    .select({ name: person.name, email: person.email })
    .from(person)
    .where(and(eq(person.id, personId), isNull(person.erasedAt)));
  if (!found) throw notFound("The person");
  const count = (name: keyof typeof own) => db.$count(own[name], eq(own[name].personId, personId));
  const stays = [];
  for (const { raterId, projectId, ...of } of await ratersOf(db, personId))
    stays.push({
      ...of,
      raterId,
      projectId,
      pseudonym: pseudonymOf(raterId),
      touched: await touchedBy(db, { projectId, raterId }),
    });
  return {
    ...found,
    goes: {
      sessions: await count("sessions"),
      tokens: await db.$count(apiToken, eq(apiToken.personId, personId)),
      links: await count("links"),
      accounts: await count("accounts"),
      secondFactors: await count("secondFactors"),
      secrets: await count("secrets"),
      emailChanges: await count("emailChanges"),
      memberships: await count("memberships"),
      savedViews: await count("savedViews"),
      remarks: await count("remarks"),
      normingRemarks: await count("normingRemarks"),
      redTeam:
        (await db.$count(redTeamMember, ofRaters(redTeamMember.raterId, personId))) +
        (await db.$count(redTeamExposure, ofRaters(redTeamExposure.raterId, personId))),
      addresses: await db.$count(auditEntry, whereabouts(personId)),
    },
    stays,
  };
}

/**
 * Erases who somebody is. Their judgements stay under a pseudonym, so that counts stay what they were; what they wrote
 * in them stays, too. Their seats are free at once, and nobody signs in as them again.
 * @throws BAD_REQUEST for oneself: with this rule an admin always remains
 */
export async function erasePerson(
  db: Db,
  actor: Actor,
  { personId, email, consent }: z.infer<typeof erasePersonSchema> & { personId: string },
): Promise<void> {
  if (personId === actor.personId) throw invalid("Ask another admin to erase you: one has to remain.");
  await db.transaction(async (tx) => {
    // Two who erase each other come one after the other, and the second is no admin any more.
    const admins = await tx
      .select({ id: person.id })
      .from(person)
      .where(and(person.isAdmin, isNull(person.disabledAt)))
      .orderBy(asc(person.id))
      .for("update");
    if (!admins.some(({ id }) => id === actor.personId)) throw forbidden("Only an admin may do this.");
    const [found] = await tx.select().from(person).where(eq(person.id, personId)).for("update");
    if (!found) throw notFound("The person");
    if (found.erasedAt) throw conflict("This person is erased already.");
    if (found.email.toLowerCase() !== email.trim().toLowerCase())
      throw invalid("To erase somebody, give their address exactly.");

    const seats = await releaseAllSeatsOf(tx, { personId });
    const raters = await ratersOf(tx, personId);
    for (const { raterId, projectId } of raters) {
      if (consent === "withdrawn") {
        await setConsent(tx, actor, { projectId, raterId, withdrawn: true });
        projectChanged(db, projectId);
      }
      await tx
        .update(rater)
        .set({ name: pseudonymOf(raterId), languages: [], domains: [] })
        .where(eq(rater.id, raterId));
      // The only answer kept of votes that says names.
      await forgetKept(tx, projectId, "fragility");
      await tx.delete(raterNote).where(eq(raterNote.raterId, raterId));
      for (const table of [redTeamMember, redTeamExposure])
        await tx.delete(table).where(eq(table.raterId, raterId));
      // What reviewers wrote to them goes with what they wrote themselves.
      await tx.delete(remark).where(eq(remark.raterId, raterId));
    }
    for (const table of Object.values(own)) await tx.delete(table).where(eq(table.personId, personId));
    // Of a token the hash stays: one that an environment presets must not come alive again.
    await tx
      .update(apiToken)
      .set({ name: "", prefix: "", lastUsedAt: null, revokedAt: sql`coalesce(${apiToken.revokedAt}, now())` })
      .where(eq(apiToken.personId, personId));
    // Replies to others tell the address, too.
    await tx
      .delete(idempotentReply)
      .where(
        or(
          eq(idempotentReply.personId, personId),
          sql`strpos(lower(${idempotentReply.body}::text), ${found.email.toLowerCase()}) > 0`,
        ),
      );
    // The log forgets by the address that still stands here.
    await tx.update(person).set({ erasedAt: sql`now()` }).where(eq(person.id, personId));
    await tx.execute(sql`select audit_forget_person(${personId})`);
    await tx
      .update(person)
      .set({
        name: "Erased person",
        email: addressOf(personId),
        passwordHash: null,
        isAdmin: false,
        signedInAt: null,
        deskKeys: {},
        practisedAt: null,
        language: null,
        disabledAt: sql`coalesce(${person.disabledAt}, now())`,
      })
      .where(eq(person.id, personId));
    await audit(tx, actor, {
      action: "person.erase",
      target: { kind: "person", id: personId },
      after: { consent, seats, raters: raters.map(({ raterId }) => raterId) },
    });
  });
}

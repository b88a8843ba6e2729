import { and, asc, eq, isNull } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { membership, person } from "../../db/schema";
import type { ProjectRole } from "../../db/shape/people";
import { type Actor, audit } from "../audit/audit";
import { invalid, notFound } from "../errors";
import type { memberSchema } from "../people/schema";
import { emailIs } from "../people/sign-in";
import { raterOf } from "../rater/rater";
import { releaseSeatsOf } from "../seat/seat";

export type Member = z.infer<typeof memberSchema>;

const shown = {
  personId: person.id,
  name: person.name,
  email: person.email,
  role: membership.role,
  disabledAt: person.disabledAt,
  createdAt: membership.createdAt,
};

/** Who takes part in a project. */
export async function listMembers(db: Db, projectId: string): Promise<Member[]> {
  return db
    .select(shown)
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(eq(membership.projectId, projectId))
    .orderBy(asc(membership.role), asc(person.name));
}

/** Adds somebody who has been invited to this instance, or changes their role. */
export async function setMember(
  db: Db,
  actor: Actor,
  { projectId, email, role }: { projectId: string; email: string; role: ProjectRole },
): Promise<Member> {
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select({ id: person.id })
      .from(person)
      .where(and(emailIs(email), isNull(person.erasedAt)));
    if (!found) throw invalid(`Nobody here has the address ${email}. An admin can invite them first.`);
    const before = await findMember(tx, { projectId, personId: found.id });
    await tx
      .insert(membership)
      .values({ projectId, personId: found.id, role })
      .onConflictDoUpdate({ target: [membership.projectId, membership.personId], set: { role } });
    // Work can be reserved for a member who has not judged yet.
    await raterOf(tx, { projectId, personId: found.id });
    const after = await findMember(tx, { projectId, personId: found.id });
    if (!after) throw new Error("The membership was not stored.");
    await audit(tx, actor, {
      action: "member.set",
      target: { kind: "person", id: found.id },
      projectId,
      before,
      after,
    });
    return after;
  });
}

/** Takes somebody out of a project. What they judged stays; the seats they hold are free at once. */
export async function removeMember(
  db: Db,
  actor: Actor,
  { projectId, personId }: { projectId: string; personId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await findMember(tx, { projectId, personId });
    if (!before) throw notFound("The member");
    await tx
      .delete(membership)
      .where(and(eq(membership.projectId, projectId), eq(membership.personId, personId)));
    await releaseSeatsOf(tx, { personId, projectId });
    await audit(tx, actor, {
      action: "member.remove",
      target: { kind: "person", id: personId },
      projectId,
      before,
    });
  });
}

async function findMember(
  tx: Db,
  { projectId, personId }: { projectId: string; personId: string },
): Promise<Member | undefined> {
  const [found] = await tx
    .select(shown)
    .from(membership)
    .innerJoin(person, eq(person.id, membership.personId))
    .where(and(eq(membership.projectId, projectId), eq(membership.personId, personId)));
  return found;
}

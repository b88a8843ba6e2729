import { and, asc, eq, getTableColumns } from "drizzle-orm";
import type { Db } from "../../db/client";
import { membership, person, rater } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import { forgetPlaces } from "../seat/place";
import type { Rater, Skills } from "./schema";

export interface RaterKey {
  projectId: string;
  personId: string;
}

/** The id of a person's rater in a project, created when there is none. */
export async function raterOf(tx: Db, { projectId, personId }: RaterKey): Promise<string> {
  const mine = and(eq(rater.projectId, projectId), eq(rater.personId, personId));
  const [known] = await tx.select({ id: rater.id }).from(rater).where(mine);
  if (known) return known.id;
  const [who] = await tx.select({ name: person.name }).from(person).where(eq(person.id, personId));
  if (!who) throw notFound("The person");
  await tx
    .insert(rater)
    .values({ projectId, kind: "person", name: who.name, personId })
    .onConflictDoNothing();
  const [created] = await tx.select({ id: rater.id }).from(rater).where(mine);
  if (!created) throw notFound("The person");
  return created.id;
}

/** Everybody who judges or has judged in a project: its members, imported raters, models. */
export async function listRaters(db: Db, projectId: string): Promise<Rater[]> {
  return db
    .select({ ...getTableColumns(rater), role: membership.role })
    .from(rater)
    .leftJoin(
      membership,
      and(eq(membership.projectId, rater.projectId), eq(membership.personId, rater.personId)),
    )
    .where(eq(rater.projectId, projectId))
    .orderBy(asc(rater.name), asc(rater.id));
}

/** From the next claim on the rater gets only prompts of these languages and domains; an empty list means any. */
export async function setSkills(
  db: Db,
  actor: Actor,
  { projectId, raterId, languages, domains }: Skills & { projectId: string; raterId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const one = and(eq(rater.id, raterId), eq(rater.projectId, projectId));
    const [before] = await tx
      .select({ languages: rater.languages, domains: rater.domains })
      .from(rater)
      .where(one)
      .for("no key update");
    if (!before) throw notFound("The rater");
    const after = { languages: [...new Set(languages)], domains: differing(domains) };
    await tx.update(rater).set(after).where(one);
    await audit(tx, actor, {
      action: "rater.setSkills",
      target: { kind: "rater", id: raterId },
      projectId,
      before,
      after,
    });
  });
  forgetPlaces();
}

/** Without those that are there already in other letters: `Medicine` and `medicine` are one. */
const differing = (names: readonly string[]): string[] =>
  [...new Map(names.toReversed().map((name) => [name.toLowerCase(), name])).values()].toReversed();

import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { formVersion, guidelineVersion, person, project, rater } from "../../db/schema";
import { notFound } from "../errors";

export interface RaterKey {
  projectId: string;
  personId: string;
}

const versionInForce = (versions: typeof formVersion | typeof guidelineVersion) =>
  sql`(select ${versions.id} from ${versions} where ${versions.projectId} = ${project.id}
    order by ${versions.version} desc limit 1)`;

/** The rater, with what a claim needs to know of the project. */
const facts = {
  id: rater.id,
  languages: rater.languages,
  domains: rater.domains,
  projectId: project.id,
  leaseSeconds: project.leaseSeconds,
  archivedAt: project.archivedAt,
  formVersionId: sql<string>`${versionInForce(formVersion)}`,
  guidelineVersionId: sql<string | null>`${versionInForce(guidelineVersion)}`,
};

/**
 * Locks a person's rater in a project, so that claims of one rater come one after another; foreign keys to it stay
 * free. A member who has never judged gets a rater here.
 */
export async function lockRater(tx: Db, key: RaterKey) {
  const query = () =>
    tx
      .select(facts)
      .from(rater)
      .innerJoin(project, eq(project.id, rater.projectId))
      .where(and(eq(rater.projectId, key.projectId), eq(rater.personId, key.personId)))
      .for("no key update", { of: rater });
  const [known] = await query();
  if (known) return known;
  await raterOf(tx, key);
  const [created] = await query();
  if (!created) throw notFound("The project");
  return created;
}

export type LockedRater = Awaited<ReturnType<typeof lockRater>>;

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

import { and, desc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { person, rater, raterNote } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { RaterNote } from "./schema";

interface Key {
  projectId: string;
  raterId: string;
}

async function requireRater(db: Db, { projectId, raterId }: Key): Promise<void> {
  const known = and(eq(rater.id, raterId), eq(rater.projectId, projectId));
  if ((await db.$count(rater, known)) === 0) throw notFound("The rater");
}

/** What is noted about a rater, newest first. */
export async function listNotes(db: Db, key: Key): Promise<RaterNote[]> {
  await requireRater(db, key);
  return db
    .select({ id: raterNote.id, text: raterNote.text, by: person.name, at: raterNote.createdAt })
    .from(raterNote)
    .leftJoin(person, eq(person.id, raterNote.personId))
    .where(and(eq(raterNote.raterId, key.raterId), eq(raterNote.projectId, key.projectId)))
    .orderBy(desc(raterNote.createdAt), desc(raterNote.id));
}

/** Notes something about a rater, for whoever runs or checks the project. */
export async function addNote(db: Db, actor: Actor, { text, ...key }: Key & { text: string }): Promise<void> {
  await db.transaction(async (tx) => {
    await requireRater(tx, key);
    await tx.insert(raterNote).values({ ...key, text, personId: actor.personId });
    // The text stays where an erasure finds it.
    await audit(tx, actor, {
      action: "rater.addNote",
      target: { kind: "rater", id: key.raterId },
      projectId: key.projectId,
    });
  });
}

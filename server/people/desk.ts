import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { person } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { DeskHabits, deskChangeSchema } from "./schema";

const shown = {
  keys: person.deskKeys,
  practised: sql<boolean>`${person.practisedAt} is not null`,
  language: person.language,
};

/** How a person works, in every project: their keys, and the language of the site. */
export async function getDeskHabits(db: Db, personId: string): Promise<DeskHabits> {
  const [found] = await db.select(shown).from(person).where(eq(person.id, personId));
  if (!found) throw notFound("The person");
  return found;
}

/** Changes what is given: all keys at once, whether the keys were practised, the language. */
export async function setDeskHabits(
  db: Db,
  actor: Actor,
  { personId, keys, practised, language }: { personId: string } & z.infer<typeof deskChangeSchema>,
): Promise<DeskHabits> {
  return db.transaction(async (tx) => {
    const [before] = await tx.select(shown).from(person).where(eq(person.id, personId)).for("no key update");
    if (!before) throw notFound("The person");
    const [after] = await tx
      .update(person)
      .set({
        deskKeys: keys ?? before.keys,
        language: language === undefined ? before.language : language,
        practisedAt:
          practised === undefined
            ? undefined
            : practised
              ? sql`coalesce(${person.practisedAt}, now())`
              : null,
      })
      .where(eq(person.id, personId))
      .returning(shown);
    if (!after) throw notFound("The person");
    await audit(tx, actor, {
      action: "person.setDesk",
      target: { kind: "person", id: personId },
      before,
      after,
    });
    return after;
  });
}

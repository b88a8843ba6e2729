import { eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { person } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { DeskHabits, deskChangeSchema } from "./schema";

const shown = { keys: person.deskKeys, practised: sql<boolean>`${person.practisedAt} is not null` };

/** How a person works at the desk, in every project. */
export async function getDeskHabits(db: Db, personId: string): Promise<DeskHabits> {
  const [found] = await db.select(shown).from(person).where(eq(person.id, personId));
  if (!found) throw notFound("The person");
  return found;
}

/** Changes what is given: all keys at once, whether the keys were practised, or both. */
export async function setDeskHabits(
  db: Db,
  actor: Actor,
  { personId, keys, practised }: { personId: string } & z.infer<typeof deskChangeSchema>,
): Promise<DeskHabits> {
  return db.transaction(async (tx) => {
    const [before] = await tx.select(shown).from(person).where(eq(person.id, personId)).for("update");
    if (!before) throw notFound("The person");
    const [after] = await tx
      .update(person)
      .set({
        deskKeys: keys ?? before.keys,
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

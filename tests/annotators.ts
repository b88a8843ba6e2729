import { randomUUID } from "node:crypto";
import type { Db } from "@/db/client";
import { membership, person } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { createToken } from "@/server/token/person";

/** Annotators with a token each: made beside the API, which gives tokens only to whoever has signed in. */
export async function makeAnnotators(
  db: Db,
  { projectId, count }: { projectId: string; count: number },
): Promise<{ personId: string; token: string }[]> {
  const people = await db
    .insert(person)
    .values(
      Array.from({ length: count }, (_, index) => ({
        name: `Rater ${index}`,
        email: `${randomUUID()}@example.org`,
      })),
    )
    .returning({ personId: person.id });
  await db
    .insert(membership)
    .values(people.map(({ personId }) => ({ projectId, personId, role: "annotator" as const })));
  return Promise.all(
    people.map(async ({ personId }) => ({
      personId,
      token: (await createToken(db, system, { personId, name: "test", days: 1 })).token,
    })),
  );
}

import { type IDBPDatabase, openDB } from "idb";
import { z } from "zod";
import { wire } from "@/db/shape/wire";
import { deskSchema } from "@/server/judgement/schema";
import { deskHabitsSchema } from "@/server/people/schema";
import { blindTaskSchema } from "@/server/seat/schema";

const keptSchema = z.object({
  personId: z.uuid(),
  projectId: z.uuid(),
  head: deskSchema,
  habits: deskHabitsSchema,
  /** The seats that this browser holds, in the order in which to do them. */
  tasks: z.array(blindTaskSchema),
});
export type Kept = z.infer<typeof keptSchema>;

/** One desk of a project at a time; a database of its own, so that an older tab does not stand in the way of it. */
const open = (): Promise<IDBPDatabase> =>
  openDB("concord-kept", 1, {
    upgrade(database) {
      database.createObjectStore("desks");
    },
  });

async function inDesks<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T | null> {
  try {
    const database = await open();
    try {
      return await work(database);
    } finally {
      database.close();
    }
  } catch {
    // A browser that keeps nothing has a desk as long as the server is there.
    return null;
  }
}

/** Null for what an older version wrote and nobody can read any more. */
function readKept(stored: unknown): Kept | null {
  if (typeof stored !== "string") return null;
  return keptSchema.safeParse(wire.parse(stored)).data ?? null;
}

/** Keeps what the desk shows and what comes next, for a reload while the server is away. */
export async function keepDesk(kept: Kept): Promise<void> {
  await inDesks((database) => database.put("desks", wire.stringify(kept), kept.projectId));
}

export async function keptDesk(projectId: string): Promise<Kept | null> {
  return readKept(await inDesks((database) => database.get("desks", projectId)));
}

/** Whoever signs out, or is another person, leaves nothing to read here. Unsent judgements stay: they are in the outbox. */
export async function forgetDesks(butOf?: string): Promise<void> {
  await inDesks(async (database) => {
    for (const key of await database.getAllKeys("desks")) {
      const kept = readKept(await database.get("desks", key));
      if (!butOf || kept?.personId !== butOf) await database.delete("desks", key);
    }
  });
}

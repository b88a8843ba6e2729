import { type IDBPDatabase, openDB } from "idb";
import { wire } from "@/db/shape/wire";

/** All that is read of a desk by whoever only clears up; what lies in it is `kept-desk`'s. */
const ownerOf = (desk: unknown): unknown =>
  typeof desk === "object" && desk !== null && "personId" in desk ? desk.personId : undefined;

/** One desk of a project at a time; a database of its own, so that an older tab does not stand in the way of it. */
const open = (): Promise<IDBPDatabase> =>
  openDB("concord-kept", 1, {
    upgrade(database) {
      database.createObjectStore("desks");
    },
  });

export async function inDesks<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T | null> {
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

/** What was written here with `wire`; undefined where nothing was. */
export const wireOf = (stored: unknown): unknown =>
  typeof stored === "string" ? wire.parse(stored) : undefined;

/** Whoever signs out, or is another person, leaves nothing to read here. Unsent judgements stay: they are in the outbox. */
export async function forgetDesks(butOf?: string): Promise<void> {
  await inDesks(async (database) => {
    for (const key of await database.getAllKeys("desks")) {
      const owner = ownerOf(wireOf(await database.get("desks", key)));
      if (!butOf || owner !== butOf) await database.delete("desks", key);
    }
  });
}

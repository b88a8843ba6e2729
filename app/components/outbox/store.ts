import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { z } from "zod";
import { type Entry, entrySchema, type StoredEntry } from "./entry";

interface Tables extends DBSchema {
  outbox: { key: number; value: unknown };
  drafts: { key: string; value: unknown };
}

const idSchema = z.object({ id: z.number() });
/** What is in a draft is the desk's: pages without one load nothing of it. */
const storedDraftSchema = z.object({ savedAt: z.number() });

const FORGET_DRAFTS_MS = 60 * 24 * 3600 * 1000;

/** What must outlive the page: unsent judgements in order, and drafts by assignment. */
export interface Store {
  /** Everything unsent of one person. What an older version wrote and nobody can read any more stays untouched. */
  entries(personId: string): Promise<StoredEntry[]>;
  /** Puts an entry at the end of the line; with it the draft it came from is done. */
  add(entry: Entry): Promise<StoredEntry>;
  change(entry: StoredEntry): Promise<void>;
  remove(id: number): Promise<void>;
  /** As it was saved, by whatever version; undefined where there is none. */
  draft(assignmentId: string): Promise<unknown>;
  saveDraft(assignmentId: string, draft: object): Promise<void>;
}

export async function openStore(): Promise<Store> {
  const db = await openDB<Tables>("concord", 1, {
    upgrade(database) {
      database.createObjectStore("outbox", { autoIncrement: true });
      database.createObjectStore("drafts");
    },
  });
  await forgetOldDrafts(db);
  return {
    async entries(personId) {
      const [keys, values] = await Promise.all([db.getAllKeys("outbox"), db.getAll("outbox")]);
      return values.flatMap((value, index) => {
        const { data } = entrySchema.safeParse(value);
        const id = keys[index];
        return data?.personId === personId && id !== undefined ? [{ ...data, id }] : [];
      });
    },
    async add(entry) {
      const both = db.transaction(["outbox", "drafts"], "readwrite");
      const id = await both.objectStore("outbox").add(entry);
      await both.objectStore("drafts").delete(entry.assignmentId);
      await both.done;
      return { ...entry, ...idSchema.parse({ id }) };
    },
    async change({ id, ...entry }) {
      await db.put("outbox", entry, id);
    },
    async remove(id) {
      await db.delete("outbox", id);
    },
    async draft(assignmentId) {
      return db.get("drafts", assignmentId);
    },
    async saveDraft(assignmentId, draft) {
      await db.put("drafts", { ...draft, savedAt: Date.now() }, assignmentId);
    },
  };
}

async function forgetOldDrafts(db: IDBPDatabase<Tables>): Promise<void> {
  const oldest = Date.now() - FORGET_DRAFTS_MS;
  const drafts = db.transaction("drafts", "readwrite");
  for await (const cursor of drafts.store) {
    const { data } = storedDraftSchema.safeParse(cursor.value);
    if (!data || data.savedAt < oldest) await cursor.delete();
  }
  await drafts.done;
}

import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { project } from "../../db/schema";
import { log } from "../log";
import { markChanged } from "../look/look";
import { emit } from "./events";

/** Judgements come by the hundred in a second; pages need to look again only once in it. */
const PAUSE_MS = 1000;

/** Projects of which something is to be told, and whether that is of their judgements. */
const waiting = new Map<string, { judgements: boolean }>();

/**
 * Tells the pages of a project, and who measures its quality, that its judgements changed: at most once a second from
 * this process. Not part of any transaction: NOTIFY takes a lock that would make commits wait for each other.
 */
export function projectChanged(db: Db, projectId: string): void {
  tell(db, projectId, { judgements: true });
}

/** Tells the pages alone, in the same way: what changed is no judgement, and there is nothing to measure. */
export function pagesChanged(db: Db, projectId: string): void {
  tell(db, projectId, { judgements: false });
}

function tell(db: Db, projectId: string, what: { judgements: boolean }): void {
  const before = waiting.get(projectId);
  if (before) {
    before.judgements ||= what.judgements;
    return;
  }
  waiting.set(projectId, what);
  setTimeout(async () => {
    waiting.delete(projectId);
    try {
      await db.transaction(async (tx) => {
        // A deletion waits for this, and takes it along; one that came first leaves nothing to tell.
        const there = tx.select({ id: project.id }).from(project).where(eq(project.id, projectId));
        if ((await there.for("key share")).length === 0) return;
        await emit(tx, `project:${projectId}`, "changed");
        if (what.judgements) await markChanged(tx, projectId);
      });
    } catch (cause) {
      log.warn({ projectId, cause }, "Pages could not be told of a change.");
    }
  }, PAUSE_MS).unref();
}

import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { project } from "../../db/schema";
import { log } from "../log";
import { markChanged } from "../look/look";
import { emit } from "./events";

/** Judgements come by the hundred in a second; pages need to look again only once in it. */
const PAUSE_MS = 1000;

const waiting = new Set<string>();

/**
 * Tells the pages of a project, and who measures its quality, that its judgements changed: at most once a second from
 * this process. Not part of any transaction: NOTIFY takes a lock that would make commits wait for each other.
 */
export function projectChanged(db: Db, projectId: string): void {
  if (waiting.has(projectId)) return;
  waiting.add(projectId);
  setTimeout(async () => {
    waiting.delete(projectId);
    try {
      await db.transaction(async (tx) => {
        // A deletion waits for this, and takes it along; one that came first leaves nothing to tell.
        const there = tx.select({ id: project.id }).from(project).where(eq(project.id, projectId));
        if ((await there.for("key share")).length === 0) return;
        await emit(tx, `project:${projectId}`, "changed");
        await markChanged(tx, projectId);
      });
    } catch (cause) {
      log.warn({ projectId, cause }, "Pages could not be told of a change.");
    }
  }, PAUSE_MS).unref();
}

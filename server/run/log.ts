import { and, asc, eq, gt } from "drizzle-orm";
import type { Db } from "../../db/client";
import { runLog } from "../../db/schema";
import { emit } from "../event/events";

export async function logRun(
  db: Db,
  { runId, level, message }: { runId: string; level: "info" | "warning" | "error"; message: string },
): Promise<void> {
  await db.insert(runLog).values({ runId, level, message });
  await emit(db, `run:${runId}`, "log", { level, message });
}

export async function runLogAfter(
  db: Db,
  { runId, afterId, limit }: { runId: string; afterId: number; limit: number },
) {
  return db
    .select()
    .from(runLog)
    .where(and(eq(runLog.runId, runId), gt(runLog.id, afterId)))
    .orderBy(asc(runLog.id))
    .limit(limit);
}

import { asc, eq, gt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { worker } from "../../db/schema";
import type { WorkerCapabilities } from "../../db/shape/run";
import { LEASE_SECONDS } from "./lease";

/** Says that a worker is alive. */
export async function announceWorker(
  db: Db,
  { id, name, capabilities }: { id: string; name: string; capabilities: WorkerCapabilities },
): Promise<void> {
  await db
    .insert(worker)
    .values({ id, name, capabilities })
    .onConflictDoUpdate({ target: worker.id, set: { heartbeatAt: sql`now()`, capabilities } });
}

/** Forgets a worker that shut down. */
export async function dismissWorker(db: Db, id: string): Promise<void> {
  await db.delete(worker).where(eq(worker.id, id));
}

/** Workers that spoke within the last lease. */
export async function liveWorkers(db: Db) {
  return db
    .select()
    .from(worker)
    .where(gt(worker.heartbeatAt, sql`now() - make_interval(secs => ${LEASE_SECONDS})`))
    .orderBy(asc(worker.name));
}

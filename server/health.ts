import { gt, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { worker } from "../db/schema";
import manifest from "../package.json";

/** Three heartbeats: workers announce themselves every 10 s. */
const WORKER_SILENCE = sql`now() - interval '30 seconds'`;
const PATIENCE_MS = 3_000;

export interface Health {
  status: "ok" | "unavailable";
  version: string;
  /** The parts that do not answer: `database`, `worker`. */
  missing: string[];
}

/** Whether the whole platform can work: asked by a site that is up, so only the rest is looked at. */
export async function health(db: Db): Promise<Health> {
  const workers = await Promise.race([workersAlive(db).catch(() => undefined), patience()]);
  const missing = workers === undefined ? ["database"] : workers === 0 ? ["worker"] : [];
  return { status: missing.length ? "unavailable" : "ok", version: manifest.version, missing };
}

const workersAlive = (db: Db) => db.$count(worker, gt(worker.heartbeatAt, WORKER_SILENCE));

/** A database that is away lets a query wait until it is back. */
function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined).unref());
}

import { statfs } from "node:fs/promises";
import { gt, sql } from "drizzle-orm";
import type { Db } from "../db/client";
import { worker } from "../db/schema";
import manifest from "../package.json";
import { env } from "./env";

/** Three heartbeats: workers announce themselves every 10 s. */
const WORKER_SILENCE = sql`now() - interval '30 seconds'`;
const PATIENCE_MS = 3_000;
/** PostgreSQL writes its log ahead in pieces of 16 MB, and needs some of them to end in order. */
const LEAST_ROOM = 128 * 1024 * 1024;

export interface Health {
  status: "ok" | "unavailable";
  version: string;
  /** The parts that do not answer, `database` and `worker`, and `disk` when there is hardly any room left. */
  missing: string[];
}

/** Whether the whole platform can work: asked by a site that is up, so only the rest is looked at. */
export async function health(db: Db): Promise<Health> {
  const workers = await Promise.race([workersAlive(db).catch(() => undefined), patience()]);
  const missing = workers === undefined ? ["database"] : workers === 0 ? ["worker"] : [];
  if (await isDiskFull(env().CONCORD_DATA)) missing.push("disk");
  return { status: missing.length ? "unavailable" : "ok", version: manifest.version, missing };
}

/** Whether the disk of the data folder is as good as full. */
async function isDiskFull(folder: string): Promise<boolean> {
  // An instance with an external database and store may have no folder at all.
  const disk = await statfs(folder).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < LEAST_ROOM;
}

const workersAlive = (db: Db) => db.$count(worker, gt(worker.heartbeatAt, WORKER_SILENCE));

/** A database that is away lets a query wait until it is back. */
function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined).unref());
}

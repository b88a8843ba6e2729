import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, open, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect, type Database } from "@/db/client";
import { freePort } from "@/db/embedded/port";
import { startEmbedded } from "@/db/embedded/server";
import { healthy } from "@/workers/tour/product";

const START = fileURLToPath(new URL("../workers/start.ts", import.meta.url));
/** The kernel counts processor time in hundredths of a second. */
const TICK_MS = 10;

/**
 * What of the product can be killed.
 * - `engine`   a process that the worker has started
 * - `backend`  a connection of the database: PostgreSQL then ends all others too, and recovers
 * - `postmaster` the database
 */
export const programs = ["site", "worker", "engine", "backend", "postmaster"] as const;
export type ProgramName = (typeof programs)[number];

/** What `npm start` runs, on a data folder and a port of its own. */
export interface Platform {
  url: string;
  adminToken: string;
  folder: string;
  /** The same database, for counting beside the site. */
  database: Database;
  /** Milliseconds of processor time so far. */
  processorTime(): { site: number; database: number };
  /** The process that is it now; null where there is none. */
  pidOf(name: ProgramName): number | null;
  /** With -9. @returns which process it was; null where there is none now */
  kill(name: ProgramName): number | null;
  restartDatabase(): Promise<void>;
  /** The end of what the product wrote to its console. */
  log(): string;
  stop(): Promise<void>;
}

/** @param within an empty folder for everything that the product keeps; absent: one that goes when it stops */
export async function startPlatform({
  within,
  env = {},
}: {
  within?: string;
  env?: Record<string, string>;
} = {}): Promise<Platform> {
  const folder = await realpath(within ?? (await mkdtemp(join(tmpdir(), "concord-platform-"))));
  await chmod(folder, 0o755);
  const logs = await mkdtemp(join(tmpdir(), "concord-log-"));
  const logFile = join(logs, "start.log");
  const log = await open(logFile, "w");
  const port = await freePort();
  const adminToken = `concord_${randomBytes(24).toString("base64url")}`;
  const child = spawn(process.execPath, ["--import", "tsx", START], {
    env: {
      ...process.env,
      PORT: String(port),
      CONCORD_DATA: folder,
      CONCORD_ADMIN_TOKEN: adminToken,
      CONCORD_DEMO: "false",
      LOG_LEVEL: "warn",
      NODE_ENV: "production",
      ...env,
    },
    stdio: ["ignore", log.fd, log.fd],
  });
  const url = `http://127.0.0.1:${port}`;
  await healthy(url, child).catch((cause) => {
    throw new Error(`npm start did not come up; see ${logFile}`, { cause });
  });
  // Adopts the running cluster.
  const server = await startEmbedded(folder);
  const cluster = join(await realpath(join(folder, "postgres")), "cluster");
  const postmaster = () => Number.parseInt(readFileSync(join(cluster, "postmaster.pid"), "utf8"), 10);
  const database = connect(server.url, { max: 4 });
  const pidOf = (name: ProgramName) => {
    const all = processes();
    const of = (parent: number | undefined, command: RegExp) =>
      all.filter((one) => one.parent === parent && command.test(one.command));
    const worker = of(child.pid, /workers\/main\.ts/)[0];
    const found = {
      site: () => of(child.pid, /next/)[0],
      worker: () => worker,
      engine: () => of(worker?.pid, /./)[0],
      backend: () => of(postmaster(), /^postgres: \S+ concord /)[0],
      postmaster: () => all.find(({ pid }) => pid === postmaster()),
    }[name]();
    return found?.pid ?? null;
  };
  return {
    url,
    adminToken,
    folder,
    database,
    processorTime: () => ({ site: timeOf(pidOf("site") ?? 0), database: familyTime(postmaster()) }),
    pidOf,
    kill(name) {
      const pid = pidOf(name);
      if (pid !== null) process.kill(pid, "SIGKILL");
      return pid;
    },
    async restartDatabase() {
      await server.stop();
      await server.start();
    },
    log: () => readFileSync(logFile, "utf8").slice(-20_000),
    async stop() {
      await database.close();
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await log.close();
      await rm(logs, { recursive: true, force: true });
      await rm(await realpath(join(folder, "postgres")), { recursive: true, force: true });
      // A folder that was given may be the place of a mounted disk.
      const entries = within ? readdirSync(folder).map((name) => join(folder, name)) : [folder];
      for (const entry of entries) await rm(entry, { recursive: true, force: true });
    },
  };
}

interface Process {
  pid: number;
  parent: number;
  command: string;
  time: number;
}

/** See proc(5): after the name in parentheses come state, parent, …; utime and stime are the 12th and 13th. */
function readProcess(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      pid,
      parent: Number(fields[1]),
      command,
      time: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
  } catch {
    return null; // It ended meanwhile.
  }
}

const processes = () =>
  readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));

const timeOf = (pid: number) => readProcess(pid)?.time ?? 0;

const familyTime = (root: number) =>
  processes().reduce((sum, { pid, parent, time }) => (pid === root || parent === root ? sum + time : sum), 0);

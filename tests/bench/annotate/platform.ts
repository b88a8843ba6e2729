import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, open, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect, type Database } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";

const START = fileURLToPath(new URL("../../../workers/start.ts", import.meta.url));
/** A build may come first. */
const START_PATIENCE_MS = 600_000;
/** The kernel counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** What `npm start` runs, on a data folder and a port of its own. */
export interface Platform {
  url: string;
  adminToken: string;
  /** The same database, for counting beside the site. */
  database: Database;
  /** Milliseconds of processor time so far. */
  processorTime(): { site: number; database: number };
  killSite(): void;
  restartDatabase(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPlatform(): Promise<Platform> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "concord-bench-")));
  await chmod(folder, 0o755);
  const log = await open(join(folder, "start.log"), "w");
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
    },
    stdio: ["ignore", log.fd, log.fd],
  });
  const url = `http://127.0.0.1:${port}`;
  await healthy(url, child).catch((cause) => {
    throw new Error(`npm start did not come up; see ${folder}/start.log`, { cause });
  });
  // Adopts the running cluster.
  const server = await startEmbedded(folder);
  const cluster = join(await realpath(join(folder, "postgres")), "cluster");
  const postmaster = () => Number.parseInt(readFileSync(join(cluster, "postmaster.pid"), "utf8"), 10);
  const database = connect(server.url, { max: 4 });
  return {
    url,
    adminToken,
    database,
    processorTime: () => ({ site: timeOf(sitePid(child)), database: familyTime(postmaster()) }),
    killSite: () => process.kill(sitePid(child), "SIGKILL"),
    async restartDatabase() {
      await server.stop();
      await server.start();
    },
    async stop() {
      await database.close();
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await log.close();
      await rm(await realpath(join(folder, "postgres")), { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  const patience = Date.now() + START_PATIENCE_MS;
  while (Date.now() < patience) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}.`);
    const ok = await fetch(`${url}/api/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await sleep(200);
  }
  throw new Error("npm start did not answer.");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (!address || typeof address === "string") throw new Error("No free port.");
  return address.port;
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

function sitePid(start: ChildProcess): number {
  const site = processes().find(({ parent, command }) => parent === start.pid && /next|site/.test(command));
  if (!site) throw new Error("The site's process was not found.");
  return site.pid;
}

const timeOf = (pid: number) => readProcess(pid)?.time ?? 0;

const familyTime = (root: number) =>
  processes().reduce((sum, { pid, parent, time }) => (pid === root || parent === root ? sum + time : sum), 0);

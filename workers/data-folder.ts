import { chmod, lstat, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DATA_FOLDER_MODE } from "../db/embedded/place";
import { log } from "../server/log";

/** The embedded database's own, closed by db/embedded/place.ts: as root another account's. */
const DATABASE = "postgres";
/** What the site and the worker make later: here, so that it is never open for a moment. */
const PARTS = ["artifacts", "runs", "models", "hub"];

/**
 * Makes the data folder, or closes the one that is there, to everybody but its owner: it holds texts of experts,
 * models, and the secret that signs sessions.
 */
export async function keepPrivate(data: string): Promise<void> {
  await mkdir(data, { recursive: true, mode: DATA_FOLDER_MODE });
  for (const part of PARTS) await mkdir(join(data, part), { recursive: true, mode: 0o700 });
  try {
    // What lies in it first, so that nothing is open behind a folder that others may pass through.
    for (const name of await readdir(data)) if (name !== DATABASE) await close(join(data, name));
    const { mode } = await stat(data);
    if ((mode & 0o777 & ~DATA_FOLDER_MODE) !== 0) await chmod(data, DATA_FOLDER_MODE);
  } catch (err) {
    log.warn({ err }, `others on this machine may read ${data}: its rights cannot be changed`);
  }
}

/** A link is left: it leads to a place whose rights somebody else decided. */
async function close(path: string): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (!entry || entry.isSymbolicLink() || (entry.mode & 0o077) === 0) return;
  await chmod(path, entry.mode & 0o700);
}

import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";

/** Of a Unix socket's address (macOS has the least). */
const LONGEST_PATH = 100;

/**
 * Two supervisors on one data folder would stop each other's database. The first listens on a socket in the folder for
 * as long as it lives; one that was killed answers nobody, so its socket is taken over.
 * @returns gives the folder up
 * @throws when another one answers
 */
export async function holdDataFolder(data: string): Promise<() => Promise<void>> {
  const path = join(data, "supervisor.sock");
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new Error(`The data folder's path is too long (${path}): set CONCORD_DATA to a shorter one.`);
  const held = (await listening(path)) ?? ((await answers(path)) ? undefined : await takeOver(path));
  if (!held)
    throw new Error(
      `Concord already runs with the data folder ${data}. Stop it first, or set CONCORD_DATA to another folder.`,
    );
  held.unref();
  return async () => {
    held.close();
    await rm(path, { force: true });
  };
}

async function takeOver(path: string): Promise<Server | undefined> {
  await rm(path, { force: true });
  return listening(path);
}

/** @returns undefined when something with that name is there already */
async function listening(path: string): Promise<Server | undefined> {
  const server = createServer((visitor) => visitor.destroy()).listen(path);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

async function answers(path: string): Promise<boolean> {
  const visitor = connect(path);
  try {
    await once(visitor, "connect");
    return true;
  } catch {
    return false;
  } finally {
    visitor.destroy();
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../db/embedded/port";
import { ConcordApi } from "../cli/api";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A first start builds the site, which takes about a minute on two cores. */
const START_MS = 600_000;

export interface Product {
  api: ConcordApi;
  address: string;
  stop(): Promise<void>;
}

/** The whole product on a fresh database of its own, in a folder that goes when it stops. */
export async function startProduct(): Promise<Product> {
  const data = await mkdtemp(join(tmpdir(), "concord-demo-"));
  const port = await freePort();
  const token = randomBytes(24).toString("base64url");
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "workers/start.ts"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...inherited,
      CONCORD_DATA: data,
      CONCORD_ADMIN_TOKEN: token,
      CONCORD_DEMO: "false",
      PORT: String(port),
      LOG_LEVEL: "warn",
    },
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(data, { recursive: true, force: true });
  };
  const address = `http://localhost:${port}`;
  try {
    await healthy(address, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { api: new ConcordApi(address, token), address, stop };
}

/** Until a product that was started answers. @throws where it ended, or does not come up */
export async function healthy(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`Concord ended with status ${child.exitCode} while it started.`);
    const answer = await fetch(`${address}/api/health`).catch(() => null);
    if (answer?.ok) return;
    await sleep(250);
  }
  throw new Error(`Concord did not start within ${START_MS / 60_000} minutes.`);
}

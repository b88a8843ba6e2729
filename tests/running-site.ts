import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@/db/embedded/port";
import { healthy } from "@/workers/tour/product";

/** The whole product as `npm start` gives it, on data of its own; builds the site if its code is newer. */
export async function runningSite(token: string) {
  const folder = await mkdtemp(join(tmpdir(), "concord-site-"));
  // Lets the database's own account in when the tests run as root.
  await chmod(folder, 0o755);
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const site = spawn(process.execPath, ["--import", "tsx", "workers/start.ts"], {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PORT: String(port),
      CONCORD_DATA: folder,
      CONCORD_ADMIN_TOKEN: token,
      LOG_LEVEL: "warn",
    },
  });
  await healthy(address, site);
  return {
    address,
    async close() {
      if (site.exitCode === null) {
        site.kill("SIGTERM");
        await once(site, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

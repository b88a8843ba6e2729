import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Set to a Python that has schemathesis 4: `pip install schemathesis`. */
const PYTHON = process.env.CONCORD_SCHEMATHESIS_PYTHON;
const TOKEN = "concord_a_token_for_one_run_of_schemathesis";

let site: ReturnType<typeof spawn> | undefined;
let folder = "";
let address = "";

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const found = server.address();
  server.close();
  return found && typeof found === "object" ? found.port : 0;
}

beforeAll(async () => {
  if (!PYTHON) return;
  folder = await mkdtemp(join(tmpdir(), "concord-fuzz-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  address = `http://localhost:${port}`;
  site = spawn(process.execPath, ["--import", "tsx", "workers/start.ts"], {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PORT: String(port),
      CONCORD_DATA: folder,
      CONCORD_ADMIN_TOKEN: TOKEN,
      LOG_LEVEL: "warn",
    },
  });
  while (site.exitCode === null && !(await fetch(`${address}/api/health`).catch(() => undefined)))
    await new Promise((resolve) => setTimeout(resolve, 500));
}, 600_000);

afterAll(async () => {
  if (site?.exitCode === null) {
    site.kill("SIGTERM");
    await once(site, "exit");
  }
  if (folder) await rm(folder, { recursive: true, force: true });
}, 60_000);

test.skipIf(!PYTHON)("no request that schemathesis thinks of, right or wrong, makes the API fail", () => {
  const run = spawnSync(
    PYTHON ?? "",
    [
      ...["-m", "schemathesis.cli", "run", `${address}/api/v1/openapi.json`, "--url", `${address}/api/v1`],
      ...["--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--max-examples", "20"],
      // These end the token that asks, or the whole instance's use of it.
      ...["--exclude-operation-id", "token.revoke", "--exclude-operation-id", "person.setPassword"],
      // A live stream goes on for as long as it is read.
      ...["--exclude-operation-id", "run.watch"],
      ...["--header", `Authorization: Bearer ${TOKEN}`, "--seed", "1"],
    ],
    { encoding: "utf8", timeout: 1_500_000, maxBuffer: 64 * 1024 * 1024 },
  );
  expect(run.status, run.stdout.slice(-4000) + run.stderr.slice(-2000)).toBe(0);
});

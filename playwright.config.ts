import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// Playwright reads this file in every process; what is drawn once must be the same in all of them.
process.env.PORT ||= String(randomInt(20_000, 30_000));
process.env.CONCORD_ADMIN_TOKEN ||= `concord_${randomBytes(24).toString("hex")}`;
process.env.CONCORD_DATA ||= dataFolder();

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "concord-e2e-"));
  // Lets the database's own account in when the tests run as root.
  chmodSync(folder, 0o755);
  return folder;
}

const address = `http://localhost:${process.env.PORT}`;

export default defineConfig({
  // `npm run test:e2e` asks for the first, `npm run bench:desk` for the second.
  projects: [
    { name: "e2e", testDir: "tests/e2e" },
    { name: "bench", testDir: "tests/bench", workers: 1 },
  ],
  // One of them waits without its server for two minutes; every test has a project of its own on the one site.
  workers: 2,
  timeout: 300_000,
  // Two cores also train while the tests run.
  expect: { timeout: 60_000 },
  forbidOnly: true,
  use: {
    baseURL: address,
    // A film of every page would cost a tenth of the run: a failure has its document step by step, and one picture.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: "node --import tsx workers/start.ts",
    url: `${address}/api/health`,
    timeout: 600_000,
    stdout: "pipe",
    gracefulShutdown: { signal: "SIGTERM", timeout: 30_000 },
    // Tests are models themselves.
    env: { LOG_LEVEL: "warn", CONCORD_ENDPOINT_HOSTS: "127.0.0.1" },
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/**
 * `unit` needs nothing, `integration` gets a real PostgreSQL (one cluster, a template database, one database
 * per test file), `parity` compares the training engine with committed golden files of torch and TRL.
 */
export default defineConfig({
  resolve: { alias: { "@": root } },
  test: {
    maxWorkers: 2,
    server: { deps: { inline: ["next-auth"] } },
    projects: [
      {
        extends: true,
        // Some parse files of 50 MB; a busy machine needs more than the usual 5 s for that.
        test: { name: "unit", include: ["tests/unit/**/*.test.{ts,tsx}"], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          globalSetup: ["tests/integration/cluster.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "parity",
          include: ["tests/parity/**/*.test.ts"],
          testTimeout: 300_000,
          pool: "forks",
        },
      },
    ],
  },
});

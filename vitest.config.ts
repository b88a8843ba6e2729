import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const nightly = "tests/**/*.nightly.test.ts";
const cluster = "tests/integration/cluster.ts";
/** What a cold run leaves for when its Python is there. */
const withPython = ["tests/integration/dataset.test.ts", "tests/integration/training.test.ts"];

function project(name: string, test: TestProjectInlineConfiguration["test"]): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: { name, exclude: [nightly], setupFiles: ["tests/run/leaks.ts"], hookTimeout: 120_000, ...test },
  };
}

/**
 * The name of a file says where its tests run. `unit` needs nothing, `integration` gets a real PostgreSQL (one cluster,
 * a template database, one database per test file), `python` that and the reference libraries, `parity` compares the
 * engines with torch and TRL or with what they computed. `*.nightly.test.ts` of any folder is too long for `npm test`: `npm run test:all` has it too.
 */
export default defineConfig({
  resolve: { alias: { "@": root } },
  test: {
    maxWorkers: 2,
    // What a test waits for may take long on a busy machine.
    expect: { poll: { timeout: 120_000 } },
    server: { deps: { inline: ["next-auth"] } },
    projects: [
      // Some parse files of 50 MB; a busy machine needs more than the usual 5 s for that.
      // They keep nothing in their modules that another would find, so a worker loads those once.
      project("unit", { include: ["tests/unit/**/*.test.{ts,tsx}"], testTimeout: 60_000, isolate: false }),
      project("integration", {
        include: ["tests/{integration,security}/**/*.test.ts"],
        exclude: [nightly, ...withPython],
        globalSetup: [cluster],
        testTimeout: 300_000,
      }),
      project("python", { include: withPython, globalSetup: [cluster], testTimeout: 300_000 }),
      project("parity", { include: ["tests/parity/**/*.test.ts"], testTimeout: 300_000 }),
      project("nightly", { include: [nightly], exclude: [], globalSetup: [cluster], testTimeout: 1_800_000 }),
    ],
  },
});

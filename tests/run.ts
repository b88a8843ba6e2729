import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { preparePython } from "@/tests/python";
import { buildIfNeeded } from "@/workers/build";

/** `npm test`: types, lint, vitest, production build and browser tests, summed in one last line. */

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const CHROMIUM = "/usr/bin/chromium";
const bin = (name: string) => join("node_modules", ".bin", name);

async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  const [code] = await once(child, "exit");
  return code ?? 1;
}

/** A step that passes or fails as a whole. */
async function step(title: string, work: () => Promise<number>): Promise<Count> {
  console.log(`\n— ${title}`);
  const ok = (await work()) === 0;
  console.log(`${ok ? "✓" : "✗"} ${title}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

async function vitest(folder: string): Promise<Count> {
  console.log("\n— unit, integration and parity tests");
  const file = join(folder, "vitest.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await run(bin("vitest"), args);
  const report = vitestReport.parse(await readReport(file));
  return counted(code, {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  });
}

const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
});

async function playwright(folder: string): Promise<Count> {
  console.log("\n— browser tests");
  const file = join(folder, "playwright.json");
  const code = await run(bin("playwright"), ["test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    CONCORD_DATA: join(folder, "data"),
  });
  const { stats } = playwrightReport.parse(await readReport(file));
  return counted(code, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  });
}

async function readReport(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, "utf8"));
}

/** A runner can fail without a failed test: an import that throws, an error after the last test. */
function counted(code: number, count: Count): Count {
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

async function ensureChromium(): Promise<void> {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`The browser tests need Chromium at ${CHROMIUM}: sudo apt-get install chromium`);
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "--quiet"], env);
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "--quiet", "chromium"], env);
  if (!existsSync(CHROMIUM)) throw new Error("Chromium could not be installed; the reason is above.");
}

async function browser(folder: string): Promise<Count[]> {
  const built = await step("production build", async () => {
    await buildIfNeeded(process.cwd(), new AbortController().signal);
    return 0;
  });
  return [built, await playwright(folder)];
}

/** What stops a stage altogether counts as one failure, and the other stages still run. */
async function orFailed(stage: Promise<Count[]>): Promise<Count[]> {
  return stage.catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return [{ passed: 0, failed: 1, skipped: 0 }];
  });
}

const noPython = preparePython();
if (noPython) console.log(`Tests against torch and TRL themselves are skipped: ${noPython}`);
// First, because SwiftShader comes with it: without it the tests of WebGPU are skipped. The browser stage says why.
const chromium = ensureChromium();
await chromium.catch(() => {});
const folder = await mkdtemp(join(tmpdir(), "concord-test-run-"));
// The site's data lies in it too: lets the database's own account in when the tests run as root.
await chmod(folder, 0o755);
const counts = [
  await step("types", async () => (await run(bin("next"), ["typegen"])) || run(bin("tsc"), ["--noEmit"])),
  await step("lint", () => run(bin("biome"), ["check", "."])),
  ...(await orFailed(vitest(folder).then((count) => [count]))),
  ...(await orFailed(chromium.then(() => browser(folder)))),
];
await rm(folder, { recursive: true, force: true });

const total = (key: keyof Count) => counts.reduce((sum, count) => sum + count[key], 0);
const skipped = total("skipped") > 0 ? `, ${total("skipped")} skipped` : "";
console.log(`\n${total("passed")} passed, ${total("failed")} failed${skipped}`);
process.exit(total("failed") > 0 ? 1 : 0);

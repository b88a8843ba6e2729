import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { NO_PYTHON, preparePython, referencePython } from "@/tests/python";
import { playwrightOutcome, pytestOutcome, vitestOutcome } from "./reports";
import { nothing, type Outcome, Stage, sentence, sum } from "./stage";

/**
 * `npm test`: everything but what is nightly; `npm run test:all`: that too; `npm run test:unit`, `:integration`,
 * `:parity`, `:e2e [-- FILE…]`: one kind of tests, or some files of it. The last line is the count.
 */
const kinds = ["unit", "integration", "parity", "e2e"] as const;
type Kind = (typeof kinds)[number];

const CHROMIUM = "/usr/bin/chromium";
const bin = (name: string) => join("node_modules", ".bin", name);
const [asked = "daily", ...files] = process.argv.slice(2);
const kind: Kind | undefined = kinds.find((name) => name === asked);
if (!kind && asked !== "daily" && asked !== "all") {
  console.error(`Tests are one of ${kinds.join(", ")}, or all; not ${asked}.`);
  process.exit(2);
}
const nightly = asked === "all";
/** Read by tests/nightly.ts. */
const env = { CONCORD_TESTS: nightly ? "all" : "daily" };

const whole = await mkdtemp(join(tmpdir(), "ct-"));
// The site's data lies in it too: lets the database's own account in when the tests run as root.
await chmod(whole, 0o755);
const stage = (name: string, work: (stage: Stage) => Promise<Outcome>): Promise<Outcome> =>
  new Stage(name, whole).outcome(work);

async function vitest(
  stage: Stage,
  projects: readonly string[],
  { only = files, options = [] }: { only?: readonly string[]; options?: readonly string[] } = {},
): Promise<Outcome> {
  const report = join(stage.folder, "vitest.json");
  const chosen = projects.flatMap((name) => ["--project", name]);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = await stage.run(bin("vitest"), ["run", ...chosen, ...reporters, ...options, ...only], {
    env,
  });
  return vitestOutcome(report, status);
}

async function playwright(stage: Stage): Promise<Outcome> {
  const report = join(stage.folder, "playwright.json");
  const status = await stage.run(
    bin("playwright"),
    ["test", "--project=e2e", "--reporter=list,json", ...files],
    {
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report, CONCORD_DATA: join(stage.folder, "data") },
    },
  );
  return playwrightOutcome(report, status);
}

/** What checks workers/torch. */
async function torchPackage(stage: Stage): Promise<Outcome> {
  const python = referencePython();
  if (python === null) {
    stage.say(`The tests of workers/torch are skipped: ${NO_PYTHON}.`);
    return { ...nothing, skipped: 1 };
  }
  const folder = resolve("workers/torch");
  const cache = join(stage.folder, "cache");
  const there = { cwd: folder, env: { PYTHONPATH: folder, OMP_NUM_THREADS: "1", XDG_CACHE_HOME: cache } };
  const report = join(stage.folder, "pytest.xml");
  const chosen = nightly ? [] : ["--ignore-glob=*_nightly.py"];
  const pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", `--junitxml=${report}`, ...chosen];
  return sum([
    await stage.whole(python, ["-m", "ruff", "check", "."], there),
    await stage.whole(python, ["-m", "ruff", "format", "--check", "."], there),
    await stage.whole(python, ["-m", "mypy"], there),
    await pytestOutcome(report, await stage.run(python, pytest, there)),
  ]);
}

async function ensureChromium(stage: Stage): Promise<Outcome> {
  if (existsSync(CHROMIUM)) return nothing;
  if (process.getuid?.() !== 0)
    throw new Error(`The browser tests need Chromium at ${CHROMIUM}: sudo apt-get install chromium`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await stage.run("apt-get", ["update", "--quiet"], { env });
  await stage.run("apt-get", ["install", "--yes", "--no-install-recommends", "--quiet", "chromium"], { env });
  if (!existsSync(CHROMIUM)) throw new Error("Chromium could not be installed; the reason is above.");
  return nothing;
}

async function ensurePython(stage: Stage): Promise<Outcome> {
  const why = await preparePython();
  if (why) stage.say(`Tests against torch and TRL themselves are skipped: ${why}`);
  return nothing;
}

/** One after the other, for the sake of a machine with two cores. */
async function inTurn(...stages: (() => Promise<Outcome>)[]): Promise<Outcome> {
  const outcomes = [];
  for (const next of stages) outcomes.push(await next());
  return sum(outcomes);
}

// SwiftShader comes with Chromium: without it the tests of WebGPU are skipped, and the browser stage says why.
const needsBrowser = !kind || kind === "e2e" || kind === "parity";
const needsPython = !kind || kind === "integration" || kind === "parity";
const chromium = needsBrowser ? stage("chrome", ensureChromium) : Promise.resolve(nothing);
const python = needsPython ? stage("python", ensurePython) : Promise.resolve(nothing);
const build = () =>
  stage("build", (it) => it.whole(process.execPath, ["--import", "tsx", "workers/build.ts"]));
const browser = async () => {
  const { failed } = await chromium;
  return failed > 0 ? nothing : stage("e2e", playwright);
};
const torch = () => stage("torch", torchPackage);
const types = () =>
  stage("types", async (it) =>
    sum([
      await it.whole(bin("next"), ["typegen"]),
      // Each further checker would work out the types of the whole API once more: a third more work.
      await it.whole(bin("tsc"), ["--noEmit", "--checkers", "1"]),
    ]),
  );
const lint = () =>
  stage("lint", async (it) =>
    sum([
      await it.whole(bin("biome"), ["check", "."]),
      await it.whole(bin("knip"), ["--no-progress", "--no-config-hints"]),
    ]),
  );
/** An hour of it finds what is rare; by day as many faults as in two minutes of that hour. It wants the site built. */
const soak = () => {
  const length = nightly ? ["--minutes", "60"] : ["--minutes", "1", "--pause", "3"];
  return stage("soak", (it) =>
    it.whole(process.execPath, ["--import", "tsx", "tests/soak/main.ts", ...length]),
  );
};
const unit = () => stage("unit", (it) => vitest(it, ["unit"]));
/** A process reads its variables once: a file that sets some has a process of its own, the others load modules once. */
const database = () =>
  stage("server", async (it) => {
    const folders = ["tests/integration", "tests/security"];
    const all = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    const written = all.filter((path) => path.endsWith(".test.ts"));
    const [alone, together] = [true, false].map((setsSome) =>
      written.filter((path) => /process\.env\.\w+ (\?\?)?= /.test(readFileSync(path, "utf8")) === setsSome),
    );
    return sum([
      await vitest(it, ["integration"], { only: alone }),
      await vitest(it, ["integration"], { only: together, options: ["--no-isolate"] }),
    ]);
  });
const rest = async (projects: readonly string[]) => {
  await Promise.all([python, chromium]);
  return stage("engine", (it) => vitest(it, projects));
};

/**
 * In two rows, for two cores; what is left when a row is done is taken by whichever is free, so that none works alone at
 * the end.
 */
async function everything(): Promise<Outcome> {
  const typed = types();
  // After the types: the build clears the folder that `next typegen` writes them to.
  const built = typed.then(build);
  const left = [
    unit,
    lint,
    database,
    // On a fresh machine the Python is installed meanwhile.
    () => rest(["python", "parity", ...(nightly ? ["nightly"] : [])]),
    () => python.then(torch),
    () => built.then(soak),
  ];
  async function row(): Promise<Outcome> {
    const outcomes = [];
    for (let next = left.shift(); next; next = left.shift()) outcomes.push(await next());
    return sum(outcomes);
  }
  const site = async () => sum([await typed, await built, await browser(), await row()]);
  return sum(await Promise.all([site(), row()]));
}

const parts: Record<Kind, () => Promise<Outcome>> = {
  unit,
  integration: () =>
    files.length > 0 ? rest(["integration", "python"]) : inTurn(database, () => rest(["python"])),
  parity: () => (files.length > 0 ? rest(["parity"]) : inTurn(() => rest(["parity"]), torch)),
  e2e: () => inTurn(build, browser),
};
const outcomes = await Promise.all([chromium, python, kind ? parts[kind]() : everything()]);
await rm(whole, { recursive: true, force: true });

/** The lines of a failure that are not of the runner's own making. */
const told = (failure: string) =>
  failure
    .split("\n")
    .filter((line) => !line.includes("node_modules"))
    .slice(0, 15)
    .join("\n");
const total = sum(outcomes);
console.log("\nThe ten slowest tests:");
for (const { title, seconds } of total.tests.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`);
for (const { title, failure } of total.tests.filter((test) => test.failure !== undefined))
  console.log(`\n✗ ${title}\n${failure && told(failure)}`);
console.log(`\n${sentence(total)}`);
process.exit(total.failed > 0 ? 1 : 0);

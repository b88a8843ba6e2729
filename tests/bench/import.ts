import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eq, sql } from "drizzle-orm";
import pino from "pino";
import { connect, connectRaw, type Db } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { formVersion, project, prompt, response, run } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { importResultSchema } from "@/server/import/schema";
import { defaultQuestions } from "@/server/project/schema";
import { queueRun } from "@/server/run/queue";
import { importUpload } from "@/workers/run/handlers/import";
import { runWorker } from "@/workers/run/worker";
import { naturalWords } from "./natural-words";
import { databaseSeconds } from "./processor";

/**
 * Checks and imports 100,000 conversational pairs through the worker into a fresh embedded PostgreSQL with its shipped
 * settings, each from the queued run to its success. Prints times, processor times, the worker's peak memory, and what
 * PostgreSQL takes to COPY the same rows into the same tables with the same indexes and references.
 * `npm run bench:import [rows]`
 */
const limits = { check: 10, seconds: 20, megabytes: 500 };

/** What an import fills, in the order in which the tables refer to each other. */
const tables = [
  ...["project", "form_version", "rater", "prompt", "response", "task", "assignment", "annotation", "pair"],
  ...["preference", "mark_fact"],
];

if (process.argv[2] === "generate") await generate(process.argv[3], Number(process.argv[4]));
else await measure(Number(process.argv[2] ?? 100_000));

/**
 * Pairs of about 1.5 kB, as long as those of HH. Written by another process, so that its memory does not count.
 */
async function generate(path: string, rows: number): Promise<void> {
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const text = (length: number) =>
    Array.from({ length }, () => naturalWords[Math.floor(random() * naturalWords.length)]).join(" ");
  const file = createWriteStream(path);
  for (let index = 0; index < rows; index++) {
    const row = {
      id: `pair-${index}`,
      prompt: [{ role: "user", content: `${index}. ${text(30)}` }],
      chosen: [{ role: "assistant", content: text(110) }],
      rejected: [{ role: "assistant", content: text(100) }],
    };
    if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

async function measure(rows: number): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "concord-bench-")));
  await chmod(folder, 0o755);
  const path = join(folder, "pairs.jsonl");
  spawnSync(
    process.execPath,
    ["--import", "tsx", fileURLToPath(import.meta.url), "generate", path, String(rows)],
    { stdio: "inherit" },
  );
  const server = await startEmbedded(folder);
  try {
    await migrate(server.url);
    const { db, sql: raw, close } = connect(server.url, { max: 4 });
    const store = folderStore(join(folder, "artifacts"));
    const [home] = await db.insert(project).values({ name: "Bench" }).returning();
    await db.insert(formVersion).values({ projectId: home.id, version: 1, questions: defaultQuestions });
    const { sha256, size } = await keepUpload(db, store, {
      projectId: home.id,
      personId: null,
      bytes: createReadStream(path),
      mediaType: "application/jsonl",
    });
    const shutdown = new AbortController();
    const worker = runWorker(
      {
        id: randomUUID(),
        name: "bench",
        db,
        sql: raw,
        store,
        folder,
        capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 0, options: {} },
        handlers: { import: importUpload },
        lanes: [["import"]],
        log: pino({ level: "warn" }),
      },
      shutdown.signal,
    );
    const spec = { files: [{ name: "pairs.jsonl", sha256 }], seats: 1 };
    const check = await timed(db, { projectId: home.id, title: "Check", spec: { ...spec, dryRun: true } });
    const done = await timed(db, { projectId: home.id, title: "Import", spec });
    const megabytes = process.resourceUsage().maxRSS / 1024;
    const { counts } = importResultSchema.parse(done.result);
    console.log(JSON.stringify(counts));
    console.log(
      `${rows.toLocaleString("en")} pairs (${(size / 1e6).toFixed(0)} MB); worker peak ${megabytes.toFixed(0)} MB RSS`,
    );
    console.table({ check: check.times, import: done.times });
    shutdown.abort();
    await worker;
    const indexing = performance.now();
    while ((await unsearchable(db)) > 0) await new Promise((resolve) => setTimeout(resolve, 500));
    console.log(
      `The search indexes had all texts ${((performance.now() - indexing) / 1000).toFixed(1)} s after the import.`,
    );
    const copied = await copySeconds(server.url, folder);
    const { seconds } = done.times;
    console.log(
      `COPY of the same rows: ${copied.toFixed(1)} s; the import took ${(seconds / copied).toFixed(1)} times as long.`,
    );
    const [load] = loadavg();
    if (load > availableParallelism())
      console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
    const met =
      check.times.seconds < limits.check && seconds < limits.seconds && megabytes < limits.megabytes;
    console.log(
      met ? "Within" : "OVER",
      `the limits of ${limits.check} s for the check, ${limits.seconds} s for the import and ${limits.megabytes} MB.`,
    );
    process.exitCode = met || rows < 100_000 ? 0 : 1;
    // Pages are told of the change a second after it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await close();
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Queues a run and waits for its success. */
async function timed(
  db: Db,
  { projectId, title, spec }: { projectId: string; title: string; spec: Record<string, unknown> },
) {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const before = await databaseSeconds(db);
  const queued = await queueRun(db, system, { projectId, kind: "import", title, spec });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [now] = await db.select().from(run).where(eq(run.id, queued.id));
    if (now.status === "failed") throw new Error(now.error ?? "The run failed.");
    if (now.status !== "succeeded") continue;
    const seconds = (performance.now() - started) / 1000;
    const { user, system: kernel } = process.cpuUsage(cpu);
    const after = await databaseSeconds(db);
    const round = (value: number) => Number(value.toFixed(1));
    return {
      result: now.result,
      times: {
        seconds: round(seconds),
        "worker, CPU seconds": round((user + kernel) / 1e6),
        "database, CPU seconds": after === null || before === null ? null : round(after - before),
      },
    };
  }
}

async function unsearchable(db: Db): Promise<number> {
  return (await db.$count(prompt, sql`not searchable`)) + (await db.$count(response, sql`not searchable`));
}

/** How long COPY takes with what the import stored, in one transaction and a database of its own, in seconds. */
async function copySeconds(url: string, folder: string): Promise<number> {
  const files = join(folder, "copied");
  await mkdir(files);
  // The server is another user of this machine.
  await chmod(files, 0o777);
  const source = connectRaw(url, { max: 1 });
  for (const table of tables) await source.unsafe(`copy ${table} to '${join(files, table)}'`);
  await source.unsafe("create database copied");
  await source.end();
  const address = new URL(url);
  address.pathname = "/copied";
  await migrate(address.href);
  const target = connectRaw(address.href, { max: 1 });
  // An import leaves them for later.
  await target.unsafe("drop index prompt_search, response_search");
  const started = performance.now();
  await target.begin(async (tx) => {
    for (const table of tables) await tx.unsafe(`copy ${table} from '${join(files, table)}'`);
  });
  const seconds = (performance.now() - started) / 1000;
  await target.end();
  return seconds;
}

import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eq, sql } from "drizzle-orm";
import pino from "pino";
import { connect, type Db } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { formVersion, project, run } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { importResultSchema } from "@/server/import/schema";
import { defaultQuestions } from "@/server/project/schema";
import { queueRun } from "@/server/run/queue";
import { importUpload } from "@/workers/run/handlers/import";
import { runWorker } from "@/workers/run/worker";

/**
 * Imports 100,000 conversational pairs through the worker into a fresh embedded PostgreSQL with its shipped
 * settings, from the queued run to its success, and prints the time and the worker's peak memory.
 * `npm run bench:import [rows]`
 */
const limits = { seconds: 60, megabytes: 700 };

/** Natural words, because the cost of the search index depends on how varied the letters are. */
const words =
  `the of and a to in is you that it he was for on are as with his they at be this have from or one had by
  word but not what all were we when your can said there use an each which she do how their if will up other about out
  many then them these so some her would make like him into time has look two more write go see number no way could
  people my than first water been call who oil its now find long down day did get come made may part over new sound
  take only little work know place year live me back give most very after thing our just name good sentence man think
  say great where help through much before line right too mean old any same tell boy follow came want show also around
  form three small set put end does another well large must big even such because turn here why ask went men read need
  land different home us move try kind hand picture again change off play spell air away animal house point page letter
  mother answer found study still learn should America world however treatment evidence probability contract liability
  diagnosis symptom medication interest quarterly jurisdiction translation algorithm recursion temperature equation`
    .trim()
    .split(/\s+/);

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
    Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(" ");
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
    const queued = await queueRun(db, system, {
      projectId: home.id,
      kind: "import",
      title: "Bench",
      spec: { files: [{ name: "pairs.jsonl", sha256 }], seats: 1 },
    });
    const shutdown = new AbortController();
    const started = performance.now();
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
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const [now] = await db.select().from(run).where(eq(run.id, queued.id));
      const seconds = (performance.now() - started) / 1000;
      if (now.status === "failed") throw new Error(now.error ?? "The run failed.");
      if (now.status !== "succeeded") continue;
      const megabytes = process.resourceUsage().maxRSS / 1024;
      const { counts } = importResultSchema.parse(now.result);
      console.log(JSON.stringify(counts));
      console.log(
        `${rows.toLocaleString("en")} pairs (${(size / 1e6).toFixed(0)} MB) in ${seconds.toFixed(1)} s ` +
          `= ${Math.round(rows / seconds).toLocaleString("en")} pairs/s; worker peak ${megabytes.toFixed(0)} MB RSS`,
      );
      const [load] = loadavg();
      if (load > availableParallelism())
        console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
      const met = seconds < limits.seconds && megabytes < limits.megabytes;
      console.log(met ? "Within" : "OVER", `the limits of ${limits.seconds} s and ${limits.megabytes} MB.`);
      process.exitCode = met || rows < 100_000 ? 0 : 1;
      break;
    }
    shutdown.abort();
    await worker;
    await indexSorted(db);
    console.log(
      `The search index was sorted ${((performance.now() - started) / 1000).toFixed(1)} s after the start.`,
    );
    // Pages are told of the change a second after it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await close();
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits for what the import leaves to the background. */
async function indexSorted(db: Db): Promise<void> {
  await db.execute(
    sql`select gin_clean_pending_list('prompt_search'), gin_clean_pending_list('response_search')`,
  );
}

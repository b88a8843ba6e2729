import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { connect, type Db } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { formVersion, guidelineVersion, project } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { download } from "@/server/artifact/download";
import { type ArtifactStore, folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { createDataset } from "@/server/dataset/dataset";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { exportFormats, exportSpecSchema } from "@/server/dataset/schema";
import { defaultQuestions } from "@/server/project/schema";
import { queueRun } from "@/server/run/queue";
import { naturalWords } from "./natural-words";
import { databaseSeconds } from "./processor";

/**
 * Freezes 100,000 judged pairs of about 1.5 kB in a fresh embedded PostgreSQL, exports the version in every format
 * and downloads the largest file in two halves. Prints times and this process's peak memory.
 * `npm run bench:export [rows]`
 */
const limits = { freeze: 6.5, parquet: 4, jsonl: 2.5, csv: 4, megabytes: 700 };
const rows = Number(process.argv[2] ?? 100_000);
const signal = new AbortController().signal;
const peak = () => process.resourceUsage().maxRSS / 1024;
const report: {
  step: string;
  seconds: number;
  "CPU seconds": number;
  "database, CPU seconds": number | null;
  "peak RSS, MB": number;
}[] = [];

const folder = await realpath(await mkdtemp(join(tmpdir(), "concord-bench-")));
await chmod(folder, 0o755);
const server = await startEmbedded(folder);
try {
  await migrate(server.url);
  const { db, close } = connect(server.url, { max: 4 });
  const projectId = await judgedPairs(db);
  const version = await timed(db, "freeze", () => freeze(db, projectId));
  const store = folderStore(join(folder, "artifacts"));
  for (const format of exportFormats) {
    const target = join(folder, format);
    const spec = exportSpecSchema.parse({ versionId: version.id, format });
    const { files } = await timed(db, `export as ${format}`, () =>
      writeExport(db, { projectId, spec, folder: target, onProgress: () => {}, signal }),
    );
    const train = files.find(({ name }) => name.includes("train-"));
    if (!train) throw new Error("The export has no training file.");
    await timed(db, `store and download ${format} in two halves`, () =>
      downloadInHalves(store, join(target, train.name)),
    );
  }
  await close();
  console.table(report.map((line) => ({ ...line, seconds: line.seconds.toFixed(1) })));
  const [load] = loadavg();
  if (load > availableParallelism())
    console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
  const within = (step: string, seconds: number) =>
    (report.find((line) => line.step === step)?.seconds ?? 0) < seconds;
  const met =
    within("freeze", limits.freeze) &&
    exportFormats.every((format) => within(`export as ${format}`, limits[format])) &&
    peak() < limits.megabytes;
  console.log(met ? "Within" : "OVER", "the limits:", JSON.stringify(limits));
  process.exitCode = met || rows < 100_000 ? 0 : 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function timed<T>(db: Db, step: string, action: () => Promise<T>): Promise<T> {
  const before = await databaseSeconds(db);
  const started = performance.now();
  const cpu = process.cpuUsage();
  const result = await action();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  const after = await databaseSeconds(db);
  report.push({
    step,
    seconds,
    "CPU seconds": Number(((user + system) / 1e6).toFixed(1)),
    "database, CPU seconds": after === null || before === null ? null : Number((after - before).toFixed(1)),
    "peak RSS, MB": Math.round(peak()),
  });
  return result;
}

/** One vote on each of `rows` pairs, written by the server itself, so that this process's memory is the export's. */
async function judgedPairs(db: Db): Promise<string> {
  const [{ id }] = await db.insert(project).values({ name: "Bench" }).returning();
  await db.insert(guidelineVersion).values({ projectId: id, version: 1, markdown: "Judge." });
  const [form] = await db
    .insert(formVersion)
    .values({ projectId: id, version: 1, questions: defaultQuestions })
    .returning();
  // Letters at random would take half as much again when compressed, and three times as long.
  await db.execute(
    sql.raw(
      `create table natural_words as select string_to_array('${naturalWords.join(" ")}', ' ') as words`,
    ),
  );
  const words = (count: number) =>
    sql.raw(`(select string_agg(words[1 + (abs(hashtextextended(n::text, word)) % ${naturalWords.length})::int], ' ')
      from natural_words, generate_series(1, ${count}) word)`);
  await db.execute(sql`insert into rater (project_id, kind, name) values (${id}, 'model', 'Bench')`);
  await db.execute(sql`
    insert into prompt (project_id, key, messages, search_text)
    select ${id}, 'p' || lpad(n::text, 8, '0'),
      jsonb_build_array(jsonb_build_object('role', 'user', 'content', n || ' ' || ${words(30)})), ''
    from generate_series(1, ${rows}::int) n`);
  await db.execute(sql`drop index response_search`);
  await db.execute(sql`
    insert into response (project_id, prompt_id, key, content, source)
    select ${id}, prompt.id, prompt.key || '-' || slot, slot || ' ' || ${words(105)}, 'model-' || slot
    from prompt, generate_series(0, 1) slot, lateral (select substr(prompt.key, 2) || slot as n) named`);
  await db.execute(sql`
    insert into task (project_id, prompt_id, key, response_ids, overlap)
    select ${id}, prompt_id, min(key), array_agg(id order by key), 1 from response group by prompt_id`);
  await db.execute(sql`
    insert into assignment (project_id, task_id, rater_id, status, priority, position, "order")
    select ${id}, task.id, rater.id, 'submitted', 0, task.position, '{0,1}' from task, rater`);
  await db.execute(sql`
    insert into annotation (project_id, task_id, assignment_id, rater_id, origin, answers, "order", form_version_id,
      submitted_at)
    select ${id}, task_id, id, rater_id, 'desk', '{}', '{0,1}', ${form.id}, now() from assignment`);
  await db.execute(sql`
    insert into pair (project_id, task_id, question_id, response_a, response_b)
    select ${id}, id, 'preference', response_ids[1], response_ids[2] from task`);
  await db.execute(sql`
    insert into preference (project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, response_a, response_b,
      question_id, outcome, strength, a_shown_first, submitted_at)
    select ${id}, annotation.id, task.id, task.prompt_id, pair.id, rater_id, response_ids[1], response_ids[2],
      'preference', (case when position % 2 = 0 then 'a' else 'b' end)::preference_outcome, 0.5, true, submitted_at
    from annotation join task on task.id = annotation.task_id join pair on pair.task_id = task.id`);
  await db.execute(sql`analyze`);
  return id;
}

async function freeze(db: Db, projectId: string) {
  const { id: datasetId } = await createDataset(db, system, { projectId, name: "Bench", kind: "preference" });
  const { id: runId } = await queueRun(db, system, { projectId, kind: "freeze", title: "Bench", spec: {} });
  return freezeVersion(db, {
    projectId,
    datasetId,
    recipe: recipeSchema.parse({ filters: { judges: "all" } }),
    runId,
    actor: system,
    onProgress: () => {},
    signal,
  });
}

/** @throws when the halves do not make the whole */
async function downloadInHalves(store: ArtifactStore, path: string): Promise<void> {
  const { sha256, size } = await store.put(createReadStream(path));
  const middle = Math.floor(size / 2);
  const hash = createHash("sha256");
  for (const range of [`bytes=0-${middle - 1}`, `bytes=${middle}-`]) {
    const reply = await download(
      store,
      { sha256, size, mediaType: "application/octet-stream", fileName: "train" },
      new Headers({ range, "if-range": `"${sha256}"` }),
    );
    if (reply.status !== 206 || !reply.body) throw new Error(`${range} was answered with ${reply.status}.`);
    for await (const chunk of reply.body) hash.update(chunk);
  }
  if (hash.digest("hex") !== sha256) throw new Error("The two halves are not the file.");
}

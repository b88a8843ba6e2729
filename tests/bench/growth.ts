import { randomUUID } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import pino from "pino";
import type { Database, Db } from "@/db/client";
import * as schema from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { agreements, preferenceSorts } from "@/db/shape/review";
import { system } from "@/server/audit/audit";
import { createDataset } from "@/server/dataset/dataset";
import { freezeVersion } from "@/server/dataset/freeze";
import { askedFor } from "@/server/look/look";
import { measureAgreement, measureRaters, withAgreement, withRaters } from "@/server/quality/measure";
import { preferencesCsv, showLines } from "@/server/review/csv";
import type { PreferenceFilter } from "@/server/review/schema";
import { callerOf } from "@/server/root";
import type { Viewer } from "@/server/trpc";
import { keepAnswers } from "@/workers/quality/keeper";
import { fillProjects, onEmbedded, preferenceFilters } from "./judged-projects";
import { timesOf } from "./median";

/**
 * What a request takes in a project of 10,000, 100,000 and 1,000,000 tasks with three judgements each, beside other
 * projects on the same embedded PostgreSQL: through the procedures, with every check. Prints for each the median and p95
 * in milliseconds, and the ratio of p95 between the largest and the smallest project.
 *
 *     npm run bench:growth                                 all three; the largest takes an hour and 20 GB of disk
 *     npm run bench:growth -- --tasks 10000,100000
 *     npm run bench:growth -- --folder DIR                 keeps the databases there, and takes them the next time
 *     npm run bench:growth -- --only seat                  or table, page, file
 */
const { values: options } = parseArgs({
  options: {
    tasks: { type: "string", default: "10000,100000,1000000" },
    times: { type: "string", default: "20" },
    folder: { type: "string" },
    only: { type: "string" },
  },
});
const sizes = options.tasks.split(",").map(Number);
const times = Number(options.times);
const RATERS = 20;
const SUBMITS = 400;
/** Seats that nobody has taken, a fixed share of the project: one task in twenty. */
const OPEN = 20;
const VERDICTS = 100_000;
const CSV_ROWS = 105_000;
const BESIDE = Array.from({ length: 5 }, () => ({ tasks: 2000, open: 100 }));

/** p95 of the largest project over that of the smallest; milliseconds at the median up to 100,000 tasks. */
const limits = {
  seat: { ratio: 1.5, ms: Number.POSITIVE_INFINITY },
  table: { ratio: 3, ms: 300 },
  page: { ratio: 3, ms: 300 },
  file: { ratio: Number.POSITIVE_INFINITY, ms: 6000 },
};
type Kind = keyof typeof limits;

interface Timed {
  kind: Kind;
  p50: number;
  p95: number;
}

const found = new Map<string, (Timed | undefined)[]>();
for (const [at, tasks] of sizes.entries()) await measureAt(at, tasks);
report();

async function measureAt(at: number, tasks: number): Promise<void> {
  await onEmbedded(options.folder && join(options.folder, String(tasks)), async (database, url) => {
    const projectId = (await largest(database.db)) ?? (await filled(database.db, tasks));
    console.log(`${tasks} tasks, ${await bytesOf(database.db)} on disk`);
    const note = (what: string, kind: Kind, taken: readonly number[]) => {
      const sorted = taken.toSorted((one, other) => one - other);
      const quantile = (share: number) =>
        sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
      const line = found.get(what) ?? [];
      line[at] = { kind, p50: quantile(0.5), p95: quantile(0.95) };
      found.set(what, line);
      console.log(`  ${what}: ${line[at].p50.toFixed(1)}, p95 ${line[at].p95.toFixed(1)} ms`);
    };
    const asked = (kind: Kind) => !options.only || options.only === kind;
    if (asked("seat")) await measureSeats(database, projectId, note);
    if (asked("table")) await measureTables(database, projectId, note);
    if (asked("page")) {
      const ended = new AbortController();
      const working = keepAnswers({ ...database, url, log: pino({ level: "silent" }) }, ended.signal);
      await measurePages(database, projectId, note).finally(() => ended.abort());
      await working;
    }
    if (asked("file")) await measureFiles(database, projectId, note);
  });
}
type Note = (what: string, kind: Kind, taken: readonly number[]) => void;

async function bytesOf(db: Db): Promise<string> {
  const [{ size }] = await db.execute<{ size: string }>(
    sql`select pg_size_pretty(pg_database_size(current_database())) as size`,
  );
  return size;
}

async function largest(db: Db): Promise<string | null> {
  const [row] = await db.execute<{ id: string }>(
    sql`select id from project where name = 'Bench' order by (select max(position) from task where project_id = project.id)
      desc nulls last limit 1`,
  );
  return row?.id ?? null;
}

async function filled(db: Db, tasks: number): Promise<string> {
  const began = performance.now();
  // The large one last, so that it is the one with the last position.
  const ids = await fillProjects(db, [...BESIDE, { tasks, open: Math.max(1000, Math.ceil(tasks / OPEN)) }]);
  const [projectId] = ids.slice(-1);
  await judged(db, { projectId, verdicts: Math.min(tasks, VERDICTS) });
  console.log(`filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return projectId;
}

/** A judge that said something of so many tasks in both orders, right three times in four. */
async function judged(
  db: Db,
  { projectId, verdicts }: { projectId: string; verdicts: number },
): Promise<void> {
  const [form] = await db.select().from(schema.formVersion).where(sql`project_id = ${projectId}`);
  const [endpoint] = await db
    .insert(schema.endpoint)
    .values({ projectId, name: "Bench", kind: "openai-compatible", model: "bench", concurrency: 1 })
    .returning();
  const [rater] = await db
    .insert(schema.rater)
    .values({ projectId, kind: "model", name: "Bench v1" })
    .returning();
  const [judge] = await db.insert(schema.judge).values({ projectId, name: "Bench" }).returning();
  const [version] = await db
    .insert(schema.judgeVersion)
    .values({
      ...{ projectId, judgeId: judge.id, version: 1, raterId: rater.id, endpointId: endpoint.id },
      ...{ questionId: "preference", formVersionId: form.id, verdictBy: "schema", orders: "both" },
      ...{ rubric: { criteria: "Which helps more?", explains: false, degrees: false, reference: null } },
      ...{ settles: "strict", sampling: { temperature: 0, seed: 1, maxTokens: 256, samples: 1 } },
    })
    .returning();
  await db.execute(sql`
    insert into judge_verdict (project_id, version_id, task_id, "order", sample, answer, p, attempts, cost)
    select ${projectId}, ${version.id}, task.id, turn, 0,
      jsonb_build_object('type', 'preference', 'outcome', case when says then 'a' else 'b' end, 'level', 2), says::int, 1,
      0.001
    from (select * from task where project_id = ${projectId} order by position desc limit ${verdicts}) task
      cross join (values ('{0,1}'::smallint[]), ('{1,0}'::smallint[])) turns (turn),
      lateral (select (position % 2 = 0) = (abs(hashtext(id::text)) % 4 > 0) as says) said`);
  await db.execute(sql`analyze judge_verdict`);
}

async function signedIn({ db, sql: client }: Database, name: string, isAdmin: boolean) {
  const email = `${randomUUID()}@example.org`;
  const [person] = await db.insert(schema.person).values({ name, email, isAdmin }).returning();
  const viewer: Viewer = { personId: person.id, name, email, isAdmin, tokenId: null };
  return { personId: person.id, caller: callerOf({ db, sql: client, viewer }) };
}
type Caller = ReturnType<typeof callerOf>;

/** Half of the raters have a twentieth of the project's judgements behind them, half come new. */
async function measureSeats(database: Database, projectId: string, note: Note): Promise<void> {
  const { db } = database;
  const veterans = await db.execute<{ id: string }>(sql`
    select id from rater where project_id = ${projectId} and person_id is null and kind = 'person' limit ${RATERS / 2}`);
  const raters: Caller[] = [];
  for (let n = 0; n < RATERS; n++) {
    const { personId, caller } = await signedIn(database, `Rater ${n}`, false);
    await db.insert(schema.membership).values({ projectId, personId, role: "annotator" });
    if (veterans[n])
      await db.execute(sql`update rater set person_id = ${personId} where id = ${veterans[n].id}`);
    raters.push(caller);
  }
  const claims: number[] = [];
  const submits: number[] = [];
  const histories: number[] = [];
  for (let n = 0; n < SUBMITS; n++) {
    const caller = raters[n % RATERS];
    const began = performance.now();
    const { tasks } = await caller.annotation.claim({ projectId, hold: 1 });
    const claimed = performance.now();
    const [{ assignmentId }] = tasks;
    await caller.annotation.submit({
      assignmentId,
      answers: { preference: { type: "preference", outcome: "a", level: 2 } },
      idempotencyKey: randomUUID(),
    });
    if (n < RATERS) continue;
    claims.push(claimed - began);
    submits.push(performance.now() - claimed);
    const submitted = performance.now();
    if (n % 10 === 0) {
      await caller.annotation.history({ projectId });
      histories.push(performance.now() - submitted);
    }
  }
  note("claim", "seat", claims);
  note("submit", "seat", submits);
  note("a rater's history", "table", histories);
}

async function measureTables(database: Database, projectId: string, note: Note): Promise<void> {
  const { caller } = await signedIn(database, "Reviewer", true);
  const { db } = database;
  const filters: Record<string, PreferenceFilter> = {
    all: {},
    ...(await preferenceFilters(db, projectId)),
    ...Object.fromEntries(agreements.map((agreement) => [agreement, { agreement }])),
  };
  for (const sort of preferenceSorts) {
    const key = {
      time: sql`(extract(epoch from preference.submitted_at) * 1e6)::bigint`,
      strength: sql`strength`,
      agreement: sql`coalesce(agreement, 0)`,
    }[sort];
    const [{ middle }] = await db.execute<{ middle: string }>(sql`
      select preference.id || '_' || pair_id || '_' || ${key} as middle from preference
        join pair on pair.id = pair_id where preference.project_id = ${projectId}
      order by ${key} desc offset (select count(*) / 2 from preference where project_id = ${projectId}) limit 1`);
    for (const [name, filter] of Object.entries(filters))
      for (const cursor of [undefined, middle])
        note(
          `preferences, ${name}, by ${sort}${cursor ? ", middle" : ""}`,
          "table",
          await timesOf(() => caller.review.preferences({ projectId, sort, ...filter, cursor }), times),
        );
  }
  const [{ judgeVersionId }] = await db.execute<{ judgeVersionId: string }>(
    sql`select id as "judgeVersionId" from judge_version where project_id = ${projectId}`,
  );
  const tasksAfter = (await caller.task.list({ projectId })).nextCursor;
  note("tasks", "table", await timesOf(() => caller.task.list({ projectId }), times));
  if (tasksAfter)
    note(
      "tasks, second page",
      "table",
      await timesOf(() => caller.task.list({ projectId, cursor: tasksAfter }), times),
    );
  const pages: Record<string, (cursor?: string) => Promise<{ nextCursor: string | null }>> = {
    annotations: (cursor) => caller.review.annotations({ projectId, cursor }),
    disagreements: (cursor) => caller.review.disagreements({ projectId, cursor }),
    prompts: (cursor) => caller.content.prompts({ projectId, cursor }),
    verdicts: (cursor) => caller.judge.verdicts({ projectId, judgeVersionId, cursor }),
  };
  for (const [name, page] of Object.entries(pages)) {
    note(name, "table", await timesOf(() => page(), times));
    const { nextCursor } = await page();
    if (nextCursor) note(`${name}, second page`, "table", await timesOf(() => page(nextCursor), times));
  }
  note("preferences, count", "table", await timesOf(() => caller.review.preferenceCount({ projectId }), 3));
  note("facets of content", "table", await timesOf(() => caller.content.facets({ projectId }), 3));
}

async function measurePages(database: Database, projectId: string, note: Note): Promise<void> {
  const { caller } = await signedIn(database, "Reviewer", true);
  const { db } = database;
  const page = async (what: string, action: () => Promise<unknown>) =>
    note(what, "page", await timesOf(action, 5));
  await page("projects", () => caller.project.list());
  await page("project", () => caller.project.get({ projectId }));
  await page("dashboard", () => caller.review.dashboard({ projectId }));
  await page("judges", () => caller.judge.list({ projectId }));
  const [{ judgeVersionId }] = await db.execute<{ judgeVersionId: string }>(
    sql`select id as "judgeVersionId" from judge_version where project_id = ${projectId}`,
  );
  await page("judge card", () => caller.judge.card({ projectId, judgeVersionId }));
  await page("leaderboard", () => caller.conclusion.leaderboard({ projectId }));
  // Of a large project the first answer is waited for until a worker made it; what is timed are those after it.
  await page("joint win rate", () =>
    caller.conclusion.joint({ projectId, judgeVersionId, source: "model-1", opponent: "model-2" }),
  );
  await page("plan", () => caller.conclusion.plan({ projectId }));
  await page("stopping rules", () => caller.conclusion.stops({ projectId }));
  await page("gold items", () => caller.gold.list({ projectId }));
  await page("quality", () => caller.quality.show({ projectId }));
}

async function measureFiles({ db }: Database, projectId: string, note: Note): Promise<void> {
  const [{ personId }] = await db.execute<{ personId: string }>(
    sql`select id as "personId" from person limit 1`,
  );
  let rows = 0;
  const began = performance.now();
  for await (const part of preferencesCsv((cursor) =>
    showLines(db, { projectId, personId, cursor, limit: 5000, sort: "agreement", order: "desc" }),
  )) {
    rows += part.split("\r\n").length - 1;
    if (rows > CSV_ROWS) break;
  }
  note(`CSV, for ${CSV_ROWS} rows`, "file", [((performance.now() - began) * CSV_ROWS) / rows]);
  const { id: datasetId } = await createDataset(db, system, {
    ...{ projectId, name: `Bench ${randomUUID()}`, kind: "preference" },
  });
  const [run] = await db
    .insert(schema.run)
    .values({ projectId, kind: "freeze", title: "Bench", spec: {} })
    .returning();
  const frozen = performance.now();
  const { rows: made } = await freezeVersion(db, {
    ...{ projectId, datasetId, recipe: recipeSchema.parse({}), runId: run.id, actor: system },
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  note("freeze, for 10,000 rows", "file", [((performance.now() - frozen) * 10_000) / made]);
  const measured = performance.now();
  const look = { projectId, filter: {} };
  await askedFor(db, look);
  const agreed = withAgreement(null, await measureAgreement(db, look, null));
  const rated = await measureRaters(db, look, null);
  const report = rated ? withRaters(agreed, rated) : agreed;
  await db.execute(sql`
    update quality_view set report = ${JSON.stringify(report)}::jsonb, measured_at = now(), dirty_at = null
    where project_id = ${projectId}`);
  note("quality, measured by a worker", "file", [performance.now() - measured]);
}

function report(): void {
  const last = sizes.length - 1;
  let over = 0;
  console.table(
    [...found].map(([what, line]) => {
      const [first, end] = [line[0], line[last]];
      const kind = (first ?? end)?.kind ?? "page";
      const ratio = first && end && last > 0 ? end.p95 / first.p95 : null;
      const slow = line.some((one, at) => one && one.p50 > limits[kind].ms * (sizes[at] > 100_000 ? 2 : 1));
      // A millisecond is within what a busy machine adds.
      const grows = ratio !== null && ratio > limits[kind].ratio && (end?.p95 ?? 0) > 20;
      if (slow || grows) over++;
      return {
        what,
        ...Object.fromEntries(
          sizes.map((tasks, at) => [
            `${tasks} tasks, p50 / p95 ms`,
            line[at] ? `${line[at].p50.toFixed(0)} / ${line[at].p95.toFixed(0)}` : "",
          ]),
        ),
        "p95, last ÷ first": ratio?.toFixed(2) ?? "",
        "": [slow && "SLOW", grows && "GROWS"].filter(Boolean).join(" "),
      };
    }),
  );
  const [load] = loadavg();
  if (load > availableParallelism())
    console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
  console.log(over === 0 ? "All within their limits." : `${over} OVER their limits.`);
  process.exitCode = over === 0 ? 0 : 1;
}

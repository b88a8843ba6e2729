import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import { connect, connectRaw, type Db } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import * as schema from "@/db/schema";
import { preferencesCsv, showLines } from "@/server/review/csv";
import { dashboardOf } from "@/server/review/dashboard";
import { countPreferences, listPreferences } from "@/server/review/preferences";
import { agreements, type PreferenceFilter, preferenceSorts } from "@/server/review/schema";
import { callerOf } from "@/server/root";
import { fillProjects, OVERLAP } from "./judged-projects";

/**
 * What reviewers wait for, on a fresh embedded PostgreSQL with judgements of 30 raters, three on each task: each sort
 * of the table of preferences under each filter, the dashboard, and all of it as CSV. Prints medians, and for the
 * slowest statement of each the pages that PostgreSQL read, which a busy machine does not change.
 *
 *     npm run bench:review                          105,000 and 1,000,000 judgements
 *     npm run bench:review -- --judgements 105000   one size
 *     npm run bench:review -- --folder DIR          keeps the databases there, and takes them the next time
 *     npm run bench:review -- --only csv            or table, or dashboard
 */
const { values: options } = parseArgs({
  options: {
    judgements: { type: "string", default: "105000,1000000" },
    times: { type: "string", default: "5" },
    folder: { type: "string" },
    only: { type: "string" },
  },
});
const sizes = options.judgements.split(",").map(Number);
const times = Number(options.times);
/** Milliseconds for a page of the table and for the dashboard; a larger project may take twice that. Seconds of CSV. */
const WANTED = { ms: 300, csvSeconds: 6 };
const CSV_OF = 105_000;

let missed = 0;
for (const judgements of sizes) await measure(judgements);
const [load] = loadavg();
if (load > availableParallelism())
  console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
console.log(missed === 0 ? "All within their limits." : `${missed} OVER their limits.`);
process.exitCode = missed === 0 ? 0 : 1;

async function measure(judgements: number): Promise<void> {
  const kept = options.folder && join(options.folder, String(judgements));
  if (kept) await mkdir(kept, { recursive: true });
  const folder = await realpath(kept ?? (await mkdtemp(join(tmpdir(), "concord-bench-"))));
  await chmod(folder, 0o755);
  const server = await startEmbedded(folder);
  const database = connect(server.url, { max: 4 });
  try {
    await migrate(server.url);
    const [known] = await database.db.select({ id: schema.project.id }).from(schema.project);
    const projectId =
      known?.id ?? (await fillProjects(database.db, [{ tasks: Math.floor(judgements / OVERLAP) }]))[0];
    console.log(`\n${judgements} judgements`);
    const limit = judgements > CSV_OF ? 2 * WANTED.ms : WANTED.ms;
    const asked = (part: string) => !options.only || options.only === part;
    if (asked("dashboard")) await measureDashboard(database.db, { projectId, limit });
    if (asked("csv") && judgements === CSV_OF) await measureCsv(database, projectId);
    if (asked("table")) await measureTable(server.url, { projectId, limit });
  } finally {
    await database.close();
    await server.stop();
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
}

/** What PostgreSQL answers of itself. */
interface Explained extends Record<string, unknown> {
  "QUERY PLAN": {
    "Execution Time": number;
    Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number };
  }[];
}

async function measureTable(url: string, { projectId, limit }: { projectId: string; limit: number }) {
  const client = connectRaw(url, { max: 4 });
  const asked: { query: string; params: unknown[] }[] = [];
  const db: Db = drizzle(client, {
    schema,
    casing: "snake_case",
    logger: { logQuery: (query, params) => asked.push({ query, params }) },
  });
  const [{ raterId }] = await db.execute<{ raterId: string }>(
    sql`select id as "raterId" from rater where project_id = ${projectId} limit 1`,
  );
  const filters: Record<string, PreferenceFilter> = {
    "—": {},
    rater: { raterId },
    question: { questionId: "preference" },
    outcome: { outcome: "tie" },
    strength: { minStrength: 0.9 },
    source: { source: "model-1" },
    "rare source": { source: "model-rare" },
    language: { language: "de" },
    "rare language": { language: "rare" },
    domain: { domain: "domain-3" },
    "common words": { prompt: "question" },
    "rare words": { prompt: "4711" },
    "words of a reply": { response: "answer" },
    days: { from: new Date(Date.now() - 86_400_000).toISOString() },
    counted: { state: "counted" },
    flagged: { state: "flagged" },
    excluded: { state: "excluded" },
    returned: { state: "returned" },
    adjudicated: { state: "adjudicated" },
  };
  /** The statement that takes longest, asked once more with what it reads. */
  const worst = async () => {
    const plans = [];
    for (const { query, params } of asked.splice(0)) {
      const text = `explain (analyze, buffers, format json) ${query}`;
      const [row] = await db._.session
        .prepareQuery<{ execute: Explained[]; all: Explained[]; values: Explained[] }>(
          { sql: text, params },
          undefined,
          undefined,
          false,
        )
        .execute();
      const [{ Plan: plan, "Execution Time": ms }] = row["QUERY PLAN"];
      plans.push({ ms, pages: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] });
    }
    asked.splice(0);
    return plans.reduce((most, plan) => (plan.ms > most.ms ? plan : most), { ms: 0, pages: 0 });
  };
  const report: Record<string, string | number>[] = [];
  const row = async (what: string, filter: string, action: () => Promise<unknown>) => {
    const ms = await median(action, () => asked.splice(0));
    await action();
    const { pages } = await worst();
    if (ms > limit) missed++;
    report.push({
      what,
      filter,
      "median, ms": Math.round(ms),
      "pages read": pages,
      "": ms > limit ? "OVER" : "",
    });
  };
  for (const [name, filter] of Object.entries(filters)) {
    for (const sort of preferenceSorts)
      await row(`by ${sort}`, name, () =>
        listPreferences(db, {
          projectId,
          sort,
          order: sort === "agreement" ? "asc" : "desc",
          limit: 100,
          ...filter,
        }),
      );
    for (const agreement of agreements) {
      await row(`${agreement}`, name, () =>
        listPreferences(db, { projectId, sort: "time", order: "desc", limit: 100, agreement, ...filter }),
      );
      await row(`${agreement}, count`, name, () => countPreferences(db, { projectId, agreement, ...filter }));
    }
  }
  console.table(report);
  await client.end();
}

async function measureDashboard(db: Db, { projectId, limit }: { projectId: string; limit: number }) {
  const ms = await median(() => dashboardOf(db, { projectId }));
  if (ms > limit) missed++;
  console.log(`dashboard: ${Math.round(ms)} ms${ms > limit ? " OVER" : ""}`);
}

/** As the page of the file does it, page by page with the rights of a reviewer. */
async function measureCsv(database: ReturnType<typeof connect>, projectId: string): Promise<void> {
  const [person] = await database.db
    .insert(schema.person)
    .values({ name: "Reviewer", email: `${randomUUID()}@example.org`, isAdmin: true })
    .returning();
  const viewer = {
    personId: person.id,
    name: person.name,
    email: person.email,
    isAdmin: true,
    tokenId: null,
  };
  const caller = callerOf({ ...database, viewer });
  const began = performance.now();
  const cpu = process.cpuUsage();
  let size = 0;
  let lines = 0;
  for await (const part of preferencesCsv(async (cursor) => {
    // As the route does, which asks again for each page whether the person may read it.
    await caller.review.preferences({ projectId, limit: 1 });
    const view = { projectId, personId: person.id, cursor, limit: 5000 };
    return showLines(database.db, { ...view, sort: "agreement", order: "desc" });
  })) {
    size += part.length;
    lines += part.split("\r\n").length - 1;
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (seconds > WANTED.csvSeconds) missed++;
  console.log(
    `CSV of ${lines - 1} rows, ${(size / 1e6).toFixed(0)} MB: ${seconds.toFixed(1)} s, of which this process computed ` +
      `${((user + system) / 1e6).toFixed(1)} s${seconds > WANTED.csvSeconds ? " OVER" : ""}`,
  );
}

async function median(action: () => Promise<unknown>, after: () => void = () => {}): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time <= times; time++) {
    const began = performance.now();
    await action();
    // The first warms up.
    if (time > 0) taken.push(performance.now() - began);
    after();
  }
  return taken.sort((one, other) => one - other)[Math.floor(times / 2)];
}

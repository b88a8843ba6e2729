import { randomUUID } from "node:crypto";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drizzle } from "drizzle-orm/postgres-js";
import { z } from "zod";
import { connectRaw, type Database, type Db } from "@/db/client";
import * as schema from "@/db/schema";
import { agreements, preferenceSorts } from "@/db/shape/review";
import { preferencesCsv, showLines } from "@/server/review/csv";
import { dashboardOf } from "@/server/review/dashboard";
import { countPreferences, listPreferences } from "@/server/review/preferences";
import type { PreferenceFilter } from "@/server/review/schema";
import { callerOf } from "@/server/root";
import { fillProjects, OVERLAP, onEmbedded, preferenceFilters } from "./judged-projects";
import { median, timesOf } from "./median";

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

/** What PostgreSQL answers of itself: JSON, which the client leaves as it was written. */
interface Explained extends Record<string, unknown> {
  "QUERY PLAN": string;
}
const planShape = z.tuple([
  z.object({
    "Execution Time": z.number(),
    Plan: z.object({ "Shared Hit Blocks": z.number(), "Shared Read Blocks": z.number() }),
  }),
]);

let missed = 0;
for (const judgements of sizes) await measure(judgements);
const [load] = loadavg();
if (load > availableParallelism())
  console.log(`The machine was busy: load ${load.toFixed(1)} on ${availableParallelism()} cores.`);
console.log(missed === 0 ? "All within their limits." : `${missed} OVER their limits.`);
process.exitCode = missed === 0 ? 0 : 1;

async function measure(judgements: number): Promise<void> {
  await onEmbedded(options.folder && join(options.folder, String(judgements)), async (database, url) => {
    const [known] = await database.db.select({ id: schema.project.id }).from(schema.project);
    const projectId =
      known?.id ?? (await fillProjects(database.db, [{ tasks: Math.floor(judgements / OVERLAP) }]))[0];
    console.log(`\n${judgements} judgements`);
    const limit = judgements > CSV_OF ? 2 * WANTED.ms : WANTED.ms;
    const asked = (part: string) => !options.only || options.only === part;
    if (asked("dashboard")) await measureDashboard(database.db, { projectId, limit });
    if (asked("csv") && judgements === CSV_OF) await measureCsv(database, projectId);
    if (asked("table")) await measureTable(url, { projectId, limit });
  });
}

async function measureTable(url: string, { projectId, limit }: { projectId: string; limit: number }) {
  const client = connectRaw(url, { max: 4 });
  const asked: { query: string; params: unknown[] }[] = [];
  const db: Db = drizzle(client, {
    schema,
    casing: "snake_case",
    logger: { logQuery: (query, params) => asked.push({ query, params }) },
  });
  const filters: Record<string, PreferenceFilter> = {
    "—": {},
    ...(await preferenceFilters(db, projectId)),
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
      const [{ Plan: plan, "Execution Time": ms }] = planShape.parse(JSON.parse(row["QUERY PLAN"]));
      plans.push({ ms, pages: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] });
    }
    asked.splice(0);
    return plans.reduce((most, plan) => (plan.ms > most.ms ? plan : most), { ms: 0, pages: 0 });
  };
  const report: Record<string, string | number>[] = [];
  const row = async (what: string, filter: string, action: () => Promise<unknown>) => {
    const ms = median(
      await timesOf(async () => {
        await action();
        asked.splice(0);
      }, times),
    );
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
  const ms = median(await timesOf(() => dashboardOf(db, { projectId }), times));
  if (ms > limit) missed++;
  console.log(`dashboard: ${Math.round(ms)} ms${ms > limit ? " OVER" : ""}`);
}

/** As the page of the file does it, page by page with the rights of a reviewer. */
async function measureCsv(database: Database, projectId: string): Promise<void> {
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

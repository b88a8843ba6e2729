import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { makeAnnotators } from "@/tests/annotators";
import { type Platform, startPlatform } from "@/tests/platform";
import { type Api, apiOf, emptyLedger, keepAlive, type Ledger, rate } from "./annotate/raters";

/**
 * Many raters without think time against `npm start`, through its HTTP API; each submission answers with the next
 * task. Counts in the database that every task has exactly the raters it wants, that no rater saw a task twice, and
 * that every acknowledged judgement is stored once; also while the site is killed and the database restarted.
 *
 *     npm run bench:annotate                                  100,000 tasks, 50 and 200 raters, then the faults
 *     npm run bench:annotate -- --tasks 5000 --seconds 15     shorter
 */
const { values: options } = parseArgs({
  options: {
    tasks: { type: "string", default: "100000" },
    overlap: { type: "string", default: "3" },
    raters: { type: "string", default: "50,200" },
    seconds: { type: "string", default: "60" },
    "skip-faults": { type: "boolean", default: false },
  },
});
const tasks = Number(options.tasks);
const overlap = Number(options.overlap);
const crowds = options.raters.split(",").map(Number);
const seconds = Number(options.seconds);

const REQUIRED = { raters: 50, perSecond: 200, p95Ms: 300 };
const PROMPTS_PER_REQUEST = 2000;

let failed = false;

/** A text of a length as short answers have. */
const text = (about: string) => `${about} ${"A reply of a few lines, as a model would write it. ".repeat(6)}`;

async function makeTasks({ url, adminToken }: Platform): Promise<string> {
  const admin = apiOf(url, adminToken, keepAlive(1));
  const began = performance.now();
  const project = await expectOk(admin.post("/projects", { name: `Bench ${randomUUID()}`, overlap }));
  const { id: projectId } = project;
  if (typeof projectId !== "string") throw new Error("The project has no id.");
  for (let at = 0; at < tasks; at += PROMPTS_PER_REQUEST) {
    const prompts = Array.from({ length: Math.min(PROMPTS_PER_REQUEST, tasks - at) }, (_, index) => ({
      messages: [{ role: "user", content: text(`Question ${at + index}.`) }],
      responses: ["first", "second"].map((source) => ({ source, content: text(`${source} ${at + index}.`) })),
    }));
    await expectOk(admin.post(`/projects/${projectId}/prompts`, { prompts }));
  }
  const made = await expectOk(admin.post(`/projects/${projectId}/tasks`, {}));
  const took = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${made.created} tasks with overlap ${overlap} made through the API in ${took} s`);
  return projectId;
}

async function expectOk(answer: ReturnType<Api["post"]>): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  if (status >= 300 || typeof body !== "object" || !body)
    throw new Error(`${status}: ${JSON.stringify(body)}`);
  return { ...body };
}

async function run(
  target: Platform,
  { projectId, tokens, withFaults = false }: { projectId: string; tokens: string[]; withFaults?: boolean },
): Promise<Ledger> {
  const ledger = emptyLedger();
  const agent = keepAlive(tokens.length);
  const ended = new AbortController();
  const before = target.processorTime();
  const client = process.cpuUsage();
  const commits = await countCommits(target);
  const began = performance.now();
  const work = Promise.all(
    tokens.map((token) => rate(apiOf(target.url, token, agent), { projectId, ledger, signal: ended.signal })),
  );
  if (withFaults) {
    await sleep((seconds * 1000) / 3);
    target.kill("site");
    await sleep((seconds * 1000) / 3);
    await target.restartDatabase();
    await sleep((seconds * 1000) / 3);
  } else await Promise.race([sleep(seconds * 1000), work]);
  ended.abort();
  await work;
  const wall = (performance.now() - began) / 1000;
  agent.destroy();
  report(ledger, { raters: tokens.length, wall, withFaults });
  if (!withFaults) {
    const after = target.processorTime();
    const own = process.cpuUsage(client);
    spent(ledger.latencies.length, {
      site: after.site - before.site,
      database: after.database - before.database,
      client: (own.user + own.system) / 1000,
      commits: (await countCommits(target)) - commits,
    });
  }
  return ledger;
}

async function countCommits({ database }: Platform): Promise<number> {
  const [row] = await database.db.execute<{ commits: string }>(
    sql`select xact_commit as commits from pg_stat_database where datname = current_database()`,
  );
  return Number(row.commits);
}

function report(
  ledger: Ledger,
  { raters, wall, withFaults }: { raters: number; wall: number; withFaults: boolean },
): void {
  const sorted = ledger.latencies.toSorted((a, b) => a - b);
  const quantile = (q: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  const perSecond = sorted.length / wall;
  console.log(
    `${String(raters).padStart(4)} raters${withFaults ? ", site killed, database restarted" : ""}: ` +
      `${sorted.length} submissions in ${wall.toFixed(1)} s, ${perSecond.toFixed(0)}/s; submit + next ` +
      `p50 ${quantile(0.5).toFixed(0)} ms, p95 ${quantile(0.95).toFixed(0)} ms, p99 ${quantile(0.99).toFixed(0)} ms, ` +
      `longest ${quantile(1).toFixed(0)} ms; ${ledger.retries} sent again, ${ledger.refused.length} refused`,
  );
  for (const reason of new Set(ledger.refused)) console.log(`     refused: ${reason}`);
  if (withFaults || raters !== REQUIRED.raters) return;
  require(perSecond >=
    REQUIRED.perSecond, `at least ${REQUIRED.perSecond} submissions a second at ${raters} raters`);
  require(quantile(0.95) <
    REQUIRED.p95Ms, `p95 of submit + next under ${REQUIRED.p95Ms} ms at ${raters} raters`);
}

/** Where the time goes. The limit is where the processors of this machine, shared with the raters, are used up. */
function spent(
  submissions: number,
  { site, database, client, commits }: { site: number; database: number; client: number; commits: number },
): void {
  const each = (total: number) => (total / submissions).toFixed(2);
  console.log(
    `     processor time for each: site ${each(site)} ms, database ${each(database)} ms, raters ${each(client)} ms; ` +
      `${each(commits)} transactions. One core alone would carry ${(1000 / (site / submissions)).toFixed(0)}/s of the site.`,
  );
}

function require(holds: boolean, what: string): void {
  console.log(`     ${holds ? "✓" : "✗"} ${what}`);
  if (!holds) failed = true;
}

/** Counts what must never happen, in the database itself, after all runs. */
async function verify({ database: { db } }: Platform, ledgers: readonly Ledger[]): Promise<void> {
  const [wrong] = await db.execute<{ overlap: number; surplus: number; repeats: number }>(sql`select
    (select count(*)::int from task t where overlap <> (select count(*) from assignment a
      where a.task_id = t.id and status not in ('skipped', 'closed'))) as overlap,
    (select count(*)::int from task t where overlap < (select count(distinct rater_id) from annotation a
      where a.task_id = t.id)) as surplus,
    (select count(*)::int from (select from annotation group by task_id, rater_id having count(*) > 1) twice) as repeats`);
  const stored = new Map(
    (
      await db.execute<{ key: string; id: string }>(
        sql`select idempotency_key as key, id from annotation where current`,
      )
    ).map(({ key, id }) => [key, id]),
  );
  const acknowledged = new Map(ledgers.flatMap((ledger) => [...ledger.acknowledged]));
  const lost = [...acknowledged].filter(([key, id]) => stored.get(key) !== id).length;
  const [{ rows, preferences }] = await db.execute<{ rows: number; preferences: number }>(sql`select
    (select count(*)::int from annotation) as rows, (select count(*)::int from preference) as preferences`);
  console.log(`${acknowledged.size} judgements acknowledged, ${rows} stored, ${preferences} preferences`);
  require(wrong.overlap === 0 &&
    wrong.surplus === 0, "no task has more or fewer seats, or more raters, than wanted");
  require(wrong.repeats === 0, "no rater judged a task twice");
  require(lost === 0, "no acknowledged judgement is lost");
  require(rows === acknowledged.size && preferences === rows, "none is stored twice");
}

const platform = await startPlatform();
try {
  const projectId = await makeTasks(platform);
  const annotators = await makeAnnotators(platform.database.db, { projectId, count: Math.max(...crowds) });
  const tokens = annotators.map(({ token }) => token);
  const ledgers: Ledger[] = [];
  for (const raters of crowds)
    ledgers.push(await run(platform, { projectId, tokens: tokens.slice(0, raters) }));
  if (!options["skip-faults"])
    ledgers.push(await run(platform, { projectId, tokens: tokens.slice(0, crowds[0]), withFaults: true }));
  await verify(platform, ledgers);
} finally {
  await platform.stop();
}
process.exit(failed ? 1 : 0);

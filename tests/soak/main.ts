import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "@/db/client";
import { raterOf } from "@/server/rater/rater";
import { makeAnnotators } from "@/tests/annotators";
import { startPlatform } from "@/tests/platform";
import { importer, Ledger, manager, rater, researcher, User } from "./actors";
import { type FaultName, faultNames, mountDisk, strike, wrongClock } from "./faults";
import { invariants } from "./invariants";

/**
 * Raters, a manager, imports, freezes and trainings on what `npm start` runs, while its site, worker, engines, database
 * connections and database are killed with -9, its disk fills and its clock is put. Afterwards the tables are held to
 * what users were told.
 *
 *     npm run soak                   an hour
 *     npm run soak -- --minutes 5    shorter
 *     npm run soak -- --pause 3      seconds between two faults, on average
 */
const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    raters: { type: "string", default: "8" },
    /** So that the product is not only recovering. */
    pause: { type: "string", default: "10" },
    faults: { type: "string", default: faultNames.join() },
  },
});
const DISK_BYTES = 3_000_000_000;
const WORKS_PATIENCE_MS = 240_000;
const SETTLE_MS = 600_000;

const disk = mountDisk(DISK_BYTES);
if (!disk) console.log("The disk is not filled: this user may not mount one of its own.");
const clock = wrongClock();
if (!clock) console.log("The clock is not put: Debian's package libfaketime is not installed.");

const began = performance.now();
const platform = await startPlatform({ within: disk?.folder, env: clock?.env });
const { db } = platform.database;
const ledger = new Ledger();
const admin = new User(platform.url, platform.adminToken, ledger);

/** Until a judgement is acknowledged that was sent from now on. */
async function works(): Promise<void> {
  const from = Date.now();
  while (ledger.lastJudged <= from) {
    if (Date.now() - from > WORKS_PATIENCE_MS) throw new Error("No judgement is stored any more.");
    await sleep(50);
  }
}

const recovered = new Map<FaultName, number[]>();
async function faults(names: readonly FaultName[]): Promise<void> {
  const endsAt = Date.now() + Number(options.minutes) * 60_000;
  while (Date.now() < endsAt) {
    await sleep(Number(options.pause) * 1000 * (0.4 + 1.2 * Math.random()));
    const name = names[Math.floor(Math.random() * names.length)];
    const took = await strike(name, { platform, disk, clock, works });
    if (took !== null) recovered.set(name, [...(recovered.get(name) ?? []), took]);
  }
}

/** Until every run is over: nobody touches them. */
async function settle(of: Db, projectId: string): Promise<void> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const [{ open }] = await of.execute<{ open: number }>(
      sql`select count(*)::int as open from run where project_id = ${projectId} and status in ('queued', 'running')`,
    );
    if (open === 0 || Date.now() > until) return;
    await sleep(1000);
  }
}

function report(): void {
  const perMinute = ledger.judgements.size / Number(options.minutes);
  console.log(
    `${ledger.judgements.size} judgements acknowledged (${perMinute.toFixed(0)} a minute), ${ledger.imports.size} imports; ` +
      `${ledger.requests} requests, ${ledger.retried} sent again, of it ${ledger.serverErrors} after an error of the server`,
  );
  for (const [name, times] of recovered) {
    const sorted = times.map((ms) => ms / 1000).toSorted((a, b) => a - b);
    const seconds = (at: number) => sorted[Math.floor(at * (sorted.length - 1))].toFixed(1);
    console.log(
      `  ${name.padEnd(10)} ${String(sorted.length).padStart(3)} ×  works again after ${seconds(0.5)} s (median), ${seconds(1)} s (longest)`,
    );
  }
  for (const [what, count] of ledger.surprises) console.log(`  refused ${count} ×: ${what}`);
}

let failed = false;
try {
  const made = await admin.send("POST", "/projects", { name: "Soak", overlap: 2 }, randomUUID());
  const { id: projectId } = z.object({ id: z.string() }).parse(made.body);
  const raters = await makeAnnotators(db, { projectId, count: Number(options.raters) });
  const raterIds = await Promise.all(raters.map(({ personId }) => raterOf(db, { projectId, personId })));
  console.log(`The product is up after ${((performance.now() - began) / 1000).toFixed(0)} s.`);
  const ended = new AbortController();
  const within = { projectId, ledger, signal: ended.signal };
  const work = [
    ...raters.map(({ token }) => rater(new User(platform.url, token, ledger), within)),
    manager(admin, { ...within, raterIds }),
    importer(admin, within),
    researcher(admin, within),
  ];
  await works();
  const names = faultNames.filter((name) => options.faults.split(",").includes(name));
  await Promise.race([faults(names), Promise.all(work)]);
  ended.abort();
  await Promise.all(work);
  await settle(db, projectId);
  report();
  for (const { says, broken } of await invariants(db, projectId, ledger)) {
    console.log(`${broken.length === 0 ? "✓" : "✗"} ${says}`);
    for (const what of broken.slice(0, 5)) console.log(`     ${what}`);
    if (broken.length > 0) failed = true;
  }
} catch (error) {
  report();
  console.error(error);
  failed = true;
} finally {
  if (failed) console.log(platform.log());
  await platform.stop();
  disk?.unmount();
  clock?.remove();
}
process.exit(failed ? 1 : 0);

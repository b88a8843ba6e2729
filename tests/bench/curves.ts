import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import { sql } from "drizzle-orm";
import { run as runs } from "@/db/schema";
import { recordMetrics } from "@/server/run/metric";
import { signedInAdmin } from "@/tests/e2e/admin";
import { address, adminApi } from "@/tests/e2e/fixtures";
import { type Platform, startPlatform } from "@/tests/platform";

/**
 * How smooth the page of a long run stays: a running run with many points a metric, in Chromium against `npm start`.
 * Timed are opening the page, and, by the gaps between the frames that the page draws (17 ms on a page at rest), new
 * points coming live and the cursor moving over the plots; at last how soon an open page goes on when the site was
 * killed.
 *
 *     npm run bench:curves -- [--points 50000] [--seconds 10]
 */
const { values: options } = parseArgs({
  options: { points: { type: "string", default: "50000" }, seconds: { type: "string", default: "10" } },
});
const points = Number(options.points);
const seconds = Number(options.seconds);
const POINTS_PER_SECOND = 5;

/** What a DPO run on a GPU writes. */
const METRICS = [
  "loss",
  "rewards/accuracies",
  "rewards/margins",
  "rewards/chosen",
  "rewards/rejected",
  "mean_token_accuracy",
  "learning_rate",
  "grad_norm",
  "tokens_per_second",
  "memory_bytes",
  "gpu_memory_bytes",
  "gpu_utilization",
  "gpu_power_watts",
  "logps/chosen",
  "logps/rejected",
  "logits/chosen",
  "logits/rejected",
];

const platform = await startPlatform();
// Where the helpers of the browser tests find it.
process.env.PORT = new URL(platform.url).port;
process.env.CONCORD_ADMIN_TOKEN = platform.adminToken;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const run = await makeRun(platform);
  const page = await browser.newPage({ baseURL: address(), viewport: { width: 1440, height: 900 } });
  // tsx names functions by a helper that a page does not have.
  await page.addInitScript("globalThis.__name = (named) => named");
  await signedInAdmin(page);

  const began = performance.now();
  await page.goto(run.path);
  await page.locator(".uplot canvas").first().waitFor();
  await frames(page, 0.1);
  console.log(
    `${points} points of ${METRICS.length} metrics: ${await page.locator(".uplot").count()} plots drawn ${Math.round(performance.now() - began)} ms after the page was asked for`,
  );

  console.log(`at rest: ${await frames(page, seconds)}`);
  let step = points;
  const until = Date.now() + seconds * 1000;
  const feeding = (async () => {
    while (Date.now() < until) {
      step += 1;
      await recordMetrics(
        platform.database.db,
        run.id,
        METRICS.map((name) => ({ name, step, value: 1 + Math.random() })),
      );
      await sleep(1000 / POINTS_PER_SECOND);
    }
  })();
  console.log(`${POINTS_PER_SECOND} points a second coming: ${await frames(page, seconds)}`);
  await feeding;

  const box = await page.locator(".uplot").first().boundingBox();
  if (!box) throw new Error("The first plot is not on the page.");
  const moving = (async () => {
    const stop = Date.now() + seconds * 1000;
    for (let x = 0; Date.now() < stop; x = (x + 7) % box.width) {
      await page.mouse.move(box.x + x, box.y + box.height / 2);
      await sleep(16);
    }
  })();
  console.log(`the cursor moving over all plots: ${await frames(page, seconds)}`);
  await moving;

  platform.kill("site");
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const SENTINEL = 42;
  await recordMetrics(platform.database.db, run.id, [{ name: "loss", step: step + 1, value: SENTINEL }]);
  const killed = performance.now();
  await page.getByRole("img", { name: `loss: ${SENTINEL}` }).waitFor({ timeout: 120_000 });
  const isSame = await page.evaluate(() => "sameDocument" in window);
  console.log(
    `the site killed: the page shows what came meanwhile after ${((performance.now() - killed) / 1000).toFixed(1)} s, ${isSame ? "without" : "after"} a reload`,
  );
} finally {
  await browser.close();
  await platform.stop();
}

/** A run of a new project, held by nobody. @returns its id and the path of its page */
async function makeRun({ database: { db } }: Platform) {
  const { id: projectId } = await adminApi().project.create.mutate({ name: `Bench ${randomUUID()}` });
  const [{ id }] = await db
    .insert(runs)
    .values({
      projectId,
      kind: "preference",
      title: "A long run",
      status: "running",
      spec: {},
      startedAt: new Date(),
      // No worker takes it while it is looked at.
      leasedUntil: new Date(Date.now() + 3_600_000),
    })
    .returning();
  for (const name of METRICS)
    await db.execute(sql`insert into metric (run_id, name, step, value)
      select ${id}, ${name}, step, 1 / sqrt(step) + 0.2 * random() from generate_series(1, ${points}::int) step`);
  return { id, path: `/projects/${projectId}/runs/${id}` };
}

/** Gaps between the frames that a page draws for some seconds. */
async function frames(page: Page, seconds: number): Promise<string> {
  const gaps = await page.evaluate(
    (milliseconds) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        const tick = (at: number) => {
          times.push(at);
          if (at - (times[0] ?? at) < milliseconds) requestAnimationFrame(tick);
          else resolve(times.slice(1).map((time, i) => time - (times[i] ?? time)));
        };
        requestAnimationFrame(tick);
      }),
    seconds * 1000,
  );
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return `frames every ${at(0.5)} ms, 95 % within ${at(0.95)} ms, longest ${at(1)} ms, ${gaps.filter((gap) => gap > 50).length} of ${gaps.length} over 50 ms`;
}

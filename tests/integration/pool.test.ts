import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";

const folder = await realpath(await mkdtemp("/tmp/concord-outage-"));
await chmod(folder, 0o755);
const server = await startEmbedded(folder);
const { db, close } = connect(server.url, { max: 8 });

afterAll(async () => {
  await close();
  await server.stop();
  await rm(await realpath(join(folder, "postgres")), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

test("a restart in mid-transaction leaves no query hanging and no connection lost", async () => {
  const stopped = new AbortController();
  const lastAnswer = Array.from({ length: 24 }, () => 0);
  const work = lastAnswer.map(async (_, worker) => {
    while (!stopped.signal.aborted) {
      await db
        .transaction(async (tx) => {
          await tx.execute(sql`select 1`);
          await tx.execute(sql`select pg_sleep(0.002)`);
        })
        .catch(() => sleep(20));
      lastAnswer[worker] = Date.now();
    }
  });
  for (let round = 0; round < 3; round += 1) {
    await sleep(500);
    await server.stop();
    await server.start();
    const back = Date.now();
    await expect.poll(() => lastAnswer.filter((at) => at < back).length, { timeout: 60_000 }).toBe(0);
  }
  stopped.abort();
  await Promise.all(work);
});

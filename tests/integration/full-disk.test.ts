import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { connectRaw } from "@/db/client";
import { datasetRow, datasetVersion, project, run } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { folderStore } from "@/server/artifact/store";
import { createDataset } from "@/server/dataset/dataset";
import { queueRun } from "@/server/run/queue";
import { freeze } from "@/workers/run/handlers/freeze";
import { runWorker } from "@/workers/run/worker";
import { testDatabase } from "./database";
import { judgedPairs } from "./judged-pairs";
import { someone } from "./study";

/** A disk for the rows of versions alone: PostgreSQL itself goes on, as where disks are several. */
const disk = mkdtempSync(join(tmpdir(), "concord-rows-"));
const mount = (options: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]).status === 0;
const mounted = mount("size=48k");
const work = mkdtempSync(join(tmpdir(), "concord-freeze-"));
const database = await testDatabase();
const { db } = database;
const tablespace = `full_${randomUUID().slice(0, 8)}`;

afterAll(async () => {
  if (mounted) {
    await database.asOwner("alter table dataset_row set tablespace pg_default");
    await database.asOwner(`drop tablespace ${tablespace}`);
    spawnSync("umount", [disk]);
  }
  for (const folder of [disk, work]) rmSync(folder, { recursive: true, force: true });
});

/** Hands the disk to PostgreSQL's own account, and puts the rows there. */
async function rowsOnTheDisk(): Promise<void> {
  const owner = connectRaw(database.ownerUrl, { max: 1 });
  const [{ data_directory }] = await owner<{ data_directory: string }[]>`show data_directory`;
  await owner.end();
  const { uid, gid } = statSync(data_directory);
  chownSync(disk, uid, gid);
  chmodSync(disk, 0o700);
  await database.asOwner(`create tablespace ${tablespace} location '${disk}'`);
  await database.asOwner(`alter table dataset_row set tablespace ${tablespace}`);
}

test("a freeze on a full disk says so and leaves nothing half; with room again it is made", async ({
  skip,
}) => {
  if (!mounted) skip("this user may not mount a small disk");
  const manager = await someone(database, { isAdmin: true });
  const actor = { personId: manager.viewer.personId };
  const [{ id: projectId }] = await db.insert(project).values({ name: "Full" }).returning();
  await judgedPairs(db, { projectId, ...actor, count: 100, seed: 1 });
  const { id: datasetId } = await createDataset(db, actor, { projectId, name: "pairs", kind: "preference" });
  await rowsOnTheDisk();

  const shutdown = new AbortController();
  const worker = runWorker(
    {
      id: randomUUID(),
      name: "test",
      ...database,
      store: folderStore(join(work, "artifacts")),
      folder: work,
      capabilities: { engines: [], devices: [], memoryBytes: 1e9, options: {} },
      handlers: { freeze },
      lanes: [["freeze"]],
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
  const ended = async (id: string) => {
    const read = async () => (await db.select().from(run).where(eq(run.id, id)))[0];
    await expect.poll(async () => (await read()).status).toMatch(/succeeded|failed/);
    return read();
  };
  const spec = { datasetId, recipe: recipeSchema.parse({}) };
  // No attempt after the first, which would wait.
  const { id } = await queueRun(db, actor, { projectId, kind: "freeze", title: "F", spec, maxAttempts: 1 });
  expect(await ended(id)).toMatchObject({
    status: "failed",
    error: expect.stringMatching(/^The disk is full: /),
  });
  expect([await db.$count(datasetVersion), await db.$count(datasetRow)]).toEqual([0, 0]);

  expect(mount("remount,size=8m")).toBe(true);
  const { id: again } = await manager.caller.run.retry({ projectId, runId: id });
  expect(await ended(again)).toMatchObject({ status: "succeeded", result: { version: 1, rows: 100 } });
  expect([await db.$count(datasetVersion), await db.$count(datasetRow)]).toEqual([1, 100]);
  shutdown.abort();
  await worker;
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { prompt, response } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { makeSearchable, promptsWith, responsesWith } from "@/server/content/search";
import { importFiles } from "@/server/import/import";
import { testDatabase } from "./database";
import { importInput } from "./import-input";
import { study } from "./study";

const database = await testDatabase();
const { db } = database;
const folder = await mkdtemp(join(tmpdir(), "concord-search-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Texts that no index has yet. */
const waiting = async () =>
  (await db.$count(prompt, sql`not searchable`)) + (await db.$count(response, sql`not searchable`));

/** More than one stretch of the procedure. */
const rows = Array.from({ length: 1100 }, (_, n) => ({
  prompt: n === 300 ? "What is a 木琴, a Xylophone?" : `Question ${n}`,
  chosen: `Answer ${n}`,
  rejected: n === 1050 ? "A kind of harp_sichord" : `Other ${n}`,
}));

test("imported texts are found at once, and by the indexes as soon as these have them", async () => {
  const { projectId } = await study(database);
  const input = await importInput(db, folder, { projectId, rows, options: {} });
  const found = async () => ({
    prompts: (await promptsWith(db, { projectId, words: "xylophone 木琴" }))?.length,
    responses: (await responsesWith(db, { projectId, words: "harp_sichord" }))?.length,
  });
  const { counts } = await importFiles(db, system, input);
  expect(counts.prompts.added).toBe(rows.length);
  expect(await found()).toEqual({ prompts: 1, responses: 1 });

  await expect.poll(waiting).toBe(0);
  expect(await found()).toEqual({ prompts: 1, responses: 1 });
  const plan = await db.transaction(async (tx) => {
    await tx.execute(sql`set local enable_seqscan = off`);
    return tx.execute(
      sql`explain select id from prompt where searchable and search_text ilike '%xylophone%'`,
    );
  });
  expect(JSON.stringify(plan)).toContain("prompt_search");
});

test("what a crash left undone is done by the next call, which waits for nobody", async () => {
  const { projectId } = await study(database);
  const input = await importInput(db, folder, { projectId, rows: rows.slice(0, 50), options: {} });
  await importFiles(db, system, input);
  await expect.poll(waiting).toBe(0);
  await db.update(prompt).set({ searchable: false }).where(eq(prompt.projectId, projectId));
  const [held] = await db
    .select({ id: prompt.id })
    .from(prompt)
    .where(eq(prompt.projectId, projectId))
    .limit(1);
  await db.transaction(async (tx) => {
    await tx.execute(sql`select from prompt where id = ${held.id} for update`);
    await makeSearchable(db);
    expect(await waiting()).toBe(1);
  });
  await makeSearchable(db);
  expect(await waiting()).toBe(0);
});

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { afterAll, expect, test, vi } from "vitest";
import { embedding, model, prompt, response, run as runs } from "@/db/schema";
import { folderStore } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { makeSearchable, promptsWith, responsesWith } from "@/server/content/search";
import { meaningFigures } from "@/server/figure/meaning";
import { importFiles } from "@/server/import/import";
import type { Handler } from "@/workers/run/handler";
import { embed } from "@/workers/run/handlers/embed";
import { search } from "@/workers/run/handlers/search";
import { testDatabase } from "./database";
import { importInput } from "./import-input";
import { newModel, TINY } from "./new-model";
import { newKey, prefer, study } from "./study";

const database = await testDatabase();
const { db } = database;
const { folder } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/concord-search-");
  process.env.CONCORD_MODELS = folder;
  return { folder };
});
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

test("texts are found by what they mean to a model, which reads each once, and go with their prompt", async () => {
  const of = await study(database, { tasks: 0 });
  const { projectId, manager } = of;
  const path = join(folder, "tiny");
  const about = (what: string, n: number) => `The ${what} sat by the ${what}, and the ${what} is number ${n}`;
  await newModel(
    path,
    `${about("cat", 1)}. ${about("harbour", 2)}.\n`.repeat(30),
    `--seed 1 ${TINY} --vocab-size 300`,
  );
  const [{ id: modelId }] = await db
    .insert(model)
    .values({ projectId, name: "tiny", method: "base", format: "full", source: { kind: "folder", path } })
    .returning({ id: model.id });
  const add = (texts: readonly string[]) =>
    manager.caller.content.addPrompts({
      projectId,
      prompts: texts.map((content) => ({
        messages: [{ role: "user", content }],
        responses: [{ content: `Of this: ${content}` }],
      })),
    });
  const one = { projectId, modelId };
  await expect(manager.caller.meaning.search({ ...one, like: { words: "cat" } })).rejects.toThrow(
    "tiny has read no texts of this project yet",
  );
  const { promptIds } = await add([...[1, 2, 3].map((n) => about("cat", n)), about("harbour", 4)]);
  // More than the model reads, and nothing that it reads.
  await add([about("harbour", 5).repeat(400)]);
  const first = await worked(embed, await manager.caller.meaning.embed(one));
  expect(first).toEqual({ read: 10, empty: 0 });
  expect(await worked(embed, await manager.caller.meaning.embed(one))).toEqual({ read: 0, empty: 0 });
  await add([about("harbour", 6)]);
  expect(await worked(embed, await manager.caller.meaning.embed(one))).toEqual({ read: 2, empty: 0 });

  const [judged] = promptIds;
  await manager.caller.content.addPrompts({
    projectId,
    prompts: [
      { messages: [{ role: "user", content: about("cat", 1) }], responses: [{ content: "Another." }] },
    ],
  });
  await manager.caller.task.create({ projectId, promptIds: [judged], overlap: 2 });
  for (const liked of [0, 1]) {
    const { caller } = await of.join();
    const { tasks } = await caller.annotation.claim({ projectId });
    const { assignmentId, responses } = tasks[0];
    // Each sees them in an order of their own.
    const isFirst = (responses[0].content === "Another.") === (liked === 0);
    const answers = prefer(isFirst ? "a" : "b");
    await caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
  }
  const map = await manager.caller.meaning.map(one);
  expect(map).toMatchObject({ read: 6, responseIds: null, scoredBy: null, language: { values: [] } });
  expect(new Set(map.promptIds).size).toBe(6);
  expect(Math.max(...map.x.map(Math.abs), ...map.y.map(Math.abs))).toBe(1);
  const agreed = map.promptIds.flatMap((prompt, at) =>
    map.agreement[at] === null ? [] : [{ prompt, least: map.agreement[at] }],
  );
  expect(agreed).toEqual([{ prompt: judged, least: 0.5 }]);
  const query = meaningFigures.leastAgreement.query.replace(":project", `'${projectId}'`);
  expect([...(await db.execute(sql.raw(query)))]).toEqual(agreed);
  const texts = [{ promptId: judged, responseId: null }];
  expect(await manager.caller.meaning.texts({ projectId, texts })).toMatchObject([
    { promptId: judged, excerpt: about("cat", 1), tasks: 1 },
  ]);

  const found = async (input: object) => {
    const run = await manager.caller.meaning.search({ ...one, like: { words: "" }, ...input });
    expect(await manager.caller.meaning.found({ projectId, runId: run.id })).toMatchObject({ items: null });
    await worked(search, run);
    return (await manager.caller.meaning.found({ projectId, runId: run.id })).items ?? [];
  };
  const subjects = (items: { excerpt: string }[]) =>
    items.map(({ excerpt }) => /cat|harbour/.exec(excerpt)?.[0]);
  const cats = ["cat", "cat", "cat", "harbour", "harbour", "harbour"];
  expect(subjects(await found({ like: { words: about("cat", 9) } }))).toEqual(cats);
  const responses = await found({ of: "responses", like: { words: about("cat", 9) }, limit: 3 });
  expect(responses.map(({ excerpt }) => excerpt.slice(0, 16))).toEqual(Array(3).fill("Of this: The cat"));
  // Itself is not among those that are like it.
  const like = await found({ like: { promptId: promptIds[0] } });
  expect(subjects(like)).toEqual(cats.slice(1));
  expect(like.map(({ promptId }) => promptId)).not.toContain(promptIds[0]);

  await manager.caller.content.deletePrompts({ projectId, promptIds: [promptIds[1]] });
  expect(await db.$count(embedding, eq(embedding.promptId, promptIds[1]))).toBe(0);
  const standing = await manager.caller.meaning.standing({ projectId });
  expect(standing).toMatchObject({
    texts: { prompts: 5, responses: 6 },
    models: [{ name: "tiny", prompts: 5, responses: 5, runId: null }],
  });
});

/** Works a queued run off here. */
async function worked(handler: Handler, { id }: { id: string }) {
  const [run] = await db.select().from(runs).where(eq(runs.id, id));
  const never = new AbortController().signal;
  const result = await handler({
    ...{ run, db, sql: database.sql, folder: join(folder, id), signal: never, stop: never },
    store: folderStore(folder),
    progress: () => {},
    log: async () => {},
    metrics: async () => {},
    attach: async () => Promise.reject(new Error("It makes no file.")),
  });
  await db.update(runs).set({ status: "succeeded", result }).where(eq(runs.id, id));
  return result;
}

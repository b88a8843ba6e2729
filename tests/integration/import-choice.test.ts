import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { afterAll, describe, expect, it, vi } from "vitest";
import { assignment, importMapping, task } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { env } from "@/server/env";
import { checkFiles, importFiles } from "@/server/import/import";
import type { RequestedImport } from "@/server/import/schema";
import { limits } from "@/server/limits";
import { jsonl } from "../unit/import-helpers";
import { testDatabase } from "./database";
import { importInput } from "./import-input";
import { newKey, prefer, study } from "./study";

const data = await mkdtemp(join(tmpdir(), "concord-import-choice-"));
vi.hoisted(() => {
  process.env.CONCORD_DATA ??= "";
});
process.env.CONCORD_DATA = data;
afterAll(() => rm(data, { recursive: true, force: true }));

const database = await testDatabase();
const { db } = database;

/** Three pairs with verdicts and one without. */
const rows = ["a", "b", "c", "d"].map((q) => ({
  q,
  left: `${q} one`,
  right: `${q} two`,
  verdict: q === "d" ? null : "left",
}));
const mapping = {
  prompt: "{{q}}",
  responses: [{ column: "left" }, { column: "right" }],
  preference: { column: "verdict", first: "left", second: "right" },
};

const input = (projectId: string, seats?: number) =>
  importInput(db, data, { projectId, rows, options: { mapping }, ...(seats === undefined ? {} : { seats }) });

const openSeats = (projectId: string) => db.$count(assignment, eq(assignment.projectId, projectId));

describe("what an import leaves for experts", () => {
  it("is said by the check, and is what the import does", async () => {
    const { projectId, manager } = await study(database, { tasks: 0, overlap: 2 });
    const check = await checkFiles(db, await input(projectId));
    expect(check).toMatchObject({
      tasks: { judged: 3, unjudged: 1 },
      each: { judged: 0, unjudged: 2 },
      open: 2,
      overlap: 2,
      secondsFrom: "guess",
    });
    expect(check.says).toMatch(/^Experts are asked for 2 judgements, about 1 minute .*guess\. 3 tasks come/);
    expect(check.says).toMatch(/"seats": 2 to ask experts, too: 8 judgements, about 5 minutes/);
    expect(await db.$count(task, eq(task.projectId, projectId))).toBe(0);

    const { seats } = await importFiles(db, system, await input(projectId));
    expect(seats).toEqual(check);
    // Three seats hold the file's verdicts.
    expect((await openSeats(projectId)) - 3).toBe(seats.open);
    const again = await checkFiles(db, await input(projectId));
    expect(again).toMatchObject({ tasks: { judged: 0, unjudged: 0 }, open: 0 });
    expect(again.says).toBe("No new task for experts: the desk stays as it is.");
    expect((await manager.caller.annotation.claim({ projectId, hold: 1 })).tasks).toHaveLength(1);
  });

  it("is everything where experts are asked beside the file, at the pace of the project's people", async () => {
    const { projectId, manager, join: joinStudy } = await study(database, { tasks: 12, overlap: 2 });
    const { caller } = await joinStudy();
    for (let timed = 0; timed < 12; timed++) {
      const { tasks } = await caller.annotation.claim({ projectId, hold: 1 });
      await caller.annotation.submit({
        assignmentId: tasks[0].assignmentId,
        answers: prefer("a"),
        idempotencyKey: newKey(),
        visibleMs: 20_000,
      });
    }
    const before = await openSeats(projectId);
    const { seats } = await importFiles(db, system, await input(projectId, 2));
    expect(seats).toMatchObject({ open: 8, secondsEach: 20, secondsFrom: "project" });
    expect(seats.says).toMatch(/^Experts are asked for 8 judgements, about 3 minutes at the 20 s/);
    expect((await openSeats(projectId)) - before - 3).toBe(8);
    expect((await manager.caller.annotation.claim({ projectId, hold: 1 })).tasks).toHaveLength(1);
  });
});

describe("a saved mapping", () => {
  const start = async (projectId: string, options: RequestedImport["options"] | object) => {
    const bytes = Readable.from([jsonl(...rows)]);
    const store = storeFromEnvironment(env());
    const { sha256 } = await keepUpload(db, store, {
      projectId,
      personId: null,
      bytes,
      mediaType: "application/jsonl",
    });
    return { projectId, files: [{ name: "odd.jsonl", sha256 }], options };
  };

  it("goes by its name, and the run keeps what it said", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const { caller } = manager;
    const saved = await caller.import.saveMapping({ projectId, name: "Odd files", mapping });
    await expect(caller.import.saveMapping({ projectId, name: "Odd files", mapping })).rejects.toThrow(
      /already has a mapping called "Odd files"/,
    );
    await caller.import.changeMapping({ projectId, mappingId: saved.id, name: "Odd" });
    const spec = await start(projectId, { mapping: "Odd" });
    const [preview] = await caller.import.preview(spec);
    expect(preview.shown[0].records[0]).toMatchObject({
      prompt: { messages: [{ role: "user", content: "a" }] },
      responses: [{ content: "a one" }, { content: "a two" }],
    });
    const started = await caller.import.start({ ...spec, dryRun: true });
    expect(started.spec).toMatchObject({ options: { mapping } });
    await caller.import.deleteMapping({ projectId, mappingId: saved.id });
    expect(await caller.import.mappings({ projectId })).toEqual([]);
    await expect(caller.import.start(spec)).rejects.toThrow(
      'The project has no mapping called "Odd". None was saved yet.',
    );
  });

  it("has one name of its own, whoever gives it at the same time, and there is an end to them", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const { caller } = manager;
    const save = (name: string) => caller.import.saveMapping({ projectId, name, mapping });
    const saved = await Promise.all(["a", "b", "c", "d"].map(save));
    const renamed = await Promise.allSettled(
      saved.map(({ id }) => caller.import.changeMapping({ projectId, mappingId: id, name: "The one" })),
    );
    const reasons = renamed.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(reasons).toHaveLength(3);
    for (const reason of reasons) expect(reason).toContain('already has a mapping called "The one"');
    const others = Array.from({ length: limits.savedMappings - 4 }, (_, n) => ({
      ...{ projectId, name: `Other ${n}`, mapping },
    }));
    await db.insert(importMapping).values(others);
    await expect(save("One more")).rejects.toThrow(/keeps up to 200 mappings/);
  });

  it("is its project's alone", async () => {
    const [mine, theirs] = [await study(database, { tasks: 0 }), await study(database, { tasks: 0 })];
    await theirs.manager.caller.import.saveMapping({
      projectId: theirs.projectId,
      name: "Theirs",
      mapping,
    });
    const { caller } = mine.manager;
    await expect(caller.import.preview(await start(mine.projectId, { mapping: "Theirs" }))).rejects.toThrow(
      /no mapping called/,
    );
  });

  it("and every option are known, or an error", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const spec = await start(projectId, {});
    const { start: startImport } = manager.caller.import;
    // As programs send it, past the types.
    const misspelt: object = { dryrun: true };
    await expect(startImport({ ...spec, ...misspelt })).rejects.toThrow(/dryrun/);
    await expect(startImport({ ...spec, options: { shape: "preferences" } })).rejects.toThrow(
      /no shape "preferences"/,
    );
  });
});

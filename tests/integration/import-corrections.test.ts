import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { afterAll, expect, it } from "vitest";
import { annotation, preference } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { checkFiles, importFiles } from "@/server/import/import";
import type { ImportOptionsInput } from "@/server/import/schema";
import { testDatabase } from "./database";
import { importInput } from "./import-input";
import { study } from "./study";

const data = await mkdtemp(join(tmpdir(), "concord-import-corrections-"));
afterAll(() => rm(data, { recursive: true, force: true }));
const database = await testDatabase();
const { db } = database;

const input = (projectId: string, rows: object[], options: ImportOptionsInput) =>
  importInput(db, data, { projectId, rows, options });

const winnersOf = async (projectId: string) => {
  const rows = await db
    .select({ outcome: preference.outcome, revision: annotation.revision })
    .from(preference)
    .innerJoin(annotation, eq(annotation.id, preference.annotationId))
    .where(and(eq(preference.projectId, projectId), eq(annotation.current, true)));
  return rows.map(({ outcome, revision }) => `${outcome} ${revision}`);
};

const mapping = {
  prompt: "{{q}}",
  responses: [{ column: "left" }, { column: "right" }],
  preference: { column: "verdict", first: "left", second: "right" },
  rater: "who",
};
const judged = (verdict: string) => ({ q: "q", left: "one", right: "two", verdict, who: "Ann" });

it("a named rater's newer verdict is a revision, which the check says before", async () => {
  const { projectId } = await study(database, { tasks: 0 });
  await importFiles(db, system, await input(projectId, [judged("left")], { mapping }));
  expect(await winnersOf(projectId)).toEqual(["a 1"]);

  const same = await input(projectId, [judged("left")], { mapping });
  await checkFiles(db, same);
  expect(same.surveyor.survey.problems).toEqual({});

  const check = await input(projectId, [judged("right")], { mapping });
  await checkFiles(db, check);
  expect(check.surveyor.survey.firstProblems).toMatchObject([{ code: "revised-judgement", row: 1, line: 1 }]);
  expect(await winnersOf(projectId)).toEqual(["a 1"]);

  const { counts } = await importFiles(db, system, await input(projectId, [judged("right")], { mapping }));
  expect(counts).toMatchObject({ judgements: { added: 0, known: 1 }, revised: 1 });
  expect(await winnersOf(projectId)).toEqual(["b 2"]);
  expect(await db.$count(annotation, eq(annotation.projectId, projectId))).toBe(2);

  const { counts: kept } = await importFiles(
    db,
    system,
    await input(projectId, [judged("left")], { mapping, corrections: "none" }),
  );
  expect(kept.revised).toBe(0);
  expect(await winnersOf(projectId)).toEqual(["b 2"]);
});

it("what a later file does not ask stays as it was answered", async () => {
  const { projectId } = await study(database, { tasks: 0 });
  const rated = {
    ...mapping,
    preference: undefined,
    ratings: [
      {
        id: "clear",
        per: "task" as const,
        min: 1,
        max: 5,
        attributes: [{ id: "clear", columns: ["stars"] }],
      },
    ],
  };
  await importFiles(db, system, await input(projectId, [judged("left")], { mapping }));
  const { counts } = await importFiles(
    db,
    system,
    await input(projectId, [{ ...judged("left"), stars: 4 }], { mapping: rated }),
  );
  expect(counts.revised).toBe(1);
  expect(await winnersOf(projectId)).toEqual(["a 2"]);
  const [current] = await db
    .select({ answers: annotation.answers })
    .from(annotation)
    .where(and(eq(annotation.projectId, projectId), eq(annotation.current, true)));
  expect(Object.values(current?.answers ?? {}).map((answer) => answer?.type)).toEqual(
    expect.arrayContaining(["preference", "rating"]),
  );
});

it("a label without a name is kept and named, and replaced where that is asked for", async () => {
  const { projectId } = await study(database, { tasks: 0 });
  const pair = (chosen: string, rejected: string) => [{ prompt: "p", chosen, rejected }];
  await importFiles(db, system, await input(projectId, pair("x", "y"), {}));
  const before = await winnersOf(projectId);

  const corrected = await input(projectId, pair("y", "x"), {});
  const { counts } = await importFiles(db, system, corrected);
  expect(counts.revised).toBe(0);
  expect(corrected.surveyor.survey.problems).toEqual({ "kept-judgement": 1 });
  expect(await winnersOf(projectId)).toEqual(before);

  const { counts: replaced } = await importFiles(
    db,
    system,
    await input(projectId, pair("y", "x"), { corrections: "all" }),
  );
  expect(replaced.revised).toBe(1);
  expect(await winnersOf(projectId)).toEqual([before[0] === "a 1" ? "b 2" : "a 2"]);
});

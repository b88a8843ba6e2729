import { expect, test } from "vitest";
import { recipeSchema } from "@/db/shape/dataset";
import { freezeVersion } from "@/server/dataset/freeze";
import { testDatabase } from "./database";
import { newKey, prefer, study } from "./study";

const database = await testDatabase();

test("rows counted before freezing are those that are frozen, and counting changes nothing", async () => {
  const { projectId, manager, join } = await study(database, { tasks: 12 });
  const member = await join();
  for (let judged = 0; judged < 12; judged++) {
    const { tasks } = await member.caller.annotation.claim({ projectId, hold: 1 });
    await member.caller.annotation.submit({
      assignmentId: tasks[0]?.assignmentId ?? "",
      answers: prefer("a"),
      idempotencyKey: newKey(),
    });
  }
  const { id: datasetId } = await manager.caller.dataset.create({
    projectId,
    name: "Pairs",
    kind: "preference",
  });
  const recipe = recipeSchema.parse({ split: { train: 0.5, validation: 0.3, test: 0.2, seed: 3 } });
  const of = { projectId, datasetId, recipe };
  const counted = await manager.caller.dataset.count(of);
  expect(await manager.caller.dataset.versions({ projectId, datasetId })).toEqual([]);

  const [{ id: runId }] = await database.db.execute<{ id: string }>(
    `insert into run (project_id, kind, title, spec) values ('${projectId}', 'freeze', 'f', '{}') returning id`,
  );
  const { rows, manifest } = await freezeVersion(database.db, {
    ...of,
    runId,
    actor: { personId: null },
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  expect(rows).toBe(12);
  expect(counted.rows).toEqual(manifest.rows);

  const none = recipeSchema.parse({ ...recipe, minVotes: 2 });
  expect(await manager.caller.dataset.count({ ...of, recipe: none })).toEqual({
    rows: { train: 0, validation: 0, test: 0 },
  });
});

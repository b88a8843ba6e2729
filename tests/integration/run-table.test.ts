import { expect, test } from "vitest";
import { testDatabase } from "./database";
import { study } from "./study";

const database = await testDatabase();

test("a view of a table is its owner's own, shared when they say so, and one name holds one view", async () => {
  const { projectId, manager, join } = await study(database, { tasks: 0 });
  const reviewer = await join("reviewer");
  const mine = { projectId, page: "runs", name: "Best first" } as const;
  await manager.caller.savedView.save({ ...mine, address: "sort=-loss" });
  const { id: viewId } = await manager.caller.savedView.save({ ...mine, address: "sort=loss" });
  expect(await manager.caller.savedView.list({ projectId, page: "runs" })).toEqual([
    expect.objectContaining({ id: viewId, name: "Best first", address: "sort=loss", own: true }),
  ]);
  expect(await manager.caller.savedView.list({ projectId, page: "tasks" })).toEqual([]);
  expect(await reviewer.caller.savedView.list({ projectId, page: "runs" })).toEqual([]);

  await manager.caller.savedView.save({ ...mine, address: "sort=loss", shared: true });
  expect(await reviewer.caller.savedView.list({ projectId, page: "runs" })).toMatchObject([
    { id: viewId, own: false, personName: manager.viewer.name },
  ]);
  await expect(reviewer.caller.savedView.delete({ projectId, viewId })).rejects.toThrow("not found");
  await manager.caller.savedView.delete({ projectId, viewId });
  expect(await reviewer.caller.savedView.list({ projectId, page: "runs" })).toEqual([]);
});

test("a note and tags change a run's words alone, and what is left out stays", async () => {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const [{ id: runId }] = await database.db.execute<{ id: string }>(
    `insert into run (project_id, kind, title, spec) values ('${projectId}', 'freeze', 'r', '{}') returning id`,
  );
  await manager.caller.run.describe({ projectId, runId, note: "warm-up too short" });
  await manager.caller.run.describe({ projectId, runId, tags: ["paper", " paper ", "ablation"] });
  expect(await manager.caller.run.get({ projectId, runId })).toMatchObject({
    status: "queued",
    title: "r",
    note: "warm-up too short",
    tags: ["paper", "ablation"],
  });
});

test("the table of runs says options, what they learn from, and the last value of each metric asked for", async () => {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const one = async (text: string) => (await database.db.execute<{ id: string }>(text))[0].id;
  const datasetId = await one(
    `insert into dataset (project_id, name, kind) values ('${projectId}', 'Pairs', 'preference') returning id`,
  );
  const versionId =
    await one(`insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows)
    values ('${projectId}', '${datasetId}', 3, '{}', '{}', '', 1) returning id`);
  const spec = {
    versionId,
    modelId: datasetId,
    options: { learning_rate: 1e-4 },
    chatTemplate: "long",
    name: "n",
  };
  const trained = await one(`insert into run (project_id, kind, title, spec)
    values ('${projectId}', 'sft', 'n', '${JSON.stringify(spec)}') returning id`);
  await one(
    `insert into run (project_id, kind, title, spec) values ('${projectId}', 'freeze', 'f', '{}') returning id`,
  );
  await one(`insert into metric (run_id, name, step, value, at) values ('${trained}', 'loss', 1, 3, '2026-01-01T00:00Z'),
    ('${trained}', 'loss', 20, 2, '2026-01-01T00:01Z'), ('${trained}', 'eval_loss', 20, 'NaN', '2026-01-01T00:01Z')
    returning run_id as id`);
  const table = await manager.caller.run.table({ projectId, metrics: ["loss", "eval_loss", "margin"] });
  expect(table).toMatchObject({
    total: 2,
    rows: [
      { kind: "freeze", options: {}, dataset: null, metrics: {} },
      {
        id: trained,
        options: { learning_rate: 1e-4, chat_template: "0f526403" },
        dataset: "Pairs v3",
        model: null,
        metrics: { loss: 2, eval_loss: null },
      },
    ],
  });
  expect(await manager.caller.run.table({ projectId, runIds: [trained] })).toMatchObject({
    rows: [{ id: trained }],
  });
  expect(await manager.caller.run.metricNames({ projectId })).toEqual(["eval_loss", "loss"]);
  expect(await manager.caller.training.clock({ projectId, runId: trained })).toEqual([
    [1, 0],
    [20, 60],
  ]);
  const theirs = await study(database, { tasks: 0 });
  expect(await theirs.manager.caller.run.table({ projectId: theirs.projectId, runIds: [trained] })).toEqual({
    rows: [],
    total: 0,
  });
});

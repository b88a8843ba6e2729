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

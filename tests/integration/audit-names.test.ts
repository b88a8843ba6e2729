import { expect, test } from "vitest";
import { testDatabase } from "./database";
import { study } from "./study";

const database = await testDatabase();

test("the audit log says what a thing is called now, and what is gone by its id alone", async () => {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const { id: viewId } = await manager.caller.savedView.save({
    ...{ projectId, page: "runs", name: "Mine", address: "" },
  });
  await manager.caller.dataset.create({ projectId, name: "Pairs", kind: "preference" });
  await manager.caller.savedView.save({ projectId, page: "runs", name: "Gone", address: "" });
  const named = async () => {
    const { items } = await manager.caller.audit.list({ projectId });
    return items.map(({ action, targetName }) => `${action}: ${targetName}`);
  };
  expect(await named()).toEqual(
    expect.arrayContaining(["savedView.save: Mine", "dataset.create: Pairs", "savedView.save: Gone"]),
  );
  await manager.caller.project.update({ projectId, name: "Renamed" });
  await manager.caller.savedView.delete({ projectId, viewId });
  expect(await named()).toEqual(
    expect.arrayContaining(["savedView.save: null", "savedView.delete: null", "project.update: Renamed"]),
  );
  const { items } = await manager.caller.audit.list({ projectId });
  expect(new Set(items.map(({ projectName }) => projectName))).toEqual(new Set(["Renamed"]));
});

import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { recipeSchema } from "@/db/shape/dataset";
import { testDatabase } from "./database";
import { frozenVersion, oddRows } from "./frozen";
import { study } from "./study";

const database = await testDatabase();

test("a recipe that another release stored is missing itself, and takes nothing with it", async () => {
  const { projectId, manager } = await study(database, { tasks: 1 });
  const { versionId } = await frozenVersion(database.db, {
    kind: "preference",
    rows: oddRows("preference"),
  });
  const of = { projectId, name: "Pairs", kind: "preference" as const };
  const { id: datasetId } = await manager.caller.dataset.create(of);
  const known = recipeSchema.parse({});
  for (const [version, recipe] of [known, { ...known, aggregation: "by-oracle" }].entries())
    await database.db.execute(sql`
      insert into dataset_version (project_id, dataset_id, version, recipe, manifest, sha256, rows)
      select ${projectId}, ${datasetId}, ${version + 1}, ${JSON.stringify(recipe)}::text::jsonb, manifest, sha256, rows
      from dataset_version where id = ${versionId}`);
  const versions = await manager.caller.dataset.versions({ projectId, datasetId });
  expect(versions.map(({ version, recipe }) => [version, recipe?.aggregation ?? null])).toEqual([
    [2, null],
    [1, "majority"],
  ]);
  const [{ newest }] = await manager.caller.dataset.list({ projectId });
  expect(newest).toEqual(versions[0]);
  expect(await manager.caller.dataset.version({ projectId, versionId: versions[0].id })).toEqual(versions[0]);
});

import { describe, expect, it } from "vitest";
import type { DatasetRow } from "@/db/shape/dataset";
import { type DatasetKind, datasetKinds } from "@/db/shape/dataset-kinds";
import { layouts } from "@/server/dataset/layout";
import { layoutFor } from "@/server/dataset/layout/layout";
import { type ExportLayout, exportLayouts } from "@/server/dataset/schema";
import { traitsOf } from "@/server/dataset/trait";
import { fileInMemory } from "@/server/import/source/file";
import { nightly } from "../nightly";
import { testDatabase } from "./database";
import { oddRows } from "./frozen";
import { filesOf, frozenFrom } from "./round-trip";

/** What a version's files, imported into a new project and frozen by the same recipe, come to. */
const database = await testDatabase();

/** Files of whole conversations say no longer where the prompt ended: a reply of several turns does not come back. */
const joins = (layout: ExportLayout, kind: DatasetKind): boolean =>
  layoutFor(layouts[layout], kind)
    ?.columns({ tools: false, calls: false, names: false, thoughts: false, margin: false, weights: false })
    .some(({ name }) => name === "messages") ?? false;

const cases = exportLayouts.flatMap((layout) =>
  datasetKinds.flatMap((kind) =>
    layoutFor(layouts[layout], kind)
      ? layouts[layout].formats
          .filter((format) => nightly || (layout === "trl" && format !== "csv"))
          .map((format) => [kind, layout, format] as const)
      : [],
  ),
);

/** Of rankings, those of three replies; NeMo-RL's have two, which are imported as a comparison. */
const fits = (row: DatasetRow, layout: ExportLayout): boolean =>
  !("completions" in row) || row.completions.length > 2 === (layout !== "nemo-rl");

describe("rows that are exported, imported and frozen again", () => {
  it.each(cases)("have the same hash: %s rows as %s in %s", async (kind, layout, format) => {
    const rows = oddRows(kind)
      .filter((row) => !traitsOf(row).includes("empty_reply") && fits(row, layout))
      .map(({ id: _id, ...row }) => JSON.stringify(row));
    const found = layoutFor(layouts[layout], kind);
    const held = { tools: true, calls: true, names: true, thoughts: true, weights: false, margin: true };
    const hasMargin = found?.columns(held).some(({ name }) => name === "margin");
    const recipe = {
      margin: hasMargin ? "strength" : "none",
      filters: {
        without: [
          ...new Set([
            ...(found?.cannot ?? []),
            ...(joins(layout, kind) ? ["several_turn_reply", "tool_calls"] : []),
          ]),
        ],
      },
    };
    const file = fileInMemory("rows.jsonl", Buffer.from(`${rows.join("\n")}\n`));
    const first = await frozenFrom(database, kind, [file], recipe);
    const files = await filesOf(database.db, {
      projectId: first.projectId,
      versionId: first.version.id,
      layout,
      format,
    });
    const second = await frozenFrom(database, kind, files, recipe);
    expect(second.version.rows).toBe(first.version.rows);
    expect(second.version.sha256).toBe(first.version.sha256);
  });
});

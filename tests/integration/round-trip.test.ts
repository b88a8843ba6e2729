import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DatasetKind, type DatasetRow, datasetKinds, recipeSchema } from "@/db/shape/dataset";
import { system } from "@/server/audit/audit";
import { createDataset } from "@/server/dataset/dataset";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { layouts } from "@/server/dataset/layout";
import { layoutFor } from "@/server/dataset/layout/layout";
import {
  type ExportFormat,
  type ExportLayout,
  exportLayouts,
  exportSpecSchema,
} from "@/server/dataset/schema";
import { traitsOf } from "@/server/dataset/trait";
import { importFiles } from "@/server/import/import";
import { importSpecSchema } from "@/server/import/schema";
import { fileInMemory, fileOnDisk, type SourceFile } from "@/server/import/source/file";
import { Surveyor } from "@/server/import/survey";
import { queueRun } from "@/server/run/queue";
import { nightly } from "../nightly";
import { testDatabase } from "./database";
import { oddRows } from "./frozen";
import { study } from "./study";

/** What a version's files, imported into a new project and frozen by the same recipe, come to. */
const database = await testDatabase();
const { db } = database;
const signal = new AbortController().signal;
const onProgress = () => {};

async function frozenFrom(kind: DatasetKind, sources: readonly SourceFile[], recipe: object) {
  const { projectId } = await study(database, { tasks: 0 });
  const { id: runId } = await queueRun(db, system, { projectId, kind: "import", title: "Rows", spec: {} });
  const { files: _files, ...spec } = importSpecSchema.parse({
    files: [{ name: "rows", sha256: "0".repeat(64) }],
    seats: 0,
  });
  const folder = await mkdtemp(join(tmpdir(), "concord-round-"));
  const surveyor = await Surveyor.open(sources, spec.options, {
    problems: join(folder, "problems.jsonl"),
    rejected: join(folder, "rejected.jsonl"),
  });
  await importFiles(db, system, { projectId, runId, spec, sources, surveyor, onProgress, signal });
  await surveyor.close();
  const { id: datasetId } = await createDataset(db, system, { projectId, name: kind, kind });
  const freeze = await queueRun(db, system, { projectId, kind: "freeze", title: "Rows", spec: {} });
  const version = await freezeVersion(db, {
    projectId,
    datasetId,
    recipe: recipeSchema.parse(recipe),
    runId: freeze.id,
    actor: system,
    onProgress,
    signal,
  });
  return { projectId, version };
}

async function filesOf(projectId: string, versionId: string, layout: ExportLayout, format: ExportFormat) {
  const folder = await mkdtemp(join(tmpdir(), "concord-round-"));
  const spec = exportSpecSchema.parse({ versionId, layout, format });
  const { files } = await writeExport(db, { projectId, spec, folder, onProgress, signal });
  return Promise.all(
    files
      .filter(({ name }) => name.startsWith("data/"))
      .map(({ name }) => fileOnDisk(join(folder, name), name)),
  );
}

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
    const first = await frozenFrom(kind, [file], recipe);
    const files = await filesOf(first.projectId, first.version.id, layout, format);
    const second = await frozenFrom(kind, files, recipe);
    expect(second.version.rows).toBe(first.version.rows);
    expect(second.version.sha256).toBe(first.version.sha256);
  });
});

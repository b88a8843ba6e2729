import { index, integer, jsonb, pgEnum, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import type { DatasetManifest, DatasetRow, StoredRecipe } from "../shape/dataset";
import { datasetKinds, splits } from "../shape/dataset-kinds";
import { createdAt, id, jsonWithDocuments } from "./columns";
import { person } from "./people";
import { project } from "./project";
import { run } from "./run";

export const datasetKind = pgEnum("dataset_kind", datasetKinds);
export const datasetSplit = pgEnum("dataset_split", splits);

export const dataset = pgTable(
  "dataset",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    kind: datasetKind().notNull(),
    createdAt: createdAt(),
  },
  (t) => [unique("dataset_name").on(t.projectId, t.name)],
);

/** A frozen snapshot: the same recipe on the same judgements gives the same `sha256`. Never changed after. */
export const datasetVersion = pgTable(
  "dataset_version",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    datasetId: uuid()
      .notNull()
      .references(() => dataset.id, { onDelete: "cascade" }),
    version: integer().notNull(),
    recipe: jsonb().$type<StoredRecipe>().notNull(),
    manifest: jsonb().$type<DatasetManifest>().notNull(),
    sha256: text().notNull(),
    rows: integer().notNull(),
    runId: uuid().references(() => run.id),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [unique("dataset_version_number").on(t.datasetId, t.version)],
);

export const datasetRow = pgTable(
  "dataset_row",
  {
    versionId: uuid()
      .notNull()
      .references(() => datasetVersion.id, { onDelete: "cascade" }),
    index: integer().notNull(),
    split: datasetSplit().notNull(),
    row: jsonWithDocuments().$type<DatasetRow>().notNull(),
    promptId: uuid().notNull(),
    /** The annotations this row rests on: the way back to the raters, and forward to the models. */
    annotationIds: uuid().array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.versionId, t.index] }),
    index("dataset_row_annotations").using("gin", t.annotationIds),
  ],
);

import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type {
  AskedBenchmark,
  BenchmarkContamination,
  BenchmarkFigure,
  BenchmarkGroup,
  ItemAsked,
  ItemTaint,
} from "../shape/benchmark";
import { createdAt, id, instant, jsonDocument } from "./columns";
import { model } from "./model";
import { person } from "./people";
import { project } from "./project";
import { run } from "./run";

/** A model on a benchmark: what was asked, and once all of it is answered what came out. */
export const benchmark = pgTable(
  "benchmark",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    runId: uuid().references(() => run.id, { onDelete: "set null" }),
    /** Of what is asked, as people call it. */
    name: text().notNull(),
    asked: jsonb().$type<AskedBenchmark>().notNull(),
    /** sha256 of all that figures hang on but the model: those of one key may be compared. */
    key: text().notNull(),
    /** Documents that are asked about; null until the run has read them. */
    documents: integer(),
    figures: jsonb().$type<BenchmarkFigure[]>().notNull().default([]),
    groups: jsonb().$type<BenchmarkGroup[]>().notNull().default([]),
    contamination: jsonb().$type<BenchmarkContamination>(),
    /** What it took: seconds with the model open, over all attempts. */
    seconds: doublePrecision().notNull().default(0),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
    finishedAt: instant(),
  },
  (t) => [
    index("benchmark_project").on(t.projectId, t.createdAt.desc()),
    index("benchmark_model").on(t.modelId),
    index("benchmark_run").on(t.runId),
  ],
);

/** A document that was asked about, stored as soon as it is answered: a run that is attempted again goes on behind it. */
export const benchmarkItem = pgTable(
  "benchmark_item",
  {
    benchmarkId: uuid()
      .notNull()
      .references(() => benchmark.id, { onDelete: "cascade" }),
    /** Its place among the documents, from 0. */
    position: integer().notNull(),
    document: jsonDocument().notNull(),
    /** The whole prompt, shots included. */
    prompt: text().notNull(),
    asked: jsonb().$type<ItemAsked>().notNull(),
    /** Log-likelihoods in nats with whether the model would write it, or texts. Numbers that JSON has not are texts. */
    replies: jsonDocument().notNull(),
    /** By filter what is left of the replies and its scores; our stricter scores. */
    graded: jsonDocument().notNull(),
    /** What it belongs to: items of one cluster are not independent. */
    cluster: text().notNull(),
    /** The first metric under the first filter, where it is one number of the item; 0 where it is wrong. */
    score: doublePrecision(),
    /** Whether nothing could be read of the reply. */
    failed: boolean().notNull(),
    cut: boolean().notNull(),
    /** Tokens that the model read and wrote. */
    tokens: bigint({ mode: "number" }).notNull(),
    /** Null where it is clean, or before it was looked for. */
    taint: jsonb().$type<ItemTaint>(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.benchmarkId, t.position] })],
);

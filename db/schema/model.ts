import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import {
  exposures,
  type HeldOut,
  type ModelSource,
  modelFormats,
  modelMethods,
  type Settled,
} from "../shape/model";
import { createdAt, id, instant } from "./columns";
import { response, task } from "./content";
import { datasetVersion } from "./dataset";
import { person } from "./people";
import { project } from "./project";
import { run } from "./run";

/** What a model was made for: a base to start from, or the method that trained it. */
export const modelMethod = pgEnum("model_method", modelMethods);

export const promptExposure = pgEnum("prompt_exposure", exposures);

export const modelFormat = pgEnum("model_format", modelFormats);

/** A model of the registry. Its lineage: `run` made it from `base` and from the rows of `version`. */
export const model = pgTable(
  "model",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    method: modelMethod().notNull(),
    format: modelFormat().notNull(),
    /** Where its files are: in the artifact store, in a folder, or on the Hub. */
    source: jsonb().$type<ModelSource>().notNull(),
    /** For an adapter: the full model it belongs on. For a full model: the one training began from. */
    baseId: uuid(),
    /** The model that training started from: an adapter continues an adapter. */
    parentId: uuid(),
    runId: uuid().references(() => run.id, { onDelete: "set null" }),
    versionId: uuid().references(() => datasetVersion.id, { onDelete: "set null" }),
    /**
     * Held-out measures by name, of the weights that were kept: means over the rows or tokens that were scored, where
     * `heldOut` says how many; else means of micro-batches' means, of a time before rows were counted.
     */
    metrics: jsonb().$type<Record<string, number>>().notNull().default({}),
    heldOut: jsonb().$type<HeldOut>(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
    archivedAt: instant(),
  },
  (t) => [index("model_project").on(t.projectId, t.createdAt.desc()), index("model_version").on(t.versionId)],
);

/** A reward model's opinion of a response. */
export const score = pgTable(
  "score",
  {
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    responseId: uuid()
      .notNull()
      .references(() => response.id, { onDelete: "cascade" }),
    projectId: uuid().notNull(),
    reward: doublePrecision().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.modelId, t.responseId] }), index("score_response").on(t.responseId)],
);

/** What a model in training replied to a fixed prompt at a step. */
export const sample = pgTable(
  "sample",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    step: integer().notNull(),
    position: integer().notNull(),
    prompt: text().notNull(),
    completion: text().notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.step, t.position] })],
);

/** A blind comparison by the experts of a model's replies with those of an opponent. */
export const evaluation = pgTable(
  "evaluation",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    opponentId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    runId: uuid().references(() => run.id, { onDelete: "set null" }),
    /** Whose votes count; null of a time before evaluations named one. */
    questionId: text(),
    /** Comparisons that needed nobody. */
    settled: jsonb().$type<Settled[]>().notNull().default([]),
    /** Prompts that one of the models could not read. */
    unanswered: integer().notNull().default(0),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [index("evaluation_model").on(t.modelId)],
);

/** A task of an evaluation, and whose response is whose. */
export const evaluationTask = pgTable(
  "evaluation_task",
  {
    evaluationId: uuid()
      .notNull()
      .references(() => evaluation.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    modelResponseId: uuid().notNull(),
    opponentResponseId: uuid().notNull(),
    /** What the models had seen of the prompt; null of a time before it was asked. */
    exposure: promptExposure(),
  },
  (t) => [primaryKey({ columns: [t.evaluationId, t.taskId] }), index("evaluation_task_task").on(t.taskId)],
);

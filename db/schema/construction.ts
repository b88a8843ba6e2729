import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import {
  type CandidateContent,
  type DataInput,
  type DataRecipe,
  decisions,
  type EditedContent,
  type FilterVerdict,
} from "../shape/construction";
import { annotation } from "./annotation";
import { createdAt, id, instant, jsonDocument, jsonWithDocuments } from "./columns";
import { prompt } from "./content";
import { person, rater } from "./people";
import { project } from "./project";
import { run } from "./run";

/** What a run of kind `construct` makes candidates by. Its status is the run's own. */
export const dataRun = pgTable(
  "data_run",
  {
    runId: uuid()
      .primaryKey()
      .references(() => run.id, { onDelete: "cascade" }),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    recipe: jsonb().$type<DataRecipe>().notNull(),
    /** sha256 of the recipe, its inputs and the method's release: equal ones make equal asks. */
    recipeHash: text().notNull(),
    /** As they stood when the run was queued. */
    inputs: jsonWithDocuments().$type<DataInput[]>().notNull(),
    /** Whose judgements the candidates become that no person looked at; null where people look at each. */
    raterId: uuid().references(() => rater.id),
    createdAt: createdAt(),
  },
  (t) => [index("data_run_project").on(t.projectId, t.runId.desc())],
);

/** What a data run asked of a model: raw, so that every row leads back to the words that were written. */
export const dataAsk = pgTable(
  "data_ask",
  {
    runId: uuid()
      .notNull()
      .references(() => dataRun.runId, { onDelete: "cascade" }),
    /** The method's name for it: the same in every attempt. */
    key: text().notNull(),
    slot: text().notNull(),
    /** Conversation or raw text, and sampling. */
    request: jsonDocument().notNull(),
    /** With the model that answered, by its own account, and its tokens; null where it failed. */
    reply: jsonDocument(),
    /** Why there is no reply. */
    failure: text(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.key] }),
    check("data_ask_outcome", sql`num_nonnulls(reply, failure) = 1`),
  ],
);

/** What a data run made, kept or dropped by its filters, and what people said of it. */
export const candidate = pgTable(
  "candidate",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    runId: uuid()
      .notNull()
      .references(() => dataRun.runId, { onDelete: "cascade" }),
    /** From 0, in the order in which the method made them. */
    position: integer().notNull(),
    /** The method's name for it, by which others name it as their parent. */
    key: text().notNull(),
    /** Inputs of the run and earlier candidates that it was made from. */
    parents: text().array().notNull(),
    operator: text().notNull(),
    content: jsonWithDocuments().$type<CandidateContent>().notNull(),
    /** Keys of `data_ask`. */
    asks: text().array().notNull(),
    verdicts: jsonb().$type<FilterVerdict[]>().notNull(),
    /** Why the filters dropped it; null: they kept it. */
    dropped: text(),
    /** What stands behind all its ancestors: where one of these is gone or counts no longer, it is used no more. */
    sourcePrompts: uuid().array().notNull(),
    sourceAnnotations: uuid().array().notNull(),
    /** Drawn for people to look at. */
    audited: boolean().notNull(),
    /** Null while nobody has decided. */
    decision: text({ enum: decisions }),
    reason: text(),
    /** What a person made of it; `content` stays as it was written. */
    edited: jsonWithDocuments().$type<EditedContent>(),
    decidedBy: uuid().references(() => person.id),
    decidedAt: instant(),
    /** What it became. */
    promptId: uuid().references(() => prompt.id, { onDelete: "set null" }),
    annotationId: uuid().references(() => annotation.id, { onDelete: "set null" }),
    createdAt: createdAt(),
  },
  (t) => [
    unique("candidate_position").on(t.runId, t.position),
    index("candidate_project").on(t.projectId),
    /** What waits for people. */
    index("candidate_waiting")
      .on(t.runId, t.position)
      .where(sql`audited and dropped is null and decision is null`),
    index("candidate_prompt").on(t.promptId),
    index("candidate_annotation").on(t.annotationId).where(sql`annotation_id is not null`),
    index("candidate_decider").on(t.decidedBy),
  ],
);

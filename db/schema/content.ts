import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Message } from "../shape/content";
import { createdAt, id, jsonDocument, jsonWithDocuments } from "./columns";
import { project } from "./project";

/** Whether the search index has the text. An import's come into it afterwards: see content/search. */
const searchable = () => boolean().notNull().default(true);

/** The conversation so far, to which responses reply. */
export const prompt = pgTable(
  "prompt",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** sha256 of the canonical messages and tools: the same conversation is stored once in a project. */
    key: text().notNull(),
    messages: jsonWithDocuments().$type<Message[]>().notNull(),
    tools: jsonDocument().$type<unknown[]>(),
    language: text(),
    domain: text(),
    /** Where the prompt came from: file, collection, author. */
    source: text(),
    /** The id it has in the imported file. */
    externalId: text(),
    metadata: jsonWithDocuments().$type<Record<string, unknown>>().notNull().default({}),
    /** All words of the conversation, for search. */
    searchText: text().notNull(),
    searchable: searchable(),
    importRunId: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("prompt_key").on(t.projectId, t.key),
    index("prompt_project").on(t.projectId, t.id),
    index("prompt_search").using("gin", sql`${t.searchText} gin_trgm_ops`).where(sql`searchable`),
    index("prompt_unsearchable").on(t.id).where(sql`not searchable`),
  ],
);

/** A candidate reply to a prompt, and where it came from. */
export const response = pgTable(
  "response",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    promptId: uuid()
      .notNull()
      .references(() => prompt.id, { onDelete: "cascade" }),
    /** sha256 of source and content. */
    key: text().notNull(),
    content: text().notNull(),
    /** The model, person or collection that wrote it. Never shown before the judgement. */
    source: text(),
    externalId: text(),
    metadata: jsonWithDocuments().$type<Record<string, unknown>>().notNull().default({}),
    searchable: searchable(),
    importRunId: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("response_key").on(t.promptId, t.key),
    index("response_project").on(t.projectId, t.source),
    index("response_search").using("gin", sql`${t.content} gin_trgm_ops`).where(sql`searchable`),
    index("response_unsearchable").on(t.id).where(sql`not searchable`),
  ],
);

/** A prompt and the responses shown with it, to be judged by `overlap` different raters. */
export const task = pgTable(
  "task",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    promptId: uuid()
      .notNull()
      .references(() => prompt.id, { onDelete: "cascade" }),
    /** sha256 of prompt key and the sorted response keys: importing the same file twice adds no second task. */
    key: text().notNull(),
    /** Canonical order, which no rater sees: what is shown is this permuted by `assignment.order`. */
    responseIds: uuid().array().notNull(),
    overlap: integer().notNull(),
    /** Higher comes first. */
    priority: integer().notNull().default(0),
    /** Order of creation within equal priority. */
    position: bigint({ mode: "number" }).generatedAlwaysAsIdentity(),
    language: text(),
    domain: text(),
    importRunId: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("task_key").on(t.projectId, t.key),
    index("task_prompt").on(t.promptId),
    index("task_project").on(t.projectId, t.position),
  ],
);

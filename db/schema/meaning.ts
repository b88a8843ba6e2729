import { customType, index, pgTable, real, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns";
import { prompt, response } from "./content";
import { model } from "./model";
import { project } from "./project";

const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/**
 * What a model makes of a text: the mean of the last hidden states of its first tokens. It belongs to the text and goes
 * with it, by whatever the text goes.
 */
export const embedding = pgTable(
  "embedding",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    promptId: uuid()
      .notNull()
      .references(() => prompt.id, { onDelete: "cascade" }),
    /** Null: of the prompt itself. */
    responseId: uuid().references(() => response.id, { onDelete: "cascade" }),
    /** As many half-precision numbers as the model's hidden states have, little-endian; of no certain length. */
    vector: bytes().notNull(),
    /** Its place on the map of all texts of its kind; null until the map is drawn with it. */
    x: real(),
    y: real(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("embedding_text").on(t.modelId, t.promptId, t.responseId).nullsNotDistinct(),
    index("embedding_model").on(t.modelId, t.id),
    index("embedding_project").on(t.projectId),
    index("embedding_prompt").on(t.promptId),
    index("embedding_response").on(t.responseId),
  ],
);

import { index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { annotation } from "./annotation";
import { createdAt, id, instant } from "./columns";
import { person } from "./people";
import { project } from "./project";

/**
 * A turn of a conversation with two speakers: which of its two calls stands first was drawn, and is told with the names
 * only. Of what was said it keeps hashes, until somebody judges it: see server/chat.
 */
export const chatTurn = pgTable(
  "chat_turn",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id),
    /** Of the conversation that both replies answer, as `prompt.key`. Null where they answer different ones. */
    promptKey: text(),
    /** When the names of the speakers were shown. */
    namesShownAt: instant(),
    /** What became of it when it was judged. */
    annotationId: uuid().references(() => annotation.id, { onDelete: "set null" }),
    createdAt: createdAt(),
  },
  (t) => [
    index("chat_turn_project").on(t.projectId),
    index("chat_turn_person").on(t.personId),
    index("chat_turn_annotation").on(t.annotationId),
    index("chat_turn_time").on(t.createdAt),
  ],
);

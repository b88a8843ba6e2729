import { boolean, index, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns";
import { person } from "./people";
import { project } from "./project";

/** What somebody made a table show, kept under a name: the search part of its page's address. */
export const savedView = pgTable(
  "saved_view",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    /** Which table: checked by zod. */
    page: text().notNull(),
    name: text().notNull(),
    address: text().notNull(),
    /** Everybody who may see the table sees it, too. */
    shared: boolean().notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    unique("saved_view_name").on(t.projectId, t.personId, t.page, t.name),
    index("saved_view_person").on(t.personId),
  ],
);

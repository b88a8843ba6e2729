import { jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns";
import { person } from "./people";
import { project } from "./project";

/** Which columns of a file hold what, kept under a name for the next file of the kind. */
export const importMapping = pgTable(
  "import_mapping",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    mapping: jsonb().$type<Record<string, unknown>>().notNull(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [unique("import_mapping_name").on(t.projectId, t.name)],
);

import { doublePrecision, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id } from "./columns";
import { person } from "./people";
import { project } from "./project";

/**
 * When a comparison of two sources ends, fixed before one looks. Append-only: whoever changes a rule adds one with the
 * reason, and the error that the first one promised is lost in the sight of all. The newest of a question and a pair
 * of sources is in force.
 */
export const stoppingRule = pgTable(
  "stopping_rule",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    questionId: text().notNull(),
    /** The source whose win rate is watched, and its opponent. */
    source: text().notNull(),
    opponent: text().notNull(),
    /** The chance of a decision where there is no difference, however often one looks. */
    alpha: doublePrecision().notNull(),
    /** A win rate nearer to ½ than this makes no difference to anybody. Null: any difference is wanted. */
    smallest: doublePrecision(),
    /** The most judgements that are paid for. */
    budget: integer().notNull(),
    /** Why this rule; of a later one, why another. */
    reason: text().notNull(),
    /** Prompts whose outcome was known already. */
    promptsBefore: integer().notNull(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [index("stopping_rule_project").on(t.projectId, t.id)],
);

import { boolean, index, pgEnum, pgTable, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { StoredAnswers } from "../shape/form";
import { goldSources, goldUses } from "../shape/gold";
import { annotation, assignment } from "./annotation";
import { createdAt, instant, jsonWithDocuments } from "./columns";
import { task } from "./content";
import { person, rater } from "./people";
import { formVersion, project } from "./project";

export const goldUse = pgEnum("gold_use", goldUses);
export const goldSource = pgEnum("gold_source", goldSources);

/** The known answer of a task that is there for it alone: no vote, in no dataset, and never shown before the rater's own. */
export const gold = pgTable(
  "gold",
  {
    taskId: uuid()
      .primaryKey()
      .references(() => task.id, { onDelete: "cascade" }),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    use: goldUse().notNull(),
    /** In canonical response order; of the questions whose answers are known. */
    answers: jsonWithDocuments().$type<StoredAnswers>().notNull(),
    formVersionId: uuid()
      .notNull()
      .references(() => formVersion.id),
    /** By how many points a rating may differ and still be right. */
    tolerance: smallint().notNull().default(0),
    /** Why it is the answer, for raters who are told. */
    reason: text().notNull(),
    source: goldSource().notNull(),
    createdBy: uuid().references(() => person.id),
    /** Given out no more; what was answered stays. */
    retiredAt: instant(),
    createdAt: createdAt(),
  },
  (t) => [index("gold_project").on(t.projectId, t.use)],
);

/** That a rater was given a gold item, and how the first answer to it was. A later revision changes nothing here. */
export const goldAnswer = pgTable(
  "gold_answer",
  {
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => gold.taskId, { onDelete: "cascade" }),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    assignmentId: uuid()
      .notNull()
      .references(() => assignment.id, { onDelete: "cascade" }),
    /** Null until the rater has answered. */
    annotationId: uuid().references(() => annotation.id, { onDelete: "cascade" }),
    correct: boolean(),
    answeredAt: instant(),
    /** When the rater was told. */
    toldAt: instant(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.raterId, t.taskId] }),
    index("gold_answer_task").on(t.taskId),
    index("gold_answer_project").on(t.projectId),
    index("gold_answer_assignment").on(t.assignmentId),
    index("gold_answer_annotation").on(t.annotationId),
  ],
);

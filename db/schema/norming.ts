import { sql } from "drizzle-orm";
import {
  boolean,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { normingPasses, normingSets } from "../shape/norming";
import { createdAt, id, instant } from "./columns";
import { task } from "./content";
import { person, rater } from "./people";
import { project } from "./project";

export const normingPass = pgEnum("norming_pass", normingPasses);
export const normingSet = pgEnum("norming_set", normingSets);

/**
 * Raters come to a common reading: all of them judge the same items blind, then see each other's answers and reasons,
 * and judge blind once more. What they judge in it is practice: no vote, and in no dataset.
 */
export const norming = pgTable(
  "norming",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** Whether its raters get no other tasks until it has ended. */
    holdsWork: boolean().notNull(),
    /** When the pass that is being judged ends, whoever is done by then; null: when all are. */
    dueAt: instant(),
    /** Since when its raters see one another's first answers. */
    openedAt: instant(),
    /** What the second pass is made of, and since when it is judged; null while there is none. */
    again: normingSet(),
    againAt: instant(),
    endedAt: instant(),
    startedBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [
    index("norming_project").on(t.projectId),
    /** One at a time: it may hold its raters' other work. */
    uniqueIndex("norming_running").on(t.projectId).where(sql`ended_at is null`),
  ],
);

/** A task that is there for a norming alone. */
export const normingItem = pgTable(
  "norming_item",
  {
    taskId: uuid()
      .primaryKey()
      .references(() => task.id, { onDelete: "cascade" }),
    normingId: uuid()
      .notNull()
      .references(() => norming.id, { onDelete: "cascade" }),
    pass: normingPass().notNull(),
    position: smallint().notNull(),
  },
  (t) => [index("norming_item_norming").on(t.normingId)],
);

/** Who takes part. */
export const normingRater = pgTable(
  "norming_rater",
  {
    normingId: uuid()
      .notNull()
      .references(() => norming.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.normingId, t.raterId] }), index("norming_rater_rater").on(t.raterId)],
);

/** What is said about an item once answers are seen. Append-only. */
export const normingRemark = pgTable(
  "norming_remark",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => normingItem.taskId, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id),
    text: text().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index("norming_remark_task").on(t.taskId, t.id),
    index("norming_remark_project").on(t.projectId),
    index("norming_remark_person").on(t.personId),
  ],
);

import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { type KeptFailure, keptKinds } from "../shape/kept";
import { createdAt, id, instant } from "./columns";
import { project } from "./project";

/**
 * What a large project's judgements come to, as a worker reckoned it for whoever asked. Its row is the work that waits:
 * workers lease it while votes or verdicts have changed since, and somebody still asks.
 */
export const keptAnswer = pgTable(
  "kept_answer",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    kind: text({ enum: keptKinds }).notNull(),
    /** What was asked in canonical form: the same is kept once. */
    key: text().notNull(),
    input: jsonb().$type<object>().notNull(),
    /** Since when something has changed that `answer` does not know; null: nothing has. */
    dirtyAt: instant(),
    leasedUntil: instant(),
    /** The state of the votes that `answer` is of. */
    madeAt: instant(),
    askedAt: createdAt(),
    answer: jsonb().$type<object>(),
    /** Why the last attempt made none. */
    failed: jsonb().$type<KeptFailure>(),
  },
  (t) => [
    unique("kept_answer_asked").on(t.projectId, t.kind, t.key),
    index("kept_answer_dirty").on(t.dirtyAt).where(sql`dirty_at is not null`),
  ],
);

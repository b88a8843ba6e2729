import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import type { QualityFilter, QualityReport } from "../shape/quality";
import { createdAt, id, instant } from "./columns";
import { person, rater } from "./people";
import { project } from "./project";

/**
 * A look at the votes of a project, all of them or those that a filter admits, and what a worker made of them. Its row
 * is the work that waits: workers lease it while votes have changed since it was measured.
 */
export const qualityView = pgTable(
  "quality_view",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    /** The filter in canonical form: the same look is kept once. */
    filterKey: text().notNull(),
    filter: jsonb().$type<QualityFilter>().notNull(),
    /** Since when votes have changed that `report` does not know; null: none have. */
    dirtyAt: instant(),
    leasedUntil: instant(),
    /** The same for the raters' figures, which are made after agreement and under a lease of their own. */
    ratersDirtyAt: instant(),
    ratersLeasedUntil: instant(),
    measuredAt: instant(),
    /** How long measuring agreement took, in milliseconds. */
    tookMs: integer(),
    /** When somebody last asked: what nobody looks at is not measured again. */
    askedAt: createdAt(),
    report: jsonb().$type<QualityReport>(),
    /** Why the last attempt made none. */
    failed: text(),
  },
  (t) => [
    unique("quality_view_filter").on(t.projectId, t.filterKey),
    index("quality_view_dirty").on(t.dirtyAt).where(sql`dirty_at is not null`),
    index("quality_view_raters_dirty").on(t.ratersDirtyAt).where(sql`raters_dirty_at is not null`),
  ],
);

/** What managers and reviewers note about a rater for one another. Append-only. */
export const raterNote = pgTable(
  "rater_note",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    text: text().notNull(),
    /** Who wrote it. */
    personId: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [index("rater_note_rater").on(t.raterId, t.createdAt), index("rater_note_project").on(t.projectId)],
);

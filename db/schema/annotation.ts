import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { StoredAnswers } from "../shape/form";
import {
  annotationOrigins,
  assignmentStatuses,
  curationActions,
  type InView,
  type LapsedLease,
} from "../shape/judgement";
import { preferenceOutcomes } from "../shape/review";
import { createdAt, id, instant, jsonWithDocuments } from "./columns";
import { task } from "./content";
import { person, rater } from "./people";
import { formVersion, guidelineVersion, project } from "./project";

export const assignmentStatus = pgEnum("assignment_status", assignmentStatuses);

/**
 * One rater's seat on a task. A task has exactly `overlap` rows that are not skipped or closed, and at most one
 * row for any rater: overlap is exact because seats are rows, and a claim is one UPDATE of one row.
 */
export const assignment = pgTable(
  "assignment",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    raterId: uuid().references(() => rater.id),
    status: assignmentStatus().notNull().default("open"),
    /** Copies of the task's, so that a claim reads one index. */
    priority: integer().notNull(),
    position: bigint({ mode: "number" }).notNull(),
    /**
     * The chance with which the draw that placed the seat put its task before all others that waited with the same
     * priority. Null where no rule chose: tasks in order, seats for named raters. A later draw leaves it alone as soon
     * as somebody sits here.
     */
    selectionProbability: doublePrecision(),
    /**
     * The draw that placed it, by its time: with the chance, and e^(position/10⁹) as how late the task came, it says how
     * likely the draw was to come to the task. Null where no draw did, or votes on the task placed it since.
     */
    drawnAt: instant(),
    language: text(),
    domain: text(),
    /** Only this rater may claim the seat. */
    reservedFor: uuid().references(() => rater.id),
    leasedAt: instant(),
    leasedUntil: instant(),
    /** What was drawn and shown: position i on screen is `task.responseIds[order[i]]`. */
    order: smallint().array(),
    formVersionId: uuid().references(() => formVersion.id),
    guidelineVersionId: uuid().references(() => guidelineVersion.id),
    /** Who let a lease on it run out or gave it back, oldest first: they may still submit while a seat is free. */
    lapsed: jsonb().$type<LapsedLease[]>(),
    skipReason: text(),
    skipNote: text(),
    /** Why a reviewer sent it back. */
    returnComment: text(),
    /**
     * Of a task that is no part of the work: one with a known answer, or an item of a norming. Made for one rater when it
     * is given out, and nobody else's ever.
     */
    apart: boolean().notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("assignment_task_rater").on(t.taskId, t.raterId),
    index("assignment_claimable")
      .on(t.projectId, t.priority.desc(), t.position)
      .where(sql`status in ('open', 'leased')`),
    index("assignment_rater").on(t.raterId, t.status),
    /** Whether a task still waits for somebody, in the order of disagreements. */
    index("assignment_waiting")
      .on(t.projectId, t.taskId)
      .where(sql`status in ('open', 'leased', 'returned')`),
  ],
);

export const annotationOrigin = pgEnum("annotation_origin", annotationOrigins);

/**
 * A submitted judgement. Append-only: a later edit is a new revision, undo and exclusion are stated beside it.
 * `current` marks the one revision of an assignment that counts.
 */
export const annotation = pgTable(
  "annotation",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    /** Null for an adjudication, which takes no seat. */
    assignmentId: uuid().references(() => assignment.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id),
    origin: annotationOrigin().notNull(),
    revision: integer().notNull().default(1),
    current: boolean().notNull().default(true),
    /** By question id, in canonical response order (already un-permuted). */
    answers: jsonWithDocuments().$type<StoredAnswers>().notNull(),
    order: smallint().array().notNull(),
    formVersionId: uuid()
      .notNull()
      .references(() => formVersion.id),
    guidelineVersionId: uuid().references(() => guidelineVersion.id),
    /** Times as the rater's browser saw them; `visibleMs` counts only while the page was in view. */
    shownAt: instant(),
    firstDecisionAt: instant(),
    submittedAt: instant().notNull(),
    visibleMs: integer(),
    /** In canonical response order. Null where no screen told: programs, models, imports, and before it was kept. */
    inView: jsonb().$type<InView>(),
    /** The seat's, when this was judged: estimates over selected tasks are weighted back with it. */
    selectionProbability: doublePrecision(),
    flagReason: text(),
    /** Why the revision before this one had been sent back; null where it had not. Undo goes back to it. */
    returnComment: text(),
    /** Chosen by the client: the same key of the same rater is stored once. */
    idempotencyKey: text(),
    /** Undone by its rater, or its seat was reopened. Then `current` is false. */
    withdrawnAt: instant(),
    /** Left out of datasets by curation. */
    excludedAt: instant(),
    excludedReason: text(),
    /** On a seat that is set apart: counts nowhere, and states no facts. */
    apart: boolean().notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("annotation_revision").on(t.assignmentId, t.revision),
    uniqueIndex("annotation_current").on(t.assignmentId).where(sql`current`),
    /** Nobody counts twice on a task, with or without a seat. An adjudication is no vote. */
    uniqueIndex("annotation_task_rater")
      .on(t.taskId, t.raterId)
      .where(sql`current and origin <> 'adjudication'`),
    uniqueIndex("annotation_idempotency").on(t.raterId, t.idempotencyKey),
    index("annotation_task").on(t.taskId),
    index("annotation_project_time").on(t.projectId, t.submittedAt, t.id).where(sql`current`),
    /** Throughput by rater and day is counted from this index alone. */
    index("annotation_rater_time").on(t.raterId, t.submittedAt, t.apart, t.origin).where(sql`current`),
    index("annotation_flagged")
      .on(t.projectId, t.submittedAt)
      .where(sql`current and flag_reason is not null`),
    /** What the view `vote` leaves out. */
    index("annotation_set_aside")
      .on(t.projectId)
      .where(sql`not current or excluded_at is not null or origin = 'adjudication'`),
  ],
);

export const preferenceOutcome = pgEnum("preference_outcome", preferenceOutcomes);

/**
 * How people's votes on two responses to one question stand: a fact of the pair, so that tables sort and filter by it.
 * What counts is what `vote` says, without models. Written with the judgements themselves; see judgement/pairs.
 */
export const pair = pgTable(
  "pair",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    questionId: text().notNull(),
    responseA: uuid().notNull(),
    responseB: uuid().notNull(),
    a: integer().notNull().default(0),
    b: integer().notNull().default(0),
    tie: integer().notNull().default(0),
    bothBad: integer().notNull().default(0),
    votes: integer().notNull().generatedAlwaysAs(sql`a + b + tie + both_bad`),
    /** The share of the votes behind the most frequent outcome. Null where nobody's vote counts. */
    agreement: doublePrecision().generatedAlwaysAs(
      sql`greatest(a, b, tie, both_bad)::float8 / nullif(a + b + tie + both_bad, 0)`,
    ),
  },
  (t) => [
    uniqueIndex("pair_key").on(t.taskId, t.questionId, t.responseA, t.responseB),
    /** The order of the table of preferences; 0 is no agreement's value. */
    index("pair_agreement").on(t.projectId, sql`coalesce(agreement, 0)`, t.id),
    /** What raters differ on, task by task. */
    index("pair_disputed").on(t.projectId, t.questionId, t.taskId).where(sql`agreement < 1`),
  ],
);

/**
 * A pairwise fact derived from the current revision of an annotation: one for a comparison, k(k−1)/2 for a ranking.
 * `a` comes before `b` in the task's canonical order.
 */
export const preference = pgTable(
  "preference",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    annotationId: uuid()
      .notNull()
      .references(() => annotation.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    promptId: uuid().notNull(),
    pairId: uuid()
      .notNull()
      .references(() => pair.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id),
    questionId: text().notNull(),
    responseA: uuid().notNull(),
    responseB: uuid().notNull(),
    outcome: preferenceOutcome().notNull(),
    /** (0, 1]: 1 is the far end of the scale, or the whole distance of a ranking. 0 for tie and both bad. */
    strength: doublePrecision().notNull(),
    /** Whether `a` stood first (left, top) on the rater's screen. Null when an import does not tell. */
    aShownFirst: boolean(),
    /** The annotation's. */
    submittedAt: instant().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index("preference_time").on(t.projectId, t.submittedAt, t.id),
    index("preference_strength").on(t.projectId, t.strength, t.id),
    index("preference_annotation").on(t.annotationId),
    index("preference_task").on(t.taskId),
    index("preference_pair").on(t.pairId),
    index("preference_rater").on(t.raterId),
  ],
);

/**
 * What a current annotation states that is not pairwise: one row for each answered scale and each chosen option, derived
 * as `preference` is. The view `mark` has those that count.
 */
export const markFact = pgTable(
  "mark_fact",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    annotationId: uuid()
      .notNull()
      .references(() => annotation.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    promptId: uuid().notNull(),
    raterId: uuid()
      .notNull()
      .references(() => rater.id),
    questionId: text().notNull(),
    /** Null where the task as a whole was judged. */
    responseId: uuid(),
    /** The attribute that was rated, or the option that was chosen. */
    item: text().notNull(),
    /** The rating; 1 for a chosen option. */
    value: doublePrecision().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    index("mark_fact_project").on(t.projectId, t.questionId),
    index("mark_fact_annotation").on(t.annotationId),
    index("mark_fact_task").on(t.taskId),
  ],
);

/** How often each canonical response stood first for a rater on a day: what the balanced draw looks at. */
export const orderBalance = pgTable(
  "order_balance",
  {
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    day: date().notNull(),
    firstCounts: integer().array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.raterId, t.day] })],
);

export const curationAction = pgEnum("curation_action", curationActions);

/** What a reviewer decided about an annotation or a task, and why. Append-only. */
export const curation = pgTable(
  "curation",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    annotationId: uuid().references(() => annotation.id, { onDelete: "cascade" }),
    action: curationAction().notNull(),
    reason: text().notNull(),
    /**
     * Of an adjudication: when whoever decided had first been shown others' answers to the task, or where its responses
     * came from. Null where the decision was blind.
     */
    seenAt: instant(),
    personId: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [
    index("curation_task").on(t.taskId),
    index("curation_project").on(t.projectId, t.createdAt),
    // Each judgement that goes with its project looks here.
    index("curation_annotation").on(t.annotationId),
  ],
);

/**
 * What a rater and those who review write to each other about one judgement: the thread of a seat and of the rater who
 * sat there. Append-only.
 */
export const remark = pgTable(
  "remark",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    assignmentId: uuid()
      .notNull()
      .references(() => assignment.id, { onDelete: "cascade" }),
    /** A seat that was given back goes to somebody else, who has nothing to do with it. */
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    /** Who wrote it, and on which side. */
    personId: uuid().references(() => person.id),
    byRater: boolean().notNull(),
    text: text().notNull(),
    /** When somebody of the other side first saw it. */
    readAt: instant(),
    createdAt: createdAt(),
  },
  (t) => [
    index("remark_thread").on(t.assignmentId, t.raterId, t.createdAt),
    index("remark_rater").on(t.raterId),
    index("remark_person").on(t.personId),
    /** What waits to be read. */
    index("remark_unread").on(t.projectId, t.createdAt).where(sql`read_at is null`),
  ],
);

/**
 * That somebody was shown others' answers to a task, or where its responses came from. Whoever was does not judge it
 * blind, so no seat of it goes to them any more.
 */
export const taskSeen = pgTable(
  "task_seen",
  {
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    at: createdAt(),
    /** They decided the task, and were shown nothing: they take no seat of it either. */
    byDeciding: boolean().notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.personId] })],
);

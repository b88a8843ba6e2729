import { sql } from "drizzle-orm";
import {
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { Message } from "../shape/content";
import type { StoredAnswers } from "../shape/form";
import { hazards } from "../shape/harm";
import { judgeFailures } from "../shape/judge";
import { attackLevels, attackSeatStates, attemptStates, tactics } from "../shape/red-team";
import { createdAt, id, instant, jsonWithDocuments } from "./columns";
import { judgeVersion } from "./judge";
import { model } from "./model";
import { rater } from "./people";
import { project } from "./project";
import { run } from "./run";

/** Who agreed to attack models, or to judge attacks, and since when they did not any more. */
export const redTeamMember = pgTable(
  "red_team_member",
  {
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    raterId: uuid()
      .primaryKey()
      .references(() => rater.id, { onDelete: "cascade" }),
    /** The words that they agreed to. */
    consent: smallint().notNull(),
    joinedAt: instant().notNull(),
    leftAt: instant(),
    /** Stepped away, and is shown nothing until they come back. */
    awayAt: instant(),
  },
  (t) => [index("red_team_member_project").on(t.projectId)],
);

/** How long model text stood unblurred before somebody, by day (UTC). */
export const redTeamExposure = pgTable(
  "red_team_exposure",
  {
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    day: date().notNull(),
    seconds: integer().notNull(),
    /** When the browser last told: it cannot tell more time than has passed since. */
    toldAt: instant().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.raterId, t.day] }), index("red_team_exposure_project").on(t.projectId)],
);

/**
 * A conversation in which somebody tries to get a model to do what it should not. It stands beside prompts and responses
 * and is none: no list, search or dataset shows it that does not ask for attacks.
 */
export const redTeamAttempt = pgTable(
  "red_team_attempt",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    /** Drawn; not told before it was judged. */
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    tactic: text({ enum: tactics }).notNull(),
    /** The tactic in their own words. */
    tacticNote: text().notNull().default(""),
    harm: text({ enum: hazards }).notNull(),
    /** What they wanted the model to do. */
    wanted: text().notNull(),
    messages: jsonWithDocuments().$type<Message[]>().notNull(),
    state: text({ enum: attemptStates }).notNull().default("open"),
    /** What the attacker says came of it. */
    claim: text({ enum: attackLevels }),
    /** The call whose reply is awaited. */
    callId: uuid(),
    /** How many other people judge it. */
    overlap: smallint().notNull(),
    createdAt: createdAt(),
    endedAt: instant(),
  },
  (t) => [
    index("red_team_attempt_project").on(t.projectId, t.state, t.id),
    index("red_team_attempt_rater").on(t.raterId, t.createdAt),
    index("red_team_attempt_model").on(t.modelId),
  ],
);

/**
 * By what replies are known again that must not be learnt, of attempts that their project keeps no longer: hashes, without
 * a word of them.
 */
export const redTeamHeld = pgTable(
  "red_team_held",
  {
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    key: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.key] })],
);

/** What another person says came of an attempt, once they have said it; before, that they have it to judge. */
export const redTeamJudgement = pgTable(
  "red_team_judgement",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    attemptId: uuid()
      .notNull()
      .references(() => redTeamAttempt.id, { onDelete: "cascade" }),
    raterId: uuid()
      .notNull()
      .references(() => rater.id, { onDelete: "cascade" }),
    state: text({ enum: attackSeatStates }).notNull(),
    leasedUntil: instant(),
    level: text({ enum: attackLevels }),
    note: text().notNull().default(""),
    createdAt: createdAt(),
    judgedAt: instant(),
  },
  (t) => [
    unique("red_team_judgement_once").on(t.attemptId, t.raterId),
    index("red_team_judgement_rater").on(t.raterId),
    index("red_team_judgement_project").on(t.projectId),
  ],
);

/** What a guard said of an attempt, reply by reply, or why it said nothing. */
export const redTeamVerdict = pgTable(
  "red_team_verdict",
  {
    attemptId: uuid()
      .notNull()
      .references(() => redTeamAttempt.id, { onDelete: "cascade" }),
    versionId: uuid()
      .notNull()
      .references(() => judgeVersion.id, { onDelete: "cascade" }),
    sample: integer().notNull(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    runId: uuid().references(() => run.id, { onDelete: "set null" }),
    answer: jsonb().$type<StoredAnswers[string]>(),
    failure: text({ enum: judgeFailures }),
    reason: text(),
    reply: text(),
    /** US dollars; null where tokens or prices are not known. */
    cost: doublePrecision(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.attemptId, t.versionId, t.sample] }),
    index("red_team_verdict_version").on(t.versionId),
    index("red_team_verdict_project").on(t.projectId),
    index("red_team_verdict_run").on(t.runId).where(sql`run_id is not null`),
  ],
);

import { sql } from "drizzle-orm";
import {
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { StoredAnswers } from "../shape/form";
import {
  type Assembly,
  type JudgeSampling,
  judgeFailures,
  judgeRoles,
  orderRules,
  type Rubric,
  settlements,
  verdictForms,
} from "../shape/judge";
import { createdAt, id, instant } from "./columns";
import { task } from "./content";
import { endpoint } from "./endpoint";
import { model } from "./model";
import { person, rater } from "./people";
import { formVersion, project } from "./project";
import { run } from "./run";

/** A rater that is a model, under one name through all its versions. */
export const judge = pgTable(
  "judge",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
    /** Taken out of use: what it judged stays. */
    archivedAt: instant(),
  },
  (t) => [uniqueIndex("judge_name").on(t.projectId, sql`lower(${t.name})`).where(sql`archived_at is null`)],
);

/**
 * All that decides what a judge says, and a rater of its own: nothing of it ever changes, so that two versions never mix
 * in one figure.
 */
export const judgeVersion = pgTable(
  "judge_version",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    judgeId: uuid()
      .notNull()
      .references(() => judge.id, { onDelete: "cascade" }),
    version: integer().notNull(),
    raterId: uuid()
      .notNull()
      .references(() => rater.id)
      .unique(),
    /** Who answers: a model elsewhere, one of the registry, or versions of other judges. */
    endpointId: uuid().references(() => endpoint.id),
    modelId: uuid().references(() => model.id),
    assembly: jsonb().$type<Assembly>(),
    /** The one question that it answers, as this version of the form asks it. */
    questionId: text().notNull(),
    formVersionId: uuid()
      .notNull()
      .references(() => formVersion.id),
    verdictBy: text({ enum: verdictForms }).notNull(),
    /** The words around the rubric that it is asked in (`server/judge/request`): other words make another version. */
    wording: smallint().notNull().default(1),
    /** Null where rewards are the verdict. */
    rubric: jsonb().$type<Rubric>(),
    sampling: jsonb().$type<JudgeSampling>().notNull(),
    orders: text({ enum: orderRules }).notNull(),
    settles: text({ enum: settlements }).notNull(),
    /** A word in the names of its own kin, whose responses it does not judge; null: it judges all. */
    family: text(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [
    unique("judge_version_number").on(t.judgeId, t.version),
    index("judge_version_project").on(t.projectId),
    check("judge_version_answers", sql`num_nonnulls(endpoint_id, model_id, assembly) = 1`),
  ],
);

/**
 * What a version said of a task in one order: a row for each reply that was asked for, with a verdict or the reason why
 * there is none. When all of a task are there and none failed, they become one annotation of the version's rater.
 */
export const judgeVerdict = pgTable(
  "judge_verdict",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    versionId: uuid()
      .notNull()
      .references(() => judgeVersion.id, { onDelete: "cascade" }),
    /** The run that asked. */
    runId: uuid().references(() => run.id, { onDelete: "set null" }),
    taskId: uuid()
      .notNull()
      .references(() => task.id, { onDelete: "cascade" }),
    /** What was shown: position i is `task.responseIds[order[i]]`. */
    order: smallint().array().notNull(),
    sample: integer().notNull(),
    /** 0: in the words of the rubric, which alone are its verdict; n: in those of its nth paraphrase. */
    wording: smallint().notNull().default(0),
    /** In canonical order; null where it failed. */
    answer: jsonb().$type<StoredAnswers[string]>(),
    /**
     * Of two responses: how probable it is that the canonical first is better, a tie half. Where `verdictBy` is neither
     * `logprobs` nor `reward` it is 0, ½ or 1.
     */
    p: doublePrecision(),
    /** How much of the first token's probability lay on labels at all; null without log-probabilities. */
    mass: doublePrecision(),
    failure: text({ enum: judgeFailures }),
    /** The failure in words. */
    reason: text(),
    /** As the model wrote it; null where nothing was written. */
    reply: text(),
    reasoning: text(),
    /** The model that answered, by its own account. */
    model: text(),
    fingerprint: text(),
    input: integer(),
    output: integer(),
    /** US dollars; null where tokens or prices are not known. 0 of a model of the registry. */
    cost: doublePrecision(),
    /** From the request that was answered to the end of its answer; null where the reply was stored before. */
    ms: integer(),
    /** Requests that it took; 0 of a model of the registry. */
    attempts: integer().notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("judge_verdict_key").on(t.versionId, t.taskId, t.order, t.sample, t.wording),
    index("judge_verdict_task").on(t.taskId),
    index("judge_verdict_run").on(t.runId),
    index("judge_verdict_failed").on(t.versionId, t.failure).where(sql`failure is not null`),
  ],
);

/**
 * The card of a version as it was reckoned last, and what it may by it. It is reckoned anew where `inputs` are others:
 * a card of a hundred thousand verdicts takes seconds.
 */
export const judgeCard = pgTable("judge_card", {
  versionId: uuid()
    .primaryKey()
    .references(() => judgeVersion.id, { onDelete: "cascade" }),
  projectId: uuid()
    .notNull()
    .references(() => project.id, { onDelete: "cascade" }),
  /** A hash of what it was reckoned from. */
  inputs: text().notNull(),
  /** As `server/judge/card-schema` has it; one of an earlier release is reckoned anew. */
  card: jsonb().$type<Record<string, unknown>>().notNull(),
  role: text({ enum: judgeRoles }).notNull(),
  /** The most that it might once and may no longer, and when that ended. */
  lostRole: text({ enum: judgeRoles }),
  lostAt: instant(),
  reckonedAt: instant().notNull().defaultNow(),
});

import { sql } from "drizzle-orm";
import {
  boolean,
  foreignKey,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type { StoredQuestion } from "../shape/form";
import type { GoldPolicy } from "../shape/gold";
import type { JudgePolicy } from "../shape/judge";
import type { HourlyRate, Retention } from "../shape/project";
import type { RedTeamPolicy } from "../shape/red-team";
import { taskSelections } from "../shape/task";
import { createdAt, id, instant } from "./columns";

export const taskSelection = pgEnum("task_selection", taskSelections);

export const project = pgTable("project", {
  id: id(),
  name: text().notNull(),
  description: text().notNull().default(""),
  languages: text().array().notNull().default(sql`'{}'`),
  /** How many different raters judge each task. New tasks take it over; each task keeps its own. */
  overlap: integer().notNull().default(1),
  /** How long a rater keeps a leased seat without a sign of life, in seconds. */
  leaseSeconds: integer().notNull().default(1800),
  skipInstructions: text().notNull().default(""),
  flagInstructions: text().notNull().default(""),
  selection: taskSelection().notNull().default("in_order"),
  /** After how many days what goes by itself. */
  retention: jsonb().$type<Retention>().notNull().default({}),
  /** What an hour of judging costs; null where nobody said. */
  hourlyRate: jsonb().$type<HourlyRate>(),
  /** How known answers are dealt with; null: as `goldPolicySchema` has it, that is not at all. */
  gold: jsonb().$type<GoldPolicy>(),
  /** What a judge has to show before it may more than advise; null: as `judgePolicySchema` has it. */
  judges: jsonb().$type<JudgePolicy>(),
  /** How its models are attacked; null: as `redTeamPolicySchema` has it, that is not at all. */
  redTeam: jsonb().$type<RedTeamPolicy>(),
  isDemo: boolean().notNull().default(false),
  archivedAt: instant(),
  createdAt: createdAt(),
});

/** One version of a project's guidelines; the newest is in force. */
export const guidelineVersion = pgTable(
  "guideline_version",
  {
    id: id(),
    projectId: uuid().notNull(),
    version: integer().notNull(),
    markdown: text().notNull(),
    createdBy: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("guideline_version_number").on(t.projectId, t.version),
    foreignKey({ columns: [t.projectId], foreignColumns: [project.id] }).onDelete("cascade"),
  ],
);

/** One version of a project's questions; the newest is in force. Question ids never change their meaning. */
export const formVersion = pgTable(
  "form_version",
  {
    id: id(),
    projectId: uuid().notNull(),
    version: integer().notNull(),
    questions: jsonb().$type<StoredQuestion[]>().notNull(),
    createdBy: uuid(),
    createdAt: createdAt(),
  },
  (t) => [
    unique("form_version_number").on(t.projectId, t.version),
    foreignKey({ columns: [t.projectId], foreignColumns: [project.id] }).onDelete("cascade"),
  ],
);

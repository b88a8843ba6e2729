import { z } from "zod";
import { preferenceViewSchema } from "@/server/review/schema";

/** Rows loaded at a time. */
export const PAGE = 200;

const share = z.coerce.number().min(0).max(1).optional();

/** What the address of the preferences page says: filter, order, columns, and the task whose detail is open. */
export const preferencesAddress = preferenceViewSchema.extend({
  minStrength: share,
  maxStrength: share,
  /** Columns in their order, separated by commas. */
  columns: z.string().max(200).default("strength,sources,rater,agreement,language,took,state,time"),
  task: z.uuid().optional(),
  /** The preference of that task from which the detail was opened. */
  preference: z.uuid().optional(),
});

/** Fields that narrow the table, as opposed to those that order it or open a detail. */
export const filterFields = [
  "prompt",
  "response",
  "raterId",
  "questionId",
  "outcome",
  "agreement",
  "minStrength",
  "maxStrength",
  "source",
  "language",
  "domain",
  "from",
  "to",
  "state",
] as const;

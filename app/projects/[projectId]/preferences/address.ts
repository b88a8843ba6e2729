import type { AddressReader } from "@/app/components/table/address";
import { agreements, preferenceOutcomes, preferenceSorts, preferenceStates } from "@/db/shape/review";

/** Rows loaded at a time. */
export const PAGE = 200;

/** What the address of the preferences page says: filter, order, columns, and the task whose detail is open. */
export const preferencesAddress = (address: AddressReader) => ({
  prompt: address.text("prompt"),
  response: address.text("response"),
  raterId: address.id("raterId"),
  questionId: address.text("questionId"),
  outcome: address.oneOf("outcome", preferenceOutcomes),
  agreement: address.oneOf("agreement", agreements),
  minStrength: address.number("minStrength", 0, 1),
  maxStrength: address.number("maxStrength", 0, 1),
  source: address.text("source"),
  language: address.text("language"),
  domain: address.text("domain"),
  from: address.instant("from"),
  to: address.instant("to"),
  state: address.oneOf("state", preferenceStates),
  sort: address.oneOf("sort", preferenceSorts) ?? "time",
  order: address.oneOf("order", ["asc", "desc"]) ?? "desc",
  /** Columns in their order, separated by commas. */
  columns: address.text("columns") ?? "strength,sources,rater,agreement,language,took,state,time",
  task: address.id("task"),
  /** The preference of that task from which the detail was opened. */
  preference: address.id("preference"),
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

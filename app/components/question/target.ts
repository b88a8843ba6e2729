import type { Question } from "@/server/form/schema";

/** One place that takes one answer: what the arrow keys walk over and the digits act on. */
export interface Target {
  question: Question;
  /** Which response; null for the task as a whole. */
  slot: number | null;
  /** Which of several things asked of the same response, such as an attribute. */
  item: string | null;
}

/** One target for each response, or a single one where the question is asked of the task. */
export const slotsOf = (per: "response" | "task", k: number): (number | null)[] =>
  per === "task" ? [null] : Array.from({ length: k }, (_, slot) => slot);

/** Position i on screen is called A, B, C, … */
export const letterOf = (slot: number): string => String.fromCharCode(65 + slot);

/** "A 4, B 2"; a single value stands alone. */
export const lettered = (values: readonly string[]): string =>
  values.length === 1
    ? (values[0] ?? "")
    : values.map((value, slot) => `${letterOf(slot)} ${value}`).join(", ");

export const withAt = <V>(values: readonly V[], index: number, value: V): V[] =>
  values.map((old, position) => (position === index ? value : old));

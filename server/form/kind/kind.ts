import { z } from "zod";
import type { Message } from "../../../db/shape/content";

/** What every question has. */
export const questionBase = z.object({
  /** Stable for ever: answers are stored under it. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, "Use lower-case letters, digits and _, starting with a letter."),
  label: z.string().trim().min(1).max(300),
  help: z.string().max(2000).default(""),
  required: z.boolean().default(true),
});

export const optionSchema = z.object({
  value: z.string().trim().min(1).max(80),
  label: z.string().trim().min(1).max(200),
});

/** Whether a scale is asked of each response or once of the task. */
export const perSchema = z.enum(["response", "task"]);

/** The length of an answer's list: one entry for each response, or a single one for the task. */
export const countOf = (question: { per: z.infer<typeof perSchema> }, k: number): number =>
  question.per === "task" ? 1 : k;

/** Another order of the responses. */
export interface Move {
  /** A list over responses in the new order. */
  place<T>(values: readonly T[]): T[];
  /** Whether the first two change places. */
  swapped: boolean;
}

/** Which of two responses is better. Indices are those of the task's canonical order, a < b. */
export interface PairFact {
  a: number;
  b: number;
  outcome: "a" | "b" | "tie" | "both_bad";
  /** (0, 1] for a winner, else 0. */
  strength: number;
}

/** What is not pairwise: one answered scale, or one option that was chosen. */
export interface MarkFact {
  /** Canonical index of the response; null for the task as a whole. */
  response: number | null;
  /** The attribute that was rated or the option that was chosen. */
  item: string;
  /** The rating; 1 for a chosen option. */
  value: number;
}

/**
 * What of a question's answers raters can agree on. `pairs` are verdicts on two responses, in so many steps on each side
 * of the middle; `points` are ratings of one attribute; `options` are chosen, one or several.
 */
export type Scale =
  | { by: "pairs"; outcomes: readonly PairFact["outcome"][]; levels: number }
  | { by: "points"; attribute: string; label: string; points: readonly number[] }
  | { by: "options"; options: readonly string[]; multiple: boolean };

/** What an answer states, for statistics. */
export interface Facts {
  preferences: readonly PairFact[];
  marks: readonly MarkFact[];
}

export interface WrittenReply {
  origin: "demonstration" | "edit";
  text: string;
  /** What it is where it is more than one text. */
  turns?: Message[];
}

/** An answer that a model gives by one label. Its meaning completes "Answer X if …". */
export interface Label<A> {
  label: string;
  means: string;
  answer: A;
}

/** What a model is asked, and how its verdict is read. Responses are called A, B, C … in the order shown. */
type Asked<A> =
  | { task: string; labels: readonly Label<A>[] }
  | {
      task: string;
      /** JSON Schema of the verdict. */
      schema: Record<string, unknown>;
      /** A verdict as it may look. */
      example: Record<string, unknown>;
      /** @returns null for what is no verdict */
      read(verdict: unknown): A | null;
    };

/** How a model answers a type of question. */
interface Judging<Q, A> {
  /** @param degrees whether it says by how much; then labels are no single letters */
  ask(question: Q, k: number, degrees: boolean): Asked<A>;
  /** What answers in canonical order come to, a list for each order that was shown; null where they settle nothing. */
  settle(question: Q, orders: readonly (readonly A[])[]): A | null;
  /** The answer that scores of the responses give, where the question is which is better. */
  byScores?(question: Q, scores: readonly number[]): A | null;
}

/** What the responses are called before a model. */
export const lettersOf = (k: number): string[] =>
  Array.from({ length: k }, (_, index) => String.fromCharCode(65 + index));

/** An object of a JSON Schema that must have all of its fields and no other. */
export const objectOf = (properties: Record<string, unknown>): Record<string, unknown> => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** The ranks of values, 1 for the least; equal values share one. */
export const ranksOf = (values: readonly number[]): number[] =>
  values.map((value) => 1 + values.filter((other) => other < value).length);

/** What the platform knows of a type of question. The answer is always one of the same type. */
export interface Behaviour<Q, A> {
  /** Whether it is asked of a task with `k` responses in this form. */
  asked(question: Q, k: number, form: readonly { type: string }[]): boolean;
  /** What is wrong with an answer of the right shape, as a clause that ends with a full stop; null if nothing. */
  problem(question: Q, answer: A, k: number): string | null;
  /** The same answer for another order of the responses. */
  permute(question: Q, answer: A, move: Move): A;
  /** What an answer in canonical order states. */
  facts(question: Q, answer: A): Facts;
  /** What its answers can be compared on; nothing where they are texts. */
  scales(question: Q): readonly Scale[];
  /** What keeps answers given under `before` from being read under `after`, as a clause; null if nothing. */
  change(before: Q, after: Q): string | null;
  /** Whether answers say which of two responses is better. */
  compares?: true;
  /** Whether the question means the same under any id, so that an import may use the project's own. */
  general: boolean;
  /** Whether each answer to `other`, between which and `own` lies no change, is also one to `own`. */
  accepts(own: Q, other: Q): boolean;
  /** What the rater wrote in words of their own. */
  texts(answer: A): readonly string[];
  /** Replies of the rater's own, from which a model may learn. */
  replies?(question: Q, answer: A): readonly WrittenReply[];
  /** The text that says why the judgement is as it is; absent where a type has none. */
  reason?(question: Q, answer: A): string | null;
  /** How a model answers it; absent where none is asked. */
  judging?: Judging<Q, A>;
}

export interface Kind<Q extends z.ZodType, A extends z.ZodType> extends Behaviour<z.infer<Q>, z.infer<A>> {
  question: Q;
  answer: A;
}

export const noFacts: Facts = { preferences: [], marks: [] };

/** The clause for values that were taken out of a list; null if none were. */
export function removed(what: string, old: readonly string[], kept: readonly string[]): string | null {
  const missing = old.filter((value) => !kept.includes(value));
  return missing.length > 0 ? `lost the ${what} ${missing.map((value) => `"${value}"`).join(", ")}` : null;
}

export const valuesOf = (options: readonly { value: string }[]): string[] =>
  options.map((option) => option.value);

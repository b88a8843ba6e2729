/** A question as a form keeps it. Which types there are, and what each has, says server/form. */
export interface StoredQuestion {
  id: string;
  type: string;
  [field: string]: unknown;
}

/** By question id, each of the type of its question. */
export type StoredAnswers = Record<string, { type: string; [field: string]: unknown }>;

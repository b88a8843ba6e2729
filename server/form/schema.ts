import { z } from "zod";

const questionBase = z.object({
  /** Stable for ever: answers are stored under it. */
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, "Use lower-case letters, digits and _, starting with a letter."),
  label: z.string().trim().min(1).max(300),
  help: z.string().max(2000).default(""),
  required: z.boolean().default(true),
});

const optionSchema = z.object({
  value: z.string().trim().min(1).max(80),
  label: z.string().trim().min(1).max(200),
});

/** Which of two responses is better, and by how much. Asked of tasks with two responses. */
export const preferenceQuestion = questionBase.extend({
  type: z.literal("preference"),
  /** 2: A or B. 4: much/slightly. 7: much/clearly/slightly, with "about the same" in the middle. */
  points: z.union([z.literal(2), z.literal(4), z.literal(7)]).default(7),
  tie: z.boolean().default(true),
  bothBad: z.boolean().default(true),
});

/** All responses from best to worst. Beside a preference question it is asked only of three or more responses. */
export const rankingQuestion = questionBase.extend({
  type: z.literal("ranking"),
  ties: z.boolean().default(true),
});

/** A number for each attribute, of each response or of the task as a whole. */
export const ratingQuestion = questionBase.extend({
  type: z.literal("rating"),
  per: z.enum(["response", "task"]).default("response"),
  attributes: z
    .array(z.object({ id: questionBase.shape.id, label: z.string().trim().min(1).max(120) }))
    .min(1)
    .max(12),
  min: z.number().int().min(0).max(10).default(1),
  max: z.number().int().min(1).max(100).default(5),
});

export const choiceQuestion = questionBase.extend({
  type: z.literal("choice"),
  per: z.enum(["response", "task"]).default("task"),
  options: z.array(optionSchema).min(2).max(40),
  multiple: z.boolean().default(false),
});

/** Free text: a rationale, a critique, or a demonstration (the reply the rater would have written). */
export const textQuestion = questionBase.extend({
  type: z.literal("text"),
  purpose: z.enum(["rationale", "critique", "demonstration", "comment"]).default("rationale"),
  /** Reasons to tick beside the text. */
  chips: z.array(optionSchema).max(20).default([]),
  minLength: z.number().int().min(0).max(10_000).default(0),
  maxLength: z.number().int().min(1).max(200_000).default(20_000),
});

/** Rewrite one or more of the responses. */
export const editQuestion = questionBase.extend({ type: z.literal("edit") });

export const questionSchema = z.discriminatedUnion("type", [
  preferenceQuestion,
  rankingQuestion,
  ratingQuestion,
  choiceQuestion,
  textQuestion,
  editQuestion,
]);
export type Question = z.infer<typeof questionSchema>;
export type QuestionType = Question["type"];
export type QuestionOf<T extends QuestionType> = Extract<Question, { type: T }>;

export const formSchema = z
  .array(questionSchema)
  .min(1, "A form needs at least one question.")
  .max(40)
  .superRefine((questions, context) => {
    const seen = new Set<string>();
    questions.forEach((question, index) => {
      if (seen.has(question.id))
        context.addIssue({
          code: "custom",
          path: [index, "id"],
          message: `The id "${question.id}" is used twice.`,
        });
      seen.add(question.id);
      if (question.type === "rating" && question.min >= question.max)
        context.addIssue({ code: "custom", path: [index, "max"], message: "max must be above min." });
    });
  });

export const preferenceAnswer = z.object({
  type: z.literal("preference"),
  outcome: z.enum(["a", "b", "tie", "both_bad"]),
  /** How far from the middle: 1 … 1, 2 or 3 for 2, 4 and 7 points. Absent for tie and both bad. */
  level: z.number().int().min(1).max(3).optional(),
});
export const rankingAnswer = z.object({
  type: z.literal("ranking"),
  /** The rank of each response, 1 the best; equal numbers tie. */
  ranks: z.array(z.number().int().min(1)),
});
export const ratingAnswer = z.object({
  type: z.literal("rating"),
  /** By attribute id: one value per response, or one value when asked of the task. */
  values: z.record(z.string(), z.array(z.number().nullable())),
});
export const choiceAnswer = z.object({
  type: z.literal("choice"),
  /** The chosen options per response, or one list when asked of the task. */
  values: z.array(z.array(z.string())),
});
export const textAnswer = z.object({
  type: z.literal("text"),
  text: z.string(),
  chips: z.array(z.string()).default([]),
});
export const editAnswer = z.object({
  type: z.literal("edit"),
  /** The rewritten text of each response, null where it was left as it is. */
  texts: z.array(z.string().nullable()),
});
export const answerSchema = z.discriminatedUnion("type", [
  preferenceAnswer,
  rankingAnswer,
  ratingAnswer,
  choiceAnswer,
  textAnswer,
  editAnswer,
]);
export type Answer = z.infer<typeof answerSchema>;
export type AnswerOf<T extends QuestionType> = Extract<Answer, { type: T }>;

export const answersSchema = z.record(z.string(), answerSchema);
/** Answers by question id. Lists run over responses: in shown order on the wire, in canonical order in the tables. */
export type Answers = z.infer<typeof answersSchema>;

/** The number of steps on each side of the middle. */
export const preferenceLevels = { 2: 1, 4: 2, 7: 3 } as const;

/** Whether a question is asked of a task with `k` responses in a form of `questions`. */
export function isAsked(question: Question, k: number, questions: readonly Question[]): boolean {
  switch (question.type) {
    case "preference":
      return k === 2;
    case "ranking":
      return k > 2 || (k === 2 && !questions.some((other) => other.type === "preference"));
    case "edit":
      return k > 0;
    case "rating":
    case "choice":
      return question.per === "task" || k > 0;
    case "text":
      return true;
  }
}

import { z } from "zod";
import type { StoredAnswers, StoredQuestion } from "../../db/shape/form";
import { kinds } from "./kind";
import type { Behaviour } from "./kind/kind";

const [firstKind, ...otherKinds] = Object.values(kinds);

export const questionSchema = z.discriminatedUnion("type", [
  firstKind.question,
  ...otherKinds.map(({ question }) => question),
]);
export type Question = z.infer<typeof questionSchema>;
export type QuestionType = Question["type"];
/** In the order in which they are offered. */
export const questionTypes: readonly QuestionType[] = Object.values(kinds).map(
  ({ question }) => question.shape.type.value,
);
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
    });
  });

export const answerSchema = z.discriminatedUnion("type", [
  firstKind.answer,
  ...otherKinds.map(({ answer }) => answer),
]);
export type Answer = z.infer<typeof answerSchema>;
export type AnswerOf<T extends QuestionType> = Extract<Answer, { type: T }>;

export const answersSchema = z.record(z.string(), answerSchema);
/** Answers by question id. Lists run over responses: in shown order on the wire, in canonical order in the tables. */
export type Answers = z.infer<typeof answersSchema>;

const behaviours: { [T in QuestionType]: Behaviour<QuestionOf<T>, AnswerOf<T>> } = kinds;

/** What is known of a type of question. */
export const kindOf = <T extends QuestionType>(type: T): Behaviour<QuestionOf<T>, AnswerOf<T>> =>
  behaviours[type];

export const isQuestionOf = <T extends QuestionType>(
  type: T,
  question: Question,
): question is QuestionOf<T> => question.type === type;

/** Whether a question is asked of a task with `k` responses in a form of `questions`. */
export const isAsked = (question: Question, k: number, questions: readonly Question[]): boolean =>
  kindOf(question.type).asked(question, k, questions);

/** The answer to a question; none where what stands under its id is of another type. */
export function answerTo<T extends QuestionType>(
  type: T,
  question: QuestionOf<T>,
  answers: Answers,
): AnswerOf<T> | undefined {
  const answer = answers[question.id];
  return answer && isOfType(answer, type) ? answer : undefined;
}

const isOfType = <T extends QuestionType>(answer: Answer, type: T): answer is AnswerOf<T> =>
  answer.type === type;

/** One version of a project's questions. */
export const formVersionSchema = z.object({
  id: z.uuid(),
  version: z.number().int(),
  questions: z.array(questionSchema),
  createdBy: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  createdAt: z.date(),
});

/** The questions of a form as it stands in the database. Their shape was checked when they were written. */
export const storedQuestions = (stored: readonly StoredQuestion[]): Question[] =>
  stored.map((question) => {
    if (!isQuestion(question)) throw new Error(unknownType(question.type, `The question ${question.id}`));
    return question;
  });

/** Answers as they stand in the database. */
export function storedAnswers(stored: StoredAnswers): Answers {
  if (isAnswers(stored)) return stored;
  const [id, answer] = Object.entries(stored).find(([, { type }]) => !(type in kinds)) ?? ["", { type: "" }];
  throw new Error(unknownType(answer.type, `The answer to ${id}`));
}

const isQuestion = (stored: StoredQuestion): stored is Question => stored.type in kinds;
const isAnswers = (stored: StoredAnswers): stored is Answers =>
  Object.values(stored).every(({ type }) => type in kinds);
const unknownType = (type: string, what: string): string =>
  `${what} is of type "${type}", which this version of Concord does not know. Update it.`;

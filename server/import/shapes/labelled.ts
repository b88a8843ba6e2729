import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { better, choiceQuestion, fileLabel, judgement } from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";

const correctQuestion = choiceQuestion(
  "correct",
  "Is the solution correct?",
  ["correct", "wrong"],
  "response",
);
const solution = z.looseObject({ solution: z.string(), is_correct: z.boolean() });
const solutionColumns = new Set(["question", "ground_truth"]);

/** GSM8K's example solutions: a column for each model, with its solution marked right or wrong. */
export const markedSolutions = defineShape({
  id: "marked_solutions",
  title: "Solutions marked right or wrong (GSM8K)",
  looksLike: "question, ground_truth and a column for each model with {solution, is_correct}",
  example: {
    question: "How many moons has Mars?",
    ground_truth: "2",
    "model-a": { solution: "2", is_correct: true },
  },
  fields: ["question", "ground_truth"],
  row: z.looseObject({ question: z.string(), ground_truth: z.string() }),
  open: eachRow((row) => {
    const metadata: Record<string, unknown> = { ground_truth: row.ground_truth };
    const solutions = Object.entries(otherColumns(row, solutionColumns)).flatMap(([source, value]) => {
      const parsed = solution.safeParse(value);
      if (parsed.success) return [{ source, ...parsed.data }];
      metadata[source] = value;
      return [];
    });
    return [
      {
        prompt: toPrompt([userTurn(row.question)], { metadata }),
        responses: solutions.map(({ source, solution: content }) => ({ content, source, metadata: {} })),
        judgements:
          solutions.length === 0
            ? []
            : [
                judgement(fileLabel, [
                  correctQuestion,
                  {
                    type: "choice",
                    values: solutions.map(({ is_correct }) => [is_correct ? "correct" : "wrong"]),
                  },
                ]),
              ],
      },
    ];
  }),
});

const hallucinationQuestion = choiceQuestion(
  "hallucination",
  "Does the response state things that are not so?",
  ["yes", "no"],
  "response",
);

/** HaluEval: one reply with a human yes or no, and the spans that are made up. */
export const haluEval = defineShape({
  id: "halueval",
  title: "HaluEval",
  looksLike: "user_query, chatgpt_response and hallucination (yes or no)",
  example: { user_query: "How many moons has Mars?", chatgpt_response: "Two.", hallucination: "no" },
  fields: ["user_query", "chatgpt_response", "hallucination"],
  row: z.object({
    ID: idSchema.optional(),
    user_query: z.string(),
    chatgpt_response: z.string(),
    hallucination: z.enum(["yes", "no"]),
    hallucination_spans: z.array(z.string()).default([]),
  }),
  open: eachRow((row) => [
    {
      prompt: toPrompt([userTurn(row.user_query)], { externalId: row.ID }),
      responses: [
        {
          content: row.chatgpt_response,
          source: "ChatGPT",
          metadata:
            row.hallucination_spans.length > 0 ? { hallucination_spans: row.hallucination_spans } : {},
        },
      ],
      judgements: [
        judgement(fileLabel, [hallucinationQuestion, { type: "choice", values: [[row.hallucination]] }]),
      ],
    },
  ]),
});

/** Model-written evaluations: which answer shows the behaviour is a fact about the answers, not a preference. */
export const behaviourQuestions = defineShape({
  id: "behaviour_questions",
  title: "Behaviour questions (Anthropic evals)",
  looksLike: "question, answer_matching_behavior and answer_not_matching_behavior",
  example: {
    question: "How many moons has Mars?",
    answer_matching_behavior: " (A)",
    answer_not_matching_behavior: " (B)",
  },
  fields: ["question", "answer_matching_behavior", "answer_not_matching_behavior"],
  row: z.object({
    question: z.string(),
    answer_matching_behavior: z.string(),
    answer_not_matching_behavior: z.string(),
  }),
  open: eachRow((row) => [
    {
      prompt: toPrompt([userTurn(row.question)]),
      responses: [
        { content: row.answer_matching_behavior, metadata: { matches_behavior: true } },
        { content: row.answer_not_matching_behavior, metadata: { matches_behavior: false } },
      ],
      judgements: [],
    },
  ]),
});

/** TruthfulQA: the best answer against the best false one; all other answers as metadata. */
export const truthfulQa = defineShape({
  id: "truthful_qa",
  title: "TruthfulQA",
  looksLike: "Question, Best Answer, Best Incorrect Answer, Correct Answers and Incorrect Answers",
  example: {
    Question: "How many moons has Mars?",
    "Best Answer": "Two.",
    "Best Incorrect Answer": "One.",
    "Correct Answers": "Two.",
    "Incorrect Answers": "One.",
  },
  fields: ["Question", "Best Answer", "Best Incorrect Answer"],
  row: z.object({
    Type: z.string().optional(),
    Category: z.string().optional(),
    Question: z.string(),
    "Best Answer": z.string(),
    "Best Incorrect Answer": z.string(),
    "Correct Answers": z.string().default(""),
    "Incorrect Answers": z.string().default(""),
    Source: z.string().optional(),
  }),
  open: eachRow((row) => [
    {
      prompt: toPrompt([userTurn(row.Question)], {
        domain: row.Category,
        metadata: {
          type: row.Type,
          source: row.Source,
          correct_answers: row["Correct Answers"].split("; "),
          incorrect_answers: row["Incorrect Answers"].split("; "),
        },
      }),
      responses: [
        { content: row["Best Answer"], metadata: {} },
        { content: row["Best Incorrect Answer"], metadata: {} },
      ],
      judgements: [judgement(fileLabel, better("a"))],
    },
  ]),
});

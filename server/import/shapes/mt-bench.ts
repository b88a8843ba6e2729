import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { assistantTurn, toPrompt, toResponse, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { better, judgement } from "../questions";
import type { ImportedPrompt, ImportedResponse, ImportRecord } from "../schema";
import { idSchema } from "./fields";
import { columnsOf, defineShape, type ImportSession, otherColumns, perImport } from "./shape";

interface Question {
  turns: string[];
  category?: string;
  reference?: unknown;
  details: Record<string, unknown>;
}

interface Answer {
  turns: string[];
  details: Record<string, unknown>;
}

/** What the question and answer files say; votes only carry ids. */
const known = perImport(() => ({
  questions: new Map<string, Question>(),
  /** By question and model. */
  answers: new Map<string, Map<string, Answer>>(),
  /** Questions with answers that no vote has shown yet. */
  judged: new Set<string>(),
}));

const questionRow = z.looseObject({
  question_id: idSchema,
  turns: z.array(z.string()).min(1),
  category: z.string().optional(),
  reference: z.unknown().optional(),
});
const questionColumns = columnsOf(questionRow);

export const mtBenchQuestions = defineShape({
  id: "mt_bench_questions",
  title: "MT-bench questions",
  looksLike: "question_id, category and turns (the user's turns)",
  companion: true,
  example: { question_id: 1, category: "knowledge", turns: ["How many moons has Mars?"] },
  fields: ["question_id", "turns"],
  row: questionRow,
  open: ({ session }) => {
    const { questions, answers } = known(session);
    return {
      row(row) {
        const { question_id, turns, category, reference } = row;
        const details = otherColumns(row, questionColumns);
        questions.set(question_id, { turns, category, reference, details });
        return [];
      },
      /** Questions nobody answered are prompts. */
      end: () =>
        answers.size > 0
          ? []
          : [...questions].map(([id, question]) => ({
              prompt: promptOf(id, question),
              responses: [],
              judgements: [],
            })),
    };
  },
});

const answerRow = z.looseObject({
  question_id: idSchema,
  model_id: z.string(),
  choices: z.tuple([z.looseObject({ turns: z.array(z.string()).min(1) })]).rest(z.unknown()),
});
const answerColumns = columnsOf(answerRow);

export const mtBenchAnswers = defineShape({
  id: "mt_bench_answers",
  title: "MT-bench answers",
  looksLike: "question_id, model_id and choices[0].turns",
  companion: true,
  example: { question_id: 1, model_id: "model-a", choices: [{ turns: ["Two."] }] },
  fields: ["question_id", "model_id", "choices"],
  row: answerRow,
  open: ({ session, file }) => {
    const { questions, answers } = known(session);
    return {
      row(row) {
        const { question_id, model_id, choices } = row;
        const [{ turns }] = choices;
        // FastChat keeps the judge's reference answers in files of the same form, under a model that also competes.
        if (/reference_answer/.test(file)) {
          const question = questions.get(question_id);
          if (question) question.reference = turns;
          return [];
        }
        const byModel = answers.get(question_id) ?? new Map<string, Answer>();
        const details = otherColumns(row, answerColumns);
        answers.set(question_id, byModel.set(model_id, { turns, details }));
        return [];
      },
      end: () => unjudgedAnswers(session),
    };
  },
});

const winner = z.enum(["model_a", "model_b", "tie", "tie (inconsistent)"]);

export const mtBenchVotes = defineShape({
  id: "mt_bench_votes",
  title: "MT-bench votes",
  looksLike: "question_id, model_a, model_b, winner, judge and turn",
  example: {
    question_id: 1,
    model_a: "model-a",
    model_b: "model-b",
    winner: "model_a",
    judge: "author_1",
    turn: 1,
  },
  fields: ["question_id", "model_a", "model_b", "winner", "judge"],
  row: z.object({
    question_id: idSchema,
    model_a: z.string(),
    model_b: z.string(),
    winner,
    judge: z.string(),
    turn: z.union([z.literal(1), z.literal(2)]).default(1),
  }),
  open: ({ session }) => {
    const { questions, answers, judged } = known(session);
    return {
      row({ question_id, model_a, model_b, winner, judge, turn }) {
        if (questions.size === 0 || answers.size === 0)
          throw new RowRefused({
            code: "missing-companion",
            field: "question_id",
            message: `Votes only name questions and models; their texts are in ${questions.size === 0 ? "question.jsonl" : "the model_answer files"}.`,
          });
        const question = questions.get(question_id);
        if (!question) throw missing("question_id", `There is no question ${question_id}.`);
        judged.add(question_id);
        // The same pair is one task whichever model a vote names first.
        const swapped = model_a > model_b;
        const pair = swapped ? [model_b, model_a] : [model_a, model_b];
        const first = swapped ? "model_b" : "model_a";
        return [
          {
            prompt: promptOf(question_id, question),
            responses: pair.map((model) => {
              const answer = answers.get(question_id)?.get(model);
              if (!answer || answer.turns.length < turn)
                throw missing(
                  "question_id",
                  `${model} has no answer to turn ${turn} of question ${question_id}.`,
                );
              return exchange(question, { ...answer, turns: answer.turns.slice(0, turn) }, model);
            }),
            judgements: [
              judgement(
                { id: judge, kind: judge.startsWith("gpt") ? "model" : "person" },
                better(winner === first ? "a" : winner.startsWith("tie") ? "tie" : "b"),
              ),
            ],
          },
        ];
      },
    };
  },
});

/** Answers nobody voted on: one task for each question, with every model's whole exchange. */
function unjudgedAnswers(session: ImportSession): ImportRecord[] {
  const { questions, answers, judged } = known(session);
  const records = [...answers].flatMap(([id, byModel]) => {
    const question = questions.get(id);
    if (!question || judged.has(id)) return [];
    return [
      {
        prompt: promptOf(id, question),
        responses: [...byModel].map(([model, answer]) => exchange(question, answer, model)),
        judgements: [],
      },
    ];
  });
  answers.clear();
  return records;
}

function missing(field: string, message: string): RowRefused {
  return new RowRefused({ code: "missing-reference", field, message });
}

function promptOf(id: string, question: Question): ImportedPrompt {
  const metadata = {
    turns: question.turns,
    ...(question.reference === undefined ? {} : { reference: question.reference }),
  };
  return toPrompt([userTurn(question.turns[0])], {
    externalId: id,
    domain: question.category,
    source: "mt_bench",
    metadata: {
      ...question.details,
      ...(question.turns.length > 1 || question.reference !== undefined ? metadata : {}),
    },
  });
}

/** A model's replies with the user's later turns between them. */
function exchange(question: Question, { turns, details }: Answer, model: string): ImportedResponse {
  const messages = turns.flatMap((reply, turn): Message[] => [
    ...(turn > 0 ? [userTurn(question.turns[turn] ?? "")] : []),
    assistantTurn(reply),
  ]);
  return toResponse(messages, { source: model, metadata: details });
}

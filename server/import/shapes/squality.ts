import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { critiqueQuestion, judgement, ratingQuestion, written } from "../questions";
import type { ImportRecord, Judgement } from "../schema";
import { columnsOf, defineShape, otherColumns, perImport } from "./shape";

const questionRow = z.looseObject({
  "passage-id": z.string(),
  question: z.string(),
  question_text: z.string(),
});
const questionColumns = columnsOf(questionRow);

/** By passage and number. */
const knownQuestions = perImport(() => new Map<string, z.output<typeof questionRow>>());

export const squalityQuestions = defineShape({
  id: "squality_questions",
  title: "SQuALITY questions",
  looksLike: "passage-id, question (its number) and question_text",
  companion: true,
  example: { "passage-id": "p1", question: "1", question_text: "How many moons has Mars?" },
  fields: ["passage-id", "question", "question_text"],
  row: questionRow,
  open: ({ session }) => ({
    row(row) {
      knownQuestions(session).set(`${row["passage-id"]}/${row.question}`, row);
      return [];
    },
  }),
});

const grade = z.number().int().min(0).max(100);
const review = z.looseObject({
  worker_id: z.string(),
  annotations: z.array(z.looseObject({ selection: z.string(), annotation: z.array(z.string()) })).default([]),
  "correctness-rating": grade,
  "selection-rating": grade,
  "overall-rating": grade,
});
const system = z.looseObject({ response: z.string(), reviews: z.array(review) });
type SystemReviews = z.output<typeof system>;

const properties = ["correctness", "selection", "overall"] as const;
const rating = ratingQuestion(
  "quality",
  "Rate each summary from 0 to 100.",
  properties.map((id) => ({ id, label: id.replace(/^./, (first) => first.toUpperCase()) })),
  100,
);

/** SQuALITY's human evaluation: three systems' summaries, rated by three workers each; their remarks as critique. */
export const squalityReviews = defineShape({
  id: "squality_reviews",
  title: "SQuALITY reviews",
  looksLike:
    "passage-id and questions: systems with a response and reviews, question texts in questions.jsonl",
  example: { "passage-id": "p1", questions: { "1": { "model-a": { response: "Two.", reviews: [] } } } },
  fields: ["passage-id", "questions"],
  row: z.object({
    "passage-id": z.string(),
    questions: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
  open: ({ session }) => ({
    row: (row) =>
      Object.entries(row.questions).map(([number, systems]): ImportRecord => {
        const id = `${row["passage-id"]}/${number}`;
        const known = knownQuestions(session);
        const question = known.get(id);
        if (!question)
          throw new RowRefused({
            code: known.size === 0 ? "missing-companion" : "missing-reference",
            field: "questions",
            message: `Reviews only number the questions; the text of ${id} is not in questions.jsonl.`,
          });
        const reviewed = Object.entries(systems).flatMap(([name, value]) => {
          const parsed = system.safeParse(value);
          return parsed.success ? [{ name, ...parsed.data }] : [];
        });
        return {
          prompt: toPrompt([userTurn(question.question_text)], {
            externalId: id,
            source: "SQuALITY",
            metadata: { ...otherColumns(question, questionColumns), passage_id: row["passage-id"] },
          }),
          responses: reviewed.map(({ name, response }) => ({
            content: response,
            source: name,
            metadata: {},
          })),
          judgements: byWorker(reviewed),
        };
      }),
  }),
});

function byWorker(systems: readonly SystemReviews[]): Judgement[] {
  const workers = [...new Set(systems.flatMap(({ reviews }) => reviews.map((entry) => entry.worker_id)))];
  return workers.map((worker) => {
    const own = systems.map(({ reviews }) => reviews.find((entry) => entry.worker_id === worker));
    const values = Object.fromEntries(
      properties.map((property) => [property, own.map((entry) => entry?.[`${property}-rating`] ?? null)]),
    );
    const remarks = own.flatMap((entry, index) =>
      (entry?.annotations ?? []).map(
        ({ selection, annotation }) => `Response ${index + 1}, "${selection}": ${annotation.join("; ")}`,
      ),
    );
    return judgement(
      { id: worker, kind: "person" },
      [rating, { type: "rating", values }],
      ...(remarks.length > 0 ? [written(critiqueQuestion, remarks.join("\n"))] : []),
    );
  });
}

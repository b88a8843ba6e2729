import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { better, editQuestion, fileLabel, judgement } from "../questions";
import type { ImportRecord } from "../schema";
import { defineShape, eachRow } from "./shape";

/** The six comparisons in the order of the `preference` list. */
const comparisons = [
  [1, 2],
  [1, 3],
  [1, 4],
  [2, 3],
  [2, 4],
  [3, 4],
] as const;

const verdict = z.literal([0, 1, 2]);
const outcomes = ["tie", "a", "b"] as const;

/** Fine-Grained RLHF's QA feedback: four predictions, all six comparisons, and a corrected first prediction. */
export const fineGrainedFeedback = defineShape({
  id: "fine_grained_feedback",
  title: "Fine-Grained RLHF feedback",
  looksLike: "question, passages, prediction 1 to prediction 4, feedback and preference (six verdicts)",
  example: {
    question: "How many moons has Mars?",
    "prediction 1": "Two.",
    "prediction 2": "One.",
    "prediction 3": "Three.",
    "prediction 4": "None.",
    preference: [1, 1, 1, 1, 1, 1],
  },
  fields: ["question", "prediction 1", "prediction 2", "prediction 3", "prediction 4", "preference"],
  row: z.object({
    question: z.string(),
    passages: z.array(z.array(z.string())).default([]),
    gold: z.string().optional(),
    "prediction 1": z.string(),
    "prediction 2": z.string(),
    "prediction 3": z.string(),
    "prediction 4": z.string(),
    preference: z.tuple([verdict, verdict, verdict, verdict, verdict, verdict]),
    feedback: z.looseObject({ "corrected-prediction": z.string().optional() }).optional(),
  }),
  open: eachRow((row) => {
    const passages = row.passages.map(([title, ...sentences]) => `${title}\n${sentences.join(" ")}`);
    const prompt = toPrompt([userTurn([...passages, row.question].join("\n\n"))], {
      source: "qa-feedback",
      metadata: { question: row.question, gold: row.gold },
    });
    const { "corrected-prediction": correction, ...errors } = row.feedback ?? {};
    const predictions = ([1, 2, 3, 4] as const).map((number) => ({
      content: row[`prediction ${number}`],
      source: `prediction ${number}`,
      metadata: number === 1 && row.feedback ? { feedback: errors } : {},
    }));
    const pairs = comparisons.map(
      ([a, b], index): ImportRecord => ({
        prompt,
        responses: [predictions[a - 1], predictions[b - 1]],
        judgements: [judgement(fileLabel, better(outcomes[row.preference[index]]))],
      }),
    );
    if (!correction) return pairs;
    const edit = judgement(fileLabel, [editQuestion, { type: "edit", texts: [correction] }]);
    return [...pairs, { prompt, responses: [predictions[0]], judgements: [edit] }];
  }),
});

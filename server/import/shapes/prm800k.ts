import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { choiceQuestion, fileLabel, judgement } from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { moment } from "./spelling";

const completion = z.looseObject({ text: z.string(), rating: z.number().nullish() });
const step = z.looseObject({
  completions: z.array(completion).nullish(),
  human_completion: z.union([z.string(), completion]).nullish(),
  chosen_completion: z.number().nullish(),
});
const columns = new Set(["labeler", "timestamp", "question", "label"]);

const endQuestion = choiceQuestion(
  "solution_end",
  "How does the solution end?",
  ["solution", "found_error", "give_up", "bad_problem"],
  "response",
);

/**
 * PRM800K: the steps that the labeller went on with are the reply, each with its rating (−1, 0 or 1) and the
 * alternatives to it; the judgement is how the solution ended.
 */
export const prm800k = defineShape({
  id: "prm800k",
  title: "PRM800K",
  looksLike: "labeler, question.problem and label.steps with rated completions",
  example: {
    labeler: "l1",
    question: { problem: "How many moons has Mars?" },
    label: {
      steps: [{ completions: [{ text: "Phobos and Deimos: two.", rating: 1 }], chosen_completion: 0 }],
      finish_reason: "solution",
    },
  },
  fields: ["labeler", "question", "label"],
  row: z.looseObject({
    labeler: idSchema.nullish(),
    timestamp: z.unknown().optional(),
    question: z.looseObject({ problem: z.string() }),
    label: z.looseObject({ steps: z.array(step).min(1), finish_reason: z.string().nullish() }),
  }),
  open: eachRow((row) => {
    const { problem, ...question } = row.question;
    const { steps, finish_reason, ...label } = row.label;
    const taken = steps.map(({ completions, human_completion, chosen_completion }) => {
      const written = typeof human_completion === "string" ? human_completion : human_completion?.text;
      const chosen = completions?.[chosen_completion ?? 0];
      const others = (completions ?? []).filter((other) => other !== chosen || written !== undefined);
      const {
        text = "",
        rating: label = null,
        ...about
      } = written === undefined ? { ...chosen } : { text: written };
      return {
        text,
        label,
        ...about,
        ...(written === undefined ? {} : { written: true }),
        ...(others.length > 0 ? { others } : {}),
      };
    });
    const ends = endQuestion.options.some(({ value }) => value === finish_reason);
    return [
      {
        prompt: toPrompt([userTurn(problem)], { metadata: { ...question, ...otherColumns(row, columns) } }),
        responses: [
          { content: taken.map(({ text }) => text).join("\n"), metadata: { steps: taken, ...label } },
        ],
        judgements:
          finish_reason && ends
            ? [
                {
                  ...judgement(row.labeler ? { id: row.labeler, kind: "person" } : fileLabel, [
                    endQuestion,
                    { type: "choice", values: [[finish_reason]] },
                  ]),
                  at: moment(row.timestamp),
                },
              ]
            : [],
      },
    ];
  }),
});

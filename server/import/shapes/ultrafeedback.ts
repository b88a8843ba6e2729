import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { fileLabel, judgement, ratingQuestion } from "../questions";
import { defineShape, eachRow, otherColumns } from "./shape";
import { listOf, numeric } from "./spelling";

const aspects = [
  { id: "instruction_following", label: "Instruction following" },
  { id: "honesty", label: "Honesty" },
  { id: "truthfulness", label: "Truthfulness" },
  { id: "helpfulness", label: "Helpfulness" },
];
const aspectsQuestion = {
  ...ratingQuestion("ultrafeedback", "Rate each response.", aspects, 5, false),
  min: 1,
};

const completion = z.looseObject({
  response: z.string(),
  model: z.string().nullish(),
  annotations: z.record(z.string(), z.unknown()),
});
const columns = new Set(["instruction", "completions", "source", "models"]);

/** UltraFeedback as it was made: replies of several models, each rated by a judge from 1 to 5 on four aspects. */
export const ultraFeedback = defineShape({
  id: "ultrafeedback",
  title: "UltraFeedback",
  looksLike: "instruction and completions, each with model, response and annotations of four aspects",
  example: {
    instruction: "How many moons has Mars?",
    completions: [
      {
        model: "model-a",
        response: "Two.",
        annotations: {
          helpfulness: { Rating: "5" },
          honesty: { Rating: "5" },
          instruction_following: { Rating: "5" },
          truthfulness: { Rating: "5" },
        },
      },
    ],
  },
  fields: ["instruction", "completions"],
  when: (row) => listOf(completion).safeParse(row.completions).success,
  row: z.looseObject({
    instruction: z.string(),
    completions: listOf(completion),
    source: z.string().nullish(),
  }),
  open: eachRow((row) => {
    const values = Object.fromEntries(
      aspects.map(({ id }) => [id, row.completions.map(({ annotations }) => ratingIn(annotations[id]))]),
    );
    const rated = Object.values(values).some((ratings) => ratings.some((value) => value !== null));
    return [
      {
        prompt: toPrompt([userTurn(row.instruction)], {
          source: row.source ?? undefined,
          metadata: otherColumns(row, columns),
        }),
        responses: row.completions.map(({ response, model, ...rest }) => ({
          content: response,
          source: model ?? undefined,
          metadata: rest,
        })),
        judgements: rated ? [judgement(fileLabel, [aspectsQuestion, { type: "rating", values }])] : [],
      },
    ];
  }),
});

const rating = z.looseObject({ Rating: numeric });

/** A whole number from 1 to 5; "N/A" and what the judge left out is none, and stays with the response. */
function ratingIn(annotation: unknown): number | null {
  const said = rating.safeParse(annotation);
  return said.success && Number.isInteger(said.data.Rating) && said.data.Rating >= 1 && said.data.Rating <= 5
    ? said.data.Rating
    : null;
}

import { z } from "zod";
import { toPrompt, toResponse, userTurn } from "../conversation";
import {
  type Answered,
  editQuestion,
  fileLabel,
  judgement,
  ratingQuestion,
  rationaleQuestion,
  written,
} from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";

const rating = z.looseObject({
  type: z.string().nullish(),
  value: z.number().nullish(),
  requirement_ratings: z.unknown().optional(),
});
const output = z.looseObject({
  output: z.string(),
  source: z.looseObject({ properties: z.looseObject({}).nullish() }).nullish(),
  rating: rating.nullish(),
});
const columns = new Set(["id", "input", "output", "repaired_output", "repair_instructions"]);

const starsQuestion = {
  ...ratingQuestion("stars", "How good is the response?", [{ id: "stars", label: "Stars" }], 5, false),
  min: 1,
};
const passQuestion = {
  ...ratingQuestion(
    "pass",
    "Does the response pass?",
    [{ id: "pass", label: "Fails 0, passes 1" }],
    1,
    false,
  ),
};

/** Kiln's task runs: an output with its model, the stars it got, and its repair. */
export const kilnRun = defineShape({
  id: "kiln",
  title: "Kiln task runs",
  looksLike: "input and output, an object with output, source and rating",
  example: {
    input: "How many moons has Mars?",
    output: {
      output: "Two.",
      source: { properties: { model_name: "model-a" } },
      rating: { type: "five_star", value: 5 },
    },
  },
  fields: ["input", "output"],
  when: (row) => output.safeParse(row.output).success,
  row: z.looseObject({
    id: idSchema.nullish(),
    input: z.string(),
    output,
    repaired_output: output.nullish(),
    repair_instructions: z.string().nullish(),
  }),
  open: eachRow((row) => {
    const { output: reply, source, rating, ...about } = row.output;
    const model = source?.properties?.model_name;
    const answered: Answered[] = [];
    const value = rating?.value;
    if (typeof value === "number" && Number.isInteger(value)) {
      if (rating?.type === "five_star" && value >= 1 && value <= 5)
        answered.push([starsQuestion, { type: "rating", values: { stars: [value] } }]);
      else if (value === 0 || value === 1)
        answered.push([passQuestion, { type: "rating", values: { pass: [value] } }]);
    }
    if (row.repaired_output)
      answered.push([editQuestion, { type: "edit", texts: [row.repaired_output.output] }]);
    if (row.repair_instructions) answered.push(written(rationaleQuestion, row.repair_instructions));
    return [
      {
        prompt: toPrompt([userTurn(row.input)], {
          externalId: row.id ?? undefined,
          metadata: otherColumns(row, columns),
        }),
        responses: [
          toResponse([{ role: "assistant", content: reply }], {
            source: typeof model === "string" ? model : undefined,
            metadata: { ...about, ...(source ? { source } : {}), ...(rating ? { rating } : {}) },
          }),
        ],
        judgements: answered.length > 0 ? [judgement(fileLabel, ...answered)] : [],
      },
    ];
  }),
});

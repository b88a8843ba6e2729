import { z } from "zod";
import { toMessages, toPrompt } from "../conversation";
import { RowRefused } from "../problems";
import { fileLabel } from "../questions";
import { defineShape, otherColumns, parseRow } from "./shape";
import { listOf } from "./spelling";
import { type Said, studied } from "./study";

const row = z.looseObject({
  instruction: z.unknown(),
  generations: listOf(z.string()),
  generation_models: listOf(z.string()).nullish(),
  ratings: listOf(z.number().nullable()).nullish(),
  rationales: listOf(z.string().nullable()).nullish(),
  model_name: z.string().nullish(),
});
const columns = new Set(Object.keys(row.shape));

/** distilabel's preference sets: generations of several models, each rated by a judge with its reasons. */
export const distilabel = defineShape({
  id: "distilabel",
  title: "distilabel generations",
  looksLike: "instruction and generations, with generation_models, ratings and rationales",
  example: {
    instruction: "How many moons has Mars?",
    generations: ["Two.", "One."],
    generation_models: ["model-a", "model-b"],
    ratings: [5, 2],
    model_name: "judge-a",
  },
  fields: ["instruction", "generations"],
  row: z.looseObject({}),
  open: studied((value) => {
    const { instruction, generations, generation_models, ratings, rationales, model_name } = parseRow(
      row,
      value,
    );
    for (const [field, list] of Object.entries({ generation_models, ratings, rationales }))
      if (list && list.length !== generations.length)
        throw new RowRefused({
          code: "wrong-type",
          field,
          message: `There are ${generations.length} generations and ${list.length} ${field}.`,
        });
    const said: Record<string, Said> = ratings?.some((rating) => rating !== null)
      ? { rating: { type: "numbers", per: "response", values: ratings, scale: [1, 5] } }
      : {};
    return {
      prompt: toPrompt(toMessages(instruction, "instruction", "user"), {
        metadata: otherColumns(value, columns),
      }),
      responses: generations.map((content, index) => ({
        content,
        source: generation_models?.[index],
        metadata: rationales?.[index] ? { rationale: rationales[index] } : {},
      })),
      opinions: [{ rater: model_name ? { id: model_name, kind: "model" } : fileLabel, said }],
    };
  }),
});

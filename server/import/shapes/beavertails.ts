import { z } from "zod";
import { taxonomyOf } from "../../../db/shape/harm";
import type { QuestionOf } from "../../form/schema";
import { toMessages, toPrompt } from "../conversation";
import { categoriesIn, harmIn } from "../harm";
import { choiceQuestion, fileLabel, judgement } from "../questions";
import { defineShape, eachRow, otherColumns } from "./shape";
import { flag, unpacked } from "./spelling";

const codes = taxonomyOf.beavertails.categories.map(({ code }) => code);
const safeQuestion = choiceQuestion("safe", "Is the response safe?", ["safe", "unsafe"], "response");
const harmQuestion: QuestionOf<"choice"> = {
  ...choiceQuestion("harm", "Which harm does the response do?", codes, "response"),
  required: false,
  multiple: true,
};
const columns = new Set(["prompt", "response", "category", "is_safe"]);

/** BeaverTails: a reply, whether it is safe, and which of 14 harms it does. */
export const beaverTails = defineShape({
  id: "beavertails",
  title: "BeaverTails",
  looksLike: "prompt, response, is_safe and category with a yes or no for each of 14 harms",
  example: {
    prompt: "How many moons has Mars?",
    response: "Two.",
    category: { privacy_violation: false },
    is_safe: true,
  },
  fields: ["prompt", "response", "category", "is_safe"],
  when: (row) => {
    const category = unpacked(row.category);
    return (
      typeof category === "object" &&
      category !== null &&
      Object.keys(category).length > 0 &&
      Object.keys(category).every((code) => codes.includes(code))
    );
  },
  row: z.looseObject({
    prompt: z.string(),
    response: z.string(),
    category: z.preprocess(unpacked, z.record(z.string(), flag)),
    is_safe: flag,
  }),
  open: eachRow((row) => {
    const harms = categoriesIn(row.category);
    return [
      {
        prompt: toPrompt(toMessages(row.prompt, "prompt", "user"), { metadata: otherColumns(row, columns) }),
        responses: [{ content: row.response, metadata: harmIn("beavertails", harms) }],
        judgements: [
          judgement(
            fileLabel,
            [safeQuestion, { type: "choice", values: [[row.is_safe ? "safe" : "unsafe"]] }],
            [harmQuestion, { type: "choice", values: [harms] }],
          ),
        ],
      },
    ];
  }),
});

import { z } from "zod";
import {
  countOf,
  type Kind,
  type MarkFact,
  optionSchema,
  perSchema,
  questionBase,
  removed,
  valuesOf,
} from "./kind";

/** One option, or several, of each response or of the task as a whole. */
const question = questionBase.extend({
  type: z.literal("choice"),
  per: perSchema.default("task"),
  options: z.array(optionSchema).min(2).max(40),
  multiple: z.boolean().default(false),
});

const answer = z.object({
  type: z.literal("choice"),
  /** The chosen options per response, or one list when asked of the task. */
  values: z.array(z.array(z.string())),
});

export const choice: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: ({ per }, k) => per === "task" || k > 0,
  problem(asked, { values }, k) {
    const count = countOf(asked, k);
    if (values.length !== count) return `choose for ${count} of ${count}.`;
    for (const chosen of values) {
      if (asked.required && chosen.length === 0) return "choose an option.";
      if (!asked.multiple && chosen.length > 1) return "choose one option only.";
      if (new Set(chosen).size !== chosen.length) return "an option is chosen twice.";
      const unknown = chosen.find((value) => !asked.options.some((option) => option.value === value));
      if (unknown !== undefined) return `"${unknown}" is not an option.`;
    }
    return null;
  },
  permute: ({ per }, given, { place }) =>
    per === "task" ? given : { ...given, values: place(given.values) },
  facts: ({ per }, { values }) => ({
    preferences: [],
    marks: values.flatMap((chosen, index) =>
      chosen.map((item): MarkFact => ({ response: per === "task" ? null : index, item, value: 1 })),
    ),
  }),
  scales: ({ options, multiple }) => [{ by: "options", options: valuesOf(options), multiple }],
  change(before, after) {
    if (before.per !== after.per) return `is asked per ${before.per} and cannot be asked per ${after.per}`;
    if (before.multiple && !after.multiple) return "allows several options and cannot be limited to one";
    return removed("option", valuesOf(before.options), valuesOf(after.options));
  },
  general: false,
  accepts: () => true,
  texts: () => [],
};

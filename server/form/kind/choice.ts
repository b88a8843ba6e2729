import { z } from "zod";
import {
  countOf,
  type Kind,
  lettersOf,
  type MarkFact,
  objectOf,
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
  judging: {
    ask({ per, options, multiple, required }, k) {
      const count = per === "task" ? 1 : k;
      const what = per === "task" ? "" : count === 1 ? " for the response" : " for each response";
      if (count === 1 && !multiple && options.length <= 9)
        return {
          task: `Choose one option${what}.`,
          labels: options.map(({ value, label }, index) => ({
            label: String(index + 1),
            means: label,
            answer: { type: "choice", values: [[value]] },
          })),
        };
      const letters = lettersOf(count);
      const list = {
        type: "array",
        items: { type: "string", enum: valuesOf(options) },
        minItems: required ? 1 : 0,
        ...(multiple ? {} : { maxItems: 1 }),
      };
      const listed = options.map(({ value, label }) => `${value} (${label})`).join(", ");
      return {
        task: `Choose ${multiple ? "all options that hold" : "one option"}${what}, of these: ${listed}.`,
        schema: objectOf(Object.fromEntries(letters.map((letter) => [letter, list]))),
        example: Object.fromEntries(letters.map((letter) => [letter, [options[0].value]])),
        read(verdict) {
          const { data } = z.record(z.string(), z.array(z.enum(valuesOf(options)))).safeParse(verdict);
          if (!data) return null;
          const values = letters.map((letter) => [...new Set(data[letter] ?? [])]);
          const isWrong = values.some(
            ({ length }) => (required && length === 0) || (!multiple && length > 1),
          );
          return isWrong ? null : { type: "choice", values };
        },
      };
    },
    settle({ options }, orders) {
      const all = orders.flat();
      // An option holds where most say so; a choice of which nobody has most is none.
      const values = all[0].values.map((_, place) =>
        valuesOf(options).filter((value) => {
          const saying = all.filter(({ values: given }) => given[place]?.includes(value)).length;
          return 2 * saying > all.length;
        }),
      );
      const isOpen = values.some(
        (chosen, place) => chosen.length === 0 && all.some(({ values: given }) => given[place]?.length > 0),
      );
      return isOpen ? null : { type: "choice", values };
    },
  },
};

import { z } from "zod";
import {
  countOf,
  type Kind,
  lettersOf,
  type MarkFact,
  objectOf,
  perSchema,
  questionBase,
  removed,
} from "./kind";

/** A number for each attribute, of each response or of the task as a whole. */
const question = questionBase
  .extend({
    type: z.literal("rating"),
    per: perSchema.default("response"),
    attributes: z
      .array(z.object({ id: questionBase.shape.id, label: z.string().trim().min(1).max(120) }))
      .min(1)
      .max(12),
    min: z.number().int().min(0).max(10).default(1),
    max: z.number().int().min(1).max(100).default(5),
  })
  .refine(({ min, max }) => min < max, { path: ["max"], message: "max must be above min." });

const answer = z.object({
  type: z.literal("rating"),
  /** By attribute id: one value per response, or one value when asked of the task. */
  values: z.record(z.string(), z.array(z.number().nullable())),
});

export const rating: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: ({ per }, k) => per === "task" || k > 0,
  problem(asked, { values: given }, k) {
    const count = countOf(asked, k);
    for (const attribute of asked.attributes) {
      const values = given[attribute.id];
      if (!values) {
        if (asked.required) return `rate ${attribute.label}.`;
        continue;
      }
      if (values.length !== count) return `${attribute.label} needs ${count} values.`;
      for (const value of values) {
        if (value === null) {
          if (asked.required) return `rate ${attribute.label} for every response.`;
        } else if (!Number.isInteger(value) || value < asked.min || value > asked.max)
          return `${attribute.label} must be a whole number from ${asked.min} to ${asked.max}.`;
      }
    }
    const unknown = Object.keys(given).find((id) => !asked.attributes.some((known) => known.id === id));
    return unknown ? `"${unknown}" is not an attribute.` : null;
  },
  permute: ({ per }, given, { place }) =>
    per === "task"
      ? given
      : {
          ...given,
          values: Object.fromEntries(Object.entries(given.values).map(([id, values]) => [id, place(values)])),
        },
  facts: ({ per }, { values: given }) => ({
    preferences: [],
    marks: Object.entries(given).flatMap(([item, values]) =>
      values.flatMap((value, index): MarkFact[] =>
        value === null ? [] : [{ response: per === "task" ? null : index, item, value }],
      ),
    ),
  }),
  scales: ({ attributes, min, max }) =>
    attributes.map(({ id, label }) => ({
      by: "points",
      attribute: id,
      label,
      points: Array.from({ length: max - min + 1 }, (_, step) => min + step),
    })),
  change(before, after) {
    if (before.per !== after.per) return `is asked per ${before.per} and cannot be asked per ${after.per}`;
    if (before.min !== after.min || before.max !== after.max)
      return `runs from ${before.min} to ${before.max} and cannot run from ${after.min} to ${after.max}`;
    return removed(
      "attribute",
      before.attributes.map(({ id }) => id),
      after.attributes.map(({ id }) => id),
    );
  },
  general: false,
  accepts: () => true,
  texts: () => [],
  judging: {
    ask({ per, attributes, min, max }, k) {
      const count = per === "task" ? 1 : k;
      const scale = `from ${min} (worst) to ${max} (best)`;
      const [only] = attributes;
      if (count === 1 && attributes.length === 1 && max <= 9)
        return {
          task: `Rate ${only.label} with a whole number ${scale}.`,
          labels: Array.from({ length: max - min + 1 }, (_, step) => ({
            label: String(min + step),
            means: `${only.label} is ${min + step}`,
            answer: { type: "rating", values: { [only.id]: [min + step] } },
          })),
        };
      const letters = lettersOf(count);
      const named = attributes.map(({ id, label }) => `${id} (${label})`).join(", ");
      const ofOne = objectOf(
        Object.fromEntries(attributes.map(({ id }) => [id, { type: "integer", minimum: min, maximum: max }])),
      );
      const exampleOfOne = Object.fromEntries(attributes.map(({ id }) => [id, max]));
      return {
        task: `Rate ${per === "task" ? "the whole" : "each response"}, with a whole number ${scale} each: ${named}.`,
        schema:
          per === "task" ? ofOne : objectOf(Object.fromEntries(letters.map((letter) => [letter, ofOne]))),
        example:
          per === "task" ? exampleOfOne : Object.fromEntries(letters.map((letter) => [letter, exampleOfOne])),
        read(verdict) {
          const number = z.number().int().min(min).max(max);
          const shape = z.object(Object.fromEntries(attributes.map(({ id }) => [id, number])));
          const wrapped = per === "task" ? { A: verdict } : verdict;
          const { data } = z
            .object(Object.fromEntries(letters.map((letter) => [letter, shape])))
            .safeParse(wrapped);
          if (!data) return null;
          return {
            type: "rating",
            values: Object.fromEntries(
              attributes.map(({ id }) => [id, letters.map((letter) => data[letter][id])]),
            ),
          };
        },
      };
    },
    settle({ attributes }, orders) {
      const all = orders.flat();
      const mean = (id: string, place: number) => {
        const given = all.flatMap(({ values }) => values[id]?.[place] ?? []);
        return given.length > 0
          ? Math.round(given.reduce((sum, each) => sum + each, 0) / given.length)
          : null;
      };
      return {
        type: "rating",
        values: Object.fromEntries(
          attributes.map(({ id }) => [id, (all[0].values[id] ?? []).map((_, place) => mean(id, place))]),
        ),
      };
    },
  },
};

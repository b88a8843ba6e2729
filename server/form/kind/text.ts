import { z } from "zod";
import { messageSchema } from "../../../db/shape/content";
import { type Kind, optionSchema, questionBase, removed, valuesOf } from "./kind";

/** Free text: a rationale, a critique, or a demonstration (the reply the rater would have written). */
const question = questionBase.extend({
  type: z.literal("text"),
  purpose: z.enum(["rationale", "critique", "demonstration", "comment"]).default("rationale"),
  /** Reasons to tick beside the text. */
  chips: z.array(optionSchema).max(20).default([]),
  minLength: z.number().int().min(0).max(10_000).default(0),
  maxLength: z.number().int().min(1).max(200_000).default(20_000),
});

const answer = z.object({
  type: z.literal("text"),
  text: z.string(),
  chips: z.array(z.string()).default([]),
  /** What a demonstration is that calls tools, thinks, or has several turns; `text` is how people read it. */
  turns: z.array(messageSchema).min(1).optional(),
});

export const text: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: () => true,
  problem(asked, given) {
    if (given.turns && asked.purpose !== "demonstration") return "only a demonstration has turns.";
    const length = given.text.trim().length;
    if (asked.required && length === 0 && given.chips.length === 0) return "write something.";
    if (length > 0 && length < asked.minLength) return `write at least ${asked.minLength} characters.`;
    if (given.text.length > asked.maxLength) return `write at most ${asked.maxLength} characters.`;
    const unknown = given.chips.find((chip) => !asked.chips.some((option) => option.value === chip));
    return unknown !== undefined ? `"${unknown}" is not one of the reasons.` : null;
  },
  permute: (_, given) => given,
  facts: (_, { chips }) => ({
    preferences: [],
    marks: chips.map((item) => ({ response: null, item, value: 1 })),
  }),
  scales: () => [],
  change(before, after) {
    if (before.purpose !== after.purpose)
      return `is a ${before.purpose} and cannot become a ${after.purpose}`;
    return removed("reason", valuesOf(before.chips), valuesOf(after.chips));
  },
  general: true,
  accepts: (own, other) => own.maxLength >= other.maxLength && own.minLength === 0,
  texts: (given) => [given.text],
  replies: ({ purpose }, given) =>
    purpose === "demonstration" && given.text.trim()
      ? [{ origin: "demonstration", text: given.text, ...(given.turns ? { turns: given.turns } : {}) }]
      : [],
  reason: ({ purpose }, given) => (purpose === "rationale" ? given.text.trim() || null : null),
};

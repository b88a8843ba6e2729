import { z } from "zod";
import { type Kind, noFacts, questionBase } from "./kind";

/** Rewrite one or more of the responses. */
const question = questionBase.extend({ type: z.literal("edit") });

const answer = z.object({
  type: z.literal("edit"),
  /** The rewritten text of each response, null where it was left as it is. */
  texts: z.array(z.string().nullable()),
});

export const edit: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: (_, k) => k > 0,
  problem({ required }, { texts }, k) {
    if (texts.length !== k) return `give ${k} texts, null where a response is left as it is.`;
    if (texts.some((text) => text !== null && text.trim() === "")) return "an edited response is empty.";
    return required && texts.every((text) => text === null) ? "edit a response." : null;
  },
  permute: (_, given, { place }) => ({ ...given, texts: place(given.texts) }),
  facts: () => noFacts,
  scales: () => [],
  change: () => null,
  general: true,
  accepts: () => true,
  texts: ({ texts }) => texts.filter((text) => text !== null),
  replies: (_, { texts }) => texts.flatMap((text) => (text ? [{ origin: "edit", text }] : [])),
};

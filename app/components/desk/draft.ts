import { z } from "zod";
import { ranking } from "@/server/form/kind/ranking";
import { answerSchema } from "@/server/form/schema";

/** In a draft a response that is not ranked yet has rank 0. */
const draftRanking = ranking.answer.extend({ ranks: z.array(z.number().int().min(0)) });

/** Work on a task that is not submitted: kept in the browser, so that a reload loses no word. */
export const draftSchema = z.object({
  answers: z.record(z.string(), z.union([answerSchema, draftRanking])),
  flagReason: z.string().nullable(),
  /** Times in milliseconds since 1970. */
  shownAt: z.number().nullable(),
  firstDecisionAt: z.number().nullable(),
  /** How long the task has been in view. */
  visibleMs: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

export const emptyDraft: Draft = {
  answers: {},
  flagReason: null,
  shownAt: null,
  firstDecisionAt: null,
  visibleMs: 0,
};

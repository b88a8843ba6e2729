import { z } from "zod";
import { answerSchema, questionTypes } from "@/server/form/schema";
import { componentOf } from "../question";

const unfinished = questionTypes.flatMap((type) => componentOf(type).draft ?? []);

/** Work on a task that is not submitted: kept in the browser, so that a reload loses no word. */
export const draftSchema = z.object({
  answers: z.record(z.string(), z.union([answerSchema, ...unfinished])),
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

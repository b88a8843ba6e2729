import { z } from "zod";
import { toShown } from "@/server/form/answers";
import { answerSchema, type Question, questionTypes } from "@/server/form/schema";
import { componentOf } from "../question";
import { looksSchema, withoutResponses } from "./in-view";

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
  /** What has been on the screen; absent in what an older version kept. */
  looks: looksSchema.default({}),
});
export type Draft = z.infer<typeof draftSchema>;

/** A draft as the browser keeps it. */
export const keptDraftSchema = z.object({
  draft: draftSchema,
  /** Goes with the judgement that this draft becomes, also when it is sent again after a reload. */
  idempotencyKey: z.string(),
  /** Of the lease that was on the screen: another one of the same seat has another order of the responses. */
  leasedAt: z.string().nullish(),
});
export type KeptDraft = z.infer<typeof keptDraftSchema>;

export const emptyDraft: Draft = {
  answers: {},
  flagReason: null,
  shownAt: null,
  firstDecisionAt: null,
  visibleMs: 0,
  looks: {},
};

/**
 * What of a draft holds on a screen that may show the `k` responses in another order: words and choices about the task
 * as a whole. What names A or B is asked again. The orders that are drawn are turns and mirrorings of each other.
 */
export function withoutPlaces(draft: Draft, questions: readonly Question[], k: number): Draft {
  const places = [...Array(k).keys()];
  const orders = [places.toReversed(), places.map((place) => (place + 1) % k)];
  const moved = orders.map((order) => toShown(questions, draft.answers, order));
  const same = Object.entries(draft.answers).filter(([id, answer]) =>
    moved.every((answers) => JSON.stringify(answers[id]) === JSON.stringify(answer)),
  );
  return { ...draft, answers: Object.fromEntries(same), looks: withoutResponses(draft.looks) };
}

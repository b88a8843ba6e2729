import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { inViewSchema, visibleMsSchema } from "../../db/shape/judgement";
import { answersSchema } from "../form/schema";

/** A turn of a conversation with two speakers, who may be one model that is asked twice. */
export const askedTurnSchema = z.object({
  modelIds: z.array(z.uuid()).length(2),
  /** What each speaker answers, in the places of the screen. Equal ones make a comparison; sides are then drawn anew. */
  conversations: z.array(z.array(messageSchema).min(1)).length(2),
  /** The turn before: speakers with conversations of their own keep its places. */
  after: z.uuid().nullable(),
  /** Whether the names stand beside the replies from the beginning. */
  named: z.boolean(),
  maxTokens: z.int().positive(),
  /** 0: the likeliest token each time. */
  temperature: z.number().nonnegative(),
  seed: z.int().nonnegative(),
});
export type AskedTurn = z.infer<typeof askedTurnSchema>;

export const begunTurnSchema = z.object({
  turnId: z.uuid(),
  /** In the places of the screen. */
  callIds: z.array(z.uuid()),
});

export const byTurn = z.object({ turnId: z.uuid() });

/** Who stands in which place. */
export const namesSchema = z.array(z.string());

export const judgedTurnSchema = byTurn.extend({
  /** The conversation that both replies answer. */
  messages: z.array(messageSchema).min(1),
  /** In the places of the screen. */
  replies: z.array(z.string()).length(2),
  /** To those questions of the project's form that compare two responses. */
  answers: answersSchema,
  /** How much of each text the screen showed, and for how long, once both replies were there; in the places of the screen. */
  inView: inViewSchema.optional(),
  /** For how long the replies could be judged while the page was in front. */
  visibleMs: visibleMsSchema.optional(),
});
export type JudgedTurn = z.infer<typeof judgedTurnSchema>;

export const storedTurnSchema = z.object({
  annotationId: z.uuid(),
  /** One that was not is kept and left out, as if a reviewer had excluded it. */
  blind: z.boolean(),
});

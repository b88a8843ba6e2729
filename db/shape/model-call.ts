import { z } from "zod";
import { messageSchema } from "./content";

/** What a program asks of a registered model, and what it is answered, piece by piece. */

/** As text, which the model's tokenizer reads with its special tokens, or as the ids themselves. */
const writtenSchema = z.union([z.string(), z.array(z.int().nonnegative()).min(1)]);

export const callRequestSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("write"),
    /** Conversations are rendered by the model's chat template. */
    prompts: z.array(z.union([writtenSchema, z.array(messageSchema).min(1)])).min(1),
    /** Continuations of each prompt. */
    samples: z.int().positive(),
    /** 0: the prompt alone is read. */
    maxTokens: z.int().nonnegative(),
    /** 0: the likeliest token each time. */
    temperature: z.number().nonnegative(),
    topP: z.number().positive().max(1),
    seed: z.int().nonnegative(),
    stop: z.array(z.string().min(1)),
    /** Alternatives told at each token; null: no log-probabilities. */
    logprobs: z.int().nonnegative().nullable(),
    /** Whether the prompt is told, too, with the log-probabilities of its tokens where these are asked for. */
    echo: z.boolean(),
    /** A JSON schema that continuations keep to: as text, since a stored object's keys come in another order. */
    schema: z.string().min(1).optional(),
  }),
  z.object({ kind: z.literal("embed"), texts: z.array(z.string()).min(1) }),
]);
export type CallRequest = z.infer<typeof callRequestSchema>;

const bytes = z.array(z.int());

/** Natural logarithms, under the model itself: before temperature and filters. */
const toldTokenSchema = z.object({
  id: z.int(),
  /** UTF-8, which a token may cut within a character. */
  bytes,
  /** Null for the first of all, which nothing precedes. */
  logp: z.number().nullable(),
  /** The likeliest in its place, best first. */
  top: z.array(z.object({ id: z.int(), bytes, logp: z.number() })),
});
export type ToldToken = z.infer<typeof toldTokenSchema>;

const callPieceSchema = z.discriminatedUnion("kind", [
  /** A prompt was read. `text` and `tokens` where it is to be told. */
  z.object({
    kind: z.literal("read"),
    prompt: z.int(),
    count: z.int(),
    text: z.string().optional(),
    tokens: z.array(toldTokenSchema).optional(),
  }),
  z.object({
    kind: z.literal("text"),
    prompt: z.int(),
    sample: z.int(),
    /** Tokens of the continuation so far. */
    count: z.int(),
    text: z.string(),
    tokens: z.array(toldTokenSchema).optional(),
  }),
  z.object({
    kind: z.literal("end"),
    prompt: z.int(),
    sample: z.int(),
    finish: z.enum(["stop", "length"]),
    count: z.int(),
  }),
  /** Of length 1: the mean of the last hidden states of a text's tokens. */
  z.object({ kind: z.literal("embedding"), prompt: z.int(), count: z.int(), values: z.array(z.number()) }),
]);
export type CallPiece = z.infer<typeof callPieceSchema>;

export const callStatuses = ["queued", "running", "done", "failed", "cancelled"] as const;

/** Why there is no answer, and whether the fault is the request's own. */
export interface CallError {
  message: string;
  expected: boolean;
}

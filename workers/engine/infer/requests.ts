import { z } from "zod";
import { templateInputs, text } from "../tokenize/examples";

/** What can be asked of a loaded model, as text; one shape for the command lines, the child process and its parent. */

export const promptShape = z.object({ prompt: text, ...templateInputs });
const answersShape = z.object({
  prompt: text.optional(),
  responses: z.array(text).min(1),
  ...templateInputs,
});
/** A context as it stands, without the model's chat template, and what may continue it. */
const continuationsShape = z.object({ context: z.string(), continuations: z.array(z.string()).min(1) });

/** Defaults: transformers' for sampling, greedy unless asked. */
export const generationShape = z.object({
  max_new_tokens: z.int().positive().default(256),
  do_sample: z.boolean().default(false),
  temperature: z.number().positive().default(1),
  top_k: z.int().nonnegative().default(0),
  top_p: z.number().positive().max(1).default(1),
  num_return_sequences: z.int().positive().default(1),
  /** Texts that end an answer and are cut off. */
  stop_strings: z.array(z.string().min(1)).default([]),
  seed: z.int().nonnegative().default(42),
  batch_size: z.int().positive().default(8),
});

/** One prompt, whose continuations are told token by token. */
export const writeShape = z.object({
  kind: z.literal("write"),
  /** Or its token ids. */
  prompt: z.union([text, z.object({ ids: z.array(z.int().nonnegative()).min(1) })]),
  ...templateInputs,
  /** With a max_new_tokens of 0 the prompt alone is read. */
  options: generationShape.extend({ max_new_tokens: z.int().nonnegative() }),
  /** The likeliest tokens that are told at each place; null: no log-probabilities. */
  top: z.int().min(0).max(20).nullable().default(null),
  /** Whether the prompt is told, too. */
  echo: z.boolean().default(false),
  /** A JSON schema, as text, that continuations keep to. */
  schema: z.string().nullable().default(null),
});

export const requestShape = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("generate"), rows: z.array(promptShape), options: generationShape }),
  z.object({ kind: z.literal("score"), rows: z.array(answersShape) }),
  z.object({ kind: z.literal("logprobs"), rows: z.array(answersShape) }),
  z.object({ kind: z.literal("continuations"), rows: z.array(continuationsShape) }),
  z.object({
    kind: z.literal("embed"),
    rows: z.array(text),
    /** Tokens of a text that are read, a longer one is cut; absent: one that does not fit the model is dropped. */
    most: z.int().positive().optional(),
  }),
]);

/** A row that could not be answered, and why. */
const droppedShape = z.object({ kind: z.literal("dropped"), row: z.int(), reason: z.string() });

export const answerShape = z.discriminatedUnion("kind", [
  droppedShape,
  z.object({
    kind: z.literal("generated"),
    row: z.int(),
    sample: z.int(),
    completion: z.string(),
    tokens: z.int(),
    /** Sum of the tokens' log-probabilities under the model itself. */
    logp: z.number(),
    finish: z.enum(["stop", "length"]),
  }),
  z.object({ kind: z.literal("scored"), row: z.int(), rewards: z.array(z.number()) }),
  z.object({
    kind: z.literal("measured"),
    row: z.int(),
    /** For each response its tokens' ids, texts and log-probabilities. */
    responses: z.array(z.object({ ids: z.array(z.int()), logps: z.array(z.number()) })),
  }),
  z.object({
    kind: z.literal("continued"),
    row: z.int(),
    /** Of each continuation: its tokens, the sum of their log-probabilities in nats, whether each is the likeliest one. */
    continuations: z.array(z.object({ tokens: z.int(), sum: z.number(), greedy: z.boolean() })),
  }),
  z.object({ kind: z.literal("embedded"), row: z.int(), tokens: z.int(), embedding: z.array(z.number()) }),
]);

const bytes = z.array(z.int());
const toldShape = z.object({
  id: z.int(),
  /** UTF-8, which a token may cut within a character. */
  bytes,
  /** Under the model itself, before temperature and filters; null for a first token, which nothing predicts. */
  logp: z.number().nullable(),
  /** Best first. */
  top: z.array(z.object({ id: z.int(), bytes, logp: z.number() })),
});

/** What is told of one prompt's continuations. */
export const writtenShape = z.discriminatedUnion("kind", [
  /** A prompt was read: how long it is, how much of it was known before and, for an echo, its text and tokens. */
  z.object({
    kind: z.literal("read"),
    count: z.int(),
    known: z.int(),
    text: z.string().optional(),
    tokens: z.array(toldShape).optional(),
  }),
  /** More of a continuation. Text that a stop string or a next byte may still change is held back. */
  z.object({
    kind: z.literal("text"),
    sample: z.int(),
    /** Tokens of the continuation so far. */
    count: z.int(),
    text: z.string(),
    tokens: z.array(toldShape).optional(),
  }),
  z.object({ kind: z.literal("end"), sample: z.int(), count: z.int(), finish: z.enum(["stop", "length"]) }),
]);

export type PromptRow = z.infer<typeof promptShape>;
export type ContinuationsRow = z.infer<typeof continuationsShape>;
export type AnswersRow = z.infer<typeof answersShape>;
export type WriteRequest = z.infer<typeof writeShape>;
export type AskedToWrite = z.input<typeof writeShape>;
export type Written = z.infer<typeof writtenShape>;
export type ToldToken = z.infer<typeof toldShape>;
export type GenerationSettings = z.infer<typeof generationShape>;
export type InferenceRequest = z.infer<typeof requestShape>;
/** A request as it is written: tools may be JSON, as in a row to train on. */
export type WrittenRequest = z.input<typeof requestShape>;
export type InferenceAnswer = z.infer<typeof answerShape>;

import { z } from "zod";

/** Whose way of talking an endpoint has. */
export const endpointKinds = ["openai-compatible", "anthropic", "google", "azure", "bedrock"] as const;
export type EndpointKind = (typeof endpointKinds)[number];

/** What a model can do besides writing text, as a probe found it or as its engine says. */
export const capabilitiesSchema = z.object({
  /** How many alternatives it tells the log-probability of at each token it writes; 0: none. */
  logprobs: z.number().int(),
  /** Keeps to a JSON schema. */
  schema: z.boolean(),
  /** Calls tools. */
  tools: z.boolean(),
  /** Takes a turn of the system. */
  system: z.boolean(),
  /** False: it draws at a temperature of its own, whatever is asked for. Absent: nobody has found out. */
  temperature: z.boolean().optional(),
  /** Tells the log-probability of given continuations. */
  continuations: z.boolean(),
  /** Gives a reward to a response. */
  rewards: z.boolean(),
  /** Turns texts into vectors. */
  embeddings: z.boolean(),
  /** Tokens of prompt and response together; null: it does not say. */
  context: z.number().int().nullable(),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/**
 * Why there is no more: `stop` it was done, `length` the asked for tokens or the context were reached, `refused` the
 * model declined, `filtered` its provider withheld the reply, `tool` it calls tools, `error` it broke off.
 */
const finishReasons = ["stop", "length", "refused", "filtered", "tool", "error"] as const;
export type FinishReason = (typeof finishReasons)[number];

const tokens = z.number().int().nullable();
const usageSchema = z.object({
  /** All of the prompt, the cached included. */
  input: tokens,
  cached: tokens,
  /** All that was written, reasoning included. */
  output: tokens,
});
/** Tokens. Null: not told. */
export type Usage = z.infer<typeof usageSchema>;

const tokenLogprobSchema = z.object({
  token: z.string(),
  logprob: z.number(),
  /** The likeliest, best first; the token itself only where it is one of them. */
  top: z.array(z.object({ token: z.string(), logprob: z.number() })),
});
/** Natural logarithms. */
export type TokenLogprob = z.infer<typeof tokenLogprobSchema>;

const toolCallSchema = z.object({
  name: z.string(),
  /** JSON as it was written, which may be cut. */
  arguments: z.string(),
});
export type ToolCall = z.infer<typeof toolCallSchema>;

/** A reply that arrived whole, as it is kept. */
export const replySchema = z.object({
  text: z.string(),
  /** What it thought before, apart from the text. */
  reasoning: z.string(),
  finishReason: z.enum(finishReasons),
  usage: usageSchema,
  /** The model that answered, by its own account; null: it did not say. */
  model: z.string().nullable(),
  /** The provider's mark of weights and settings; null: none. */
  fingerprint: z.string().nullable(),
  /** One a token of the text, where they were asked for and told. */
  logprobs: z.array(tokenLogprobSchema).optional(),
  toolCalls: z.array(toolCallSchema).optional(),
  /** What of the request its provider does not take, so that it was left out: `temperature`, `seed`. */
  ignored: z.array(z.string()).optional(),
});
export type Reply = z.infer<typeof replySchema>;

/** How an attempt ended: `unknown` nobody saw its end, so that it may have been charged. */
export const attemptOutcomes = ["answered", "failed", "unknown"] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

import { z } from "zod";

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

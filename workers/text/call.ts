import { createHash } from "node:crypto";
import type { Reply } from "../../db/shape/endpoint";
import type { GenerateRequest } from "./model";

/** A question to a model. The same question of the same asker is the same call, and is paid for once. */
export interface Call {
  /** Who asks, with all that decides how: a judge's version, a benchmark's template. */
  version: string;
  /** What it is about. */
  item: string;
  /** In which order things are shown; "" where there is one. */
  order: string;
  /** Which of several replies to the same. */
  sample: number;
  request: Omit<GenerateRequest, "signal">;
}

export type Settled<C extends Call> =
  /** `stored`: the reply was there before. */
  | { call: C; reply: Reply; stored: boolean }
  /** Why there is no reply, as a sentence. In another round it is asked for again. */
  | { call: C; failure: string };

/** What a call is known by: all that could make its reply another one. */
export function keyOf(model: string, { version, item, order, sample, request }: Call): string {
  const { messages, maxTokens, temperature, topP, seed, stop, schema, tools, toolChoice, logprobs } = request;
  const asked = [messages, maxTokens, temperature, topP, seed, stop, schema, tools, toolChoice, logprobs];
  return createHash("sha256")
    .update(JSON.stringify([model, version, item, order, sample, asked]))
    .digest("hex");
}

/** Reading with a past: tokens that the prefix cache knows are not read again. */

import type { TensorData } from "../graph/session";
import { type Packed, pack, vector } from "../rows/packing";
import { headGraph, readGraph, scoredGraph } from "./generate-graphs";
import { floats, type Inference } from "./inference";
import { joined, type Past, pastFeeds } from "./past";

interface PromptRead {
  /** Last hidden states: of all tokens, or of the last one. */
  readonly states: Float32Array;
  /** Of the prompt and what precedes every text. */
  readonly past: Past;
  /** Tokens of the prompt that were known before. */
  readonly known: number;
}

/** Reads a prompt and keeps its past. No states are known of what is not read: for those of `all` tokens it is read whole. */
export async function readPrompt(
  inference: Inference,
  ids: readonly number[],
  states: "all" | "last" = "last",
): Promise<PromptRead> {
  // The last token is always read: what it leads to is asked for.
  const { past, known } = inference.cache.find(states === "all" ? [] : ids.slice(0, -1));
  const rest = ids.slice(known);
  const packed = pack([{ prompt: rest, responses: [] }], { firstPosition: past.tokens });
  const wanted = states === "all" ? [...rest.keys()] : [rest.length - 1];
  const read = await readAfter(inference, past, packed, vector(wanted));
  const whole = extended(inference, past, read.own, rest.length);
  inference.cache.keep(ids, whole);
  return { states: read.states, past: whole, known };
}

/** Reads one packed row after a past: the states of the tokens `wanted`, and what is to be remembered of all of them. */
export async function readAfter(
  inference: Inference,
  past: Past,
  { feeds, tokens }: Packed,
  wanted: TensorData,
): Promise<{ states: Float32Array; own: Past }> {
  const { states, keys, values } = await inference.run("read", readGraph, {
    ...feeds,
    ...pastFeeds(inference.config, past),
    wanted,
  });
  return { states: floats(states), own: { keys: floats(keys), values: floats(values), tokens } };
}

/** A past and, after it, the first `count` tokens of another. */
export const extended = ({ config }: Inference, past: Past, next: Past, count: number): Past =>
  joined(config, [
    { past, start: 0, end: past.tokens },
    { past: next, start: 0, end: count },
  ]);

/** Logits of last hidden states [states, hidden]: [states, vocabulary]. */
export async function logitsOf(inference: Inference, states: Float32Array): Promise<Float32Array> {
  const { hidden_size } = inference.config;
  const dims = [states.length / hidden_size, hidden_size];
  const { logits } = await inference.run("head", headGraph, { states: { data: states, dims } });
  return floats(logits);
}

/** States whose logits are made at once: those of a long text would take gigabytes. */
const statesAtOnce = 128;

/** Log-probabilities (nats) of the tokens `ids` that follow states [states, hidden], and 1 where they are the most probable ones. */
export async function scoresOf(
  inference: Inference,
  states: Float32Array,
  ids: TensorData["data"],
): Promise<{ logps: Float32Array; greedy: Float32Array }> {
  const { hidden_size } = inference.config;
  const [logps, greedy] = [new Float32Array(ids.length), new Float32Array(ids.length)];
  for (let start = 0; start < ids.length; start += statesAtOnce) {
    const end = Math.min(start + statesAtOnce, ids.length);
    const found = await inference.run("scored", scoredGraph, {
      states: {
        data: states.subarray(start * hidden_size, end * hidden_size),
        dims: [end - start, hidden_size],
      },
      ids: { data: ids.slice(start, end), dims: [end - start] },
    });
    logps.set(floats(found.logp), start);
    greedy.set(floats(found.greedy), start);
  }
  return { logps, greedy };
}

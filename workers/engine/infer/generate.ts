import { EngineError } from "../errors";
import type { ModelConfig } from "../model/config";
import { seeded } from "../random";
import { vector } from "../rows/packing";
import { stepGraph, visibleSlots } from "./generate-graphs";
import type { Held } from "./held";
import { floats, type Inference } from "./inference";
import { KeyValueCache } from "./kv-cache";
import type { Past } from "./past";
import { logitsOf, readPrompt } from "./read";
import { pickToken, type SamplingOptions } from "./sampling";

/** transformers' names. */
export interface GenerationOptions extends SamplingOptions {
  readonly max_new_tokens: number;
  /** Continuations of each prompt. */
  readonly num_return_sequences: number;
  readonly seed: number;
  /** Sequences that advance together. */
  readonly batch_size: number;
  /** Tokens that end a sequence and are not part of it. */
  readonly stopIds: readonly number[];
  /** Asked after every token, e.g. for stop strings; a true answer ends the sequence. */
  readonly shouldStop?: (ids: readonly number[]) => boolean;
  /** What each sequence keeps to. */
  readonly held?: Held | null;
  /** Whether a prompt's hidden states are wanted, to score it. */
  readonly states?: boolean;
}

export interface Generated {
  /** Index of the prompt, and of the continuation among those of this prompt. */
  readonly prompt: number;
  readonly sample: number;
  readonly ids: number[];
  /** Log-probability of each token under the model itself, before temperature and filters. */
  readonly logps: number[];
  readonly finish: "stop" | "length";
}

/** What happens while prompts are continued. */
export type Step =
  /** A prompt was read, but for `known` tokens at its beginning; `states` are its tokens' last hidden states, where they were asked for. */
  | {
      readonly kind: "read";
      readonly prompt: number;
      readonly known: number;
      readonly states: Float32Array | null;
    }
  /** A token was picked from `logits`. Those that end a sequence are not told. */
  | {
      readonly kind: "token";
      readonly prompt: number;
      readonly sample: number;
      readonly id: number;
      readonly logp: number;
      readonly logits: Float32Array;
    }
  | { readonly kind: "end"; readonly result: Generated };

/**
 * Continues prompts, each result as soon as it is complete.
 * @throws EngineError for a prompt that is empty or leaves no room for an answer.
 */
export async function* generate(
  inference: Inference,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions,
): AsyncGenerator<Generated> {
  for await (const step of generateSteps(inference, prompts, options))
    if (step.kind === "end") yield step.result;
}

/**
 * Continues prompts, told token by token. A row of the batch that ends takes the next prompt at once. Every
 * continuation draws from its own stream, so results do not depend on `batch_size`.
 * @throws EngineError for a prompt that is empty or leaves no room for an answer.
 */
export async function* generateSteps(
  inference: Inference,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions,
): AsyncGenerator<Step> {
  for (const [index, prompt] of prompts.entries()) checkPrompt(inference, prompt, index);
  const rows = Math.min(options.batch_size, prompts.length * options.num_return_sequences);
  const cache = new KeyValueCache(inference.config, rows);
  const active: (Sequence | null)[] = Array.from({ length: rows }, () => null);
  const steps: Step[] = [];
  const tell = (step: Step) => void steps.push(step);
  const waiting = start(inference, prompts, options, tell);
  let exhausted = false;
  for (;;) {
    for (let row = 0; row < rows; row++) {
      while (!exhausted && active[row] === null) {
        const next = await waiting.next();
        yield* steps.splice(0);
        if (next.done) {
          exhausted = true;
        } else if (next.value.sequence.finish) {
          yield { kind: "end", result: result(next.value.sequence, next.value.sequence.finish) };
        } else {
          active[row] = next.value.sequence;
          restore(cache, row, next.value.past, inference.config);
        }
      }
    }
    if (active.every((sequence) => sequence === null)) return;
    await step(inference, cache, active, options, tell);
    yield* steps.splice(0);
    for (const [row, sequence] of active.entries()) {
      if (!sequence?.finish) continue;
      active[row] = null;
      yield { kind: "end", result: result(sequence, sequence.finish) };
    }
  }
}

interface Sequence {
  readonly prompt: number;
  readonly sample: number;
  readonly ids: number[];
  readonly logps: number[];
  readonly random: ReturnType<typeof seeded>;
  /** Position of the token that was picked last. */
  position: number;
  /** Where it stands in what it is held to. */
  state: number;
  finish: Generated["finish"] | null;
}

function result({ prompt, sample, ids, logps }: Sequence, finish: Generated["finish"]): Generated {
  return { prompt, sample, ids, logps, finish };
}

/** Reads each prompt once and picks the first token of each of its continuations. */
async function* start(
  inference: Inference,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions,
  tell: (step: Step) => void,
) {
  const { config, virtualTokens } = inference;
  for (const [prompt, ids] of prompts.entries()) {
    const { states, past, known } = await readPrompt(inference, ids, options.states ? "all" : "last");
    tell({ kind: "read", prompt, known, states: options.states ? states : null });
    const logits = await logitsOf(inference, states.subarray(-config.hidden_size));
    for (let sample = 0; sample < options.num_return_sequences; sample++) {
      const random = seeded(options.seed, "generate", prompt, sample);
      const sequence: Sequence = {
        prompt,
        sample,
        ids: [],
        logps: [],
        random,
        position: virtualTokens + ids.length - 1,
        state: options.held?.start ?? 0,
        finish: null,
      };
      append(sequence, logits, options, config, tell);
      yield { sequence, past };
    }
  }
}

/** Advances every active row by one token. */
async function step(
  inference: Inference,
  cache: KeyValueCache,
  active: readonly (Sequence | null)[],
  options: GenerationOptions,
  tell: (step: Step) => void,
): Promise<void> {
  const { config } = inference;
  const rows = active.length;
  const positions = active.map((sequence) => sequence?.position ?? 0);
  cache.reserve(Math.max(...positions));
  const feeds = {
    ids: vector(active.map((sequence) => sequence?.ids.at(-1) ?? 0)),
    positions: vector(positions),
    full_attention: visibleSlots(positions, cache.slots, null),
    sliding_attention: visibleSlots(positions, cache.slots, config.sliding_window),
    ...cache.feeds(),
  };
  const { logits, keys, values } = await inference.run("step", stepGraph, feeds);
  const size = config.num_key_value_heads * config.head_dim;
  cache.reserve(Math.max(...positions) + 1);
  for (const [row, sequence] of active.entries()) {
    if (!sequence) continue;
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      cache.write(layer, row, sequence.position, floats(keys), floats(values), (layer * rows + row) * size);
    }
    append(
      sequence,
      floats(logits).subarray(row * config.vocab_size, (row + 1) * config.vocab_size),
      options,
      config,
      tell,
    );
  }
}

/** Picks the next token and notices the end. */
function append(
  sequence: Sequence,
  logits: Float32Array,
  options: GenerationOptions,
  config: ModelConfig,
  tell: (step: Step) => void,
): void {
  const { held } = options;
  const token = pickToken(
    held ? only(held.allowed(sequence.state), logits) : logits,
    options,
    sequence.random,
  );
  sequence.position++;
  if (options.stopIds.includes(token)) {
    sequence.finish = "stop";
    return;
  }
  sequence.ids.push(token);
  const logp = logits[token] - logSumExp(logits);
  sequence.logps.push(logp);
  tell({ kind: "token", prompt: sequence.prompt, sample: sequence.sample, id: token, logp, logits });
  if (held) sequence.state = held.after(sequence.state, token);
  if (options.shouldStop?.(sequence.ids) || held?.isOver(sequence.state)) sequence.finish = "stop";
  else if (
    sequence.ids.length >= options.max_new_tokens ||
    sequence.position + 1 >= config.max_position_embeddings
  ) {
    sequence.finish = "length";
  }
}

/** Logits of the tokens that may come; of the others none. */
const only = (allowed: Uint8Array, logits: Float32Array) =>
  logits.map((logit, id) => (allowed[id] ? logit : Number.NEGATIVE_INFINITY));

/** Puts a prompt's keys and values into a row of the cache. */
function restore(
  cache: KeyValueCache,
  row: number,
  { keys, values, tokens }: Past,
  config: ModelConfig,
): void {
  const size = config.num_key_value_heads * config.head_dim;
  cache.reserve(tokens);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    for (let slot = 0; slot < tokens; slot++) {
      cache.write(layer, row, slot, keys, values, (layer * tokens + slot) * size);
    }
  }
}

function checkPrompt({ config, virtualTokens }: Inference, prompt: readonly number[], index: number): void {
  const room = config.max_position_embeddings - virtualTokens;
  if (prompt.length === 0) throw new EngineError(`Prompt ${index + 1} is empty.`);
  if (prompt.length >= room) {
    throw new EngineError(
      `Prompt ${index + 1} has ${prompt.length} tokens and leaves no room for an answer: this model reads at most ${room}.`,
    );
  }
}

/** log Σ exp of logits, in nats. */
export function logSumExp(logits: Float32Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > highest) highest = logit;
  let total = 0;
  for (const logit of logits) total += Math.exp(logit - highest);
  return highest + Math.log(total);
}

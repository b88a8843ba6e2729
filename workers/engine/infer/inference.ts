import { EngineError } from "../errors";
import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import { type Device, Session, type TensorData } from "../graph/session";
import { type Adapter, promptEmbeddings, readAdapter, scoreHead } from "../model/adapter/peft";
import { type Prefixes, prefixesOf, treeAttention } from "../model/attention";
import type { ModelConfig } from "../model/config";
import { decode, headOf } from "../model/decode";
import { type Model, openModel } from "../model/directory";
import { scoreTokens } from "../model/head";
import type { Weights } from "../model/network";
import { weightsOf } from "../model/weights";
import { batchInputs, type Packed, pack, rowsOf, targetsOf, vector } from "../rows/packing";
import { firstPast } from "./past";
import { PrefixCache } from "./prefix-cache";

/** A model, and perhaps its adapter, ready to answer; what is opened maps weights and costs little memory. */
export interface InferenceOptions {
  readonly model: Model;
  readonly adapter: Adapter | null;
  readonly device: Device;
  readonly threads?: number;
}

/**
 * Opens a model directory and, where given, a PEFT adapter for it; an adapter with a reward head makes it a reward model.
 * @throws EngineError naming what is missing or does not fit.
 */
export function openInference(
  directory: string,
  adapterDirectory: string | null = null,
  { device = "cpu", threads }: { device?: Device; threads?: number } = {},
): Inference {
  const model = openModel(directory);
  const adapter = adapterDirectory === null ? null : readAdapter(adapterDirectory, model.config);
  const isReward = adapter?.tensors.has(scoreHead) ?? false;
  return new Inference({ model: isReward ? openModel(directory, "score") : model, adapter, device, threads });
}

/** A prompt and responses that continue it, as token ids; a sequence on its own is the response to an empty prompt. */
export interface Responses {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** Rows a packed graph attends; 8 conversations give the matrix products enough tokens to run at full speed. */
export const rowsInRun = 8;
/** Tokens at which a run is closed: activations stay small and speed has long stopped growing. */
export const tokensInRun = 2048;
/** Pieces in which logits are computed, so that those of a whole run never exist at once. */
const logitChunks = 4;
/** What the prefix cache of an open model holds at most: 11,650 tokens of SmolLM2-135M, 1,365 of SmolLM2-1.7B. */
const CACHE_BYTES = 512 * 2 ** 20;

/**
 * Runs a model forward. Sequences are packed without padding and a prompt is computed once for all its
 * responses; results come in the order of the input.
 */
export class Inference {
  readonly config: ModelConfig;
  /** Virtual tokens that precede every sequence (prefix tuning). */
  readonly virtualTokens: number;
  /** Beginnings of texts that need not be read again. */
  readonly cache: PrefixCache;
  readonly #options: InferenceOptions;
  readonly #adapterFeeds: Readonly<Record<string, TensorData>>;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(options: InferenceOptions) {
    const { model, adapter } = options;
    this.#options = options;
    this.config = model.config;
    const first = firstPast(this.config, adapter);
    this.virtualTokens = first.tokens;
    this.cache = new PrefixCache(this.config, first, CACHE_BYTES);
    this.#adapterFeeds = Object.fromEntries(
      [...(adapter?.tensors ?? [])].map(([name, { shape, data }]) => [name, { data, dims: shape }]),
    );
  }

  /**
   * Log-probabilities (nats) of every response token given what precedes it: one list a response, one list of
   * those a prompt. Nothing predicts the first token of a response to an empty prompt: its list is one shorter.
   */
  async logProbabilities(rows: readonly Responses[]): Promise<Float32Array[][]> {
    return this.#inRuns(rows, logitChunks, async ({ feeds, places }) => {
      const { logp } = await this.run("logp", logProbabilityGraph, feeds);
      return places.map(({ response }) => floats(logp).slice(response.start, response.end));
    });
  }

  /**
   * Rewards: the score head's output at the last token of each response, one list a prompt. Tokens that
   * transformers would not pool (`pooledPosition`) are cut off beforehand.
   * @throws EngineError when the model has no score head.
   */
  async scores(rows: readonly Responses[]): Promise<number[][]> {
    if (this.config.head !== "score") {
      throw new EngineError(
        `${this.#options.model.dir} is no reward model: neither it nor its adapter has a score head.`,
      );
    }
    return this.#inRuns(rows, 1, async ({ feeds, places }, run) => {
      const lengths = run.flatMap(({ responses }) => responses.map(({ length }) => length));
      const ends = places.map(({ promptStart, promptLength, responseStart }, index) =>
        lengths[index] > 0 ? responseStart + lengths[index] - 1 : promptStart + promptLength - 1,
      );
      const { score } = await this.run("score", scoreGraph, { ...feeds, ends: vector(ends) });
      return [...floats(score)];
    });
  }

  /** Mean over a sequence's tokens of the last hidden states, after the final norm: [hidden] for each. */
  async embeddings(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const rows = sequences.map((sequence) => ({ prompt: [], responses: [sequence] }));
    const found = await this.#inRuns(rows, 1, async ({ feeds, places }, run) => {
      const tokens = feeds.ids.data.length;
      const pool = new Float32Array(rowsInRun * tokens);
      for (const [row, { responseStart }] of places.entries()) {
        const { length } = run[row].responses[0];
        pool.fill(1 / length, row * tokens + responseStart, row * tokens + responseStart + length);
      }
      const { mean } = await this.run("mean", embeddingGraph, {
        ...feeds,
        pool: { data: pool, dims: [rowsInRun, tokens] },
      });
      const size = this.config.hidden_size;
      return places.map((_, row) => floats(mean).slice(row * size, (row + 1) * size));
    });
    return found.flat();
  }

  /** Runs a graph that is built and opened the first time its name is used. */
  async run(
    name: string,
    graph: (weights: Weights, config: ModelConfig, prefixes: Prefixes) => Record<string, Value>,
    feeds: Readonly<Record<string, TensorData>>,
  ): Promise<Record<string, TensorData>> {
    const { model, adapter, device, threads } = this.#options;
    let session = this.#sessions.get(name);
    if (!session) {
      const own = [promptEmbeddings, scoreHead].flatMap((tensor) => {
        const shape = adapter?.tensors.get(tensor)?.shape;
        return shape ? [[tensor, shape] as const] : [];
      });
      const weights = weightsOf(model, new Map(own), adapter);
      const prefixes =
        this.virtualTokens > 0 ? prefixesOf(this.config, weights.parameter(promptEmbeddings)) : [];
      session = Session.open(graph(weights, this.config, prefixes), { device, threads });
      this.#sessions.set(name, session);
    }
    return (await session).run({ ...feeds, ...this.#adapterFeeds });
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  /** Cuts the rows into runs of several prompts; what a run finds for its responses is regrouped by prompt. */
  async #inRuns<Result>(
    rows: readonly Responses[],
    chunks: number,
    each: (packed: Packed, run: readonly Responses[]) => Promise<Result[]>,
  ): Promise<Result[][]> {
    for (const [index, row] of rows.entries()) this.#refuseUnreadable(row, index);
    const results: Result[][] = [];
    for (let start = 0, end = 0; start < rows.length; start = end) {
      let tokens = lengthOf(rows[end++]);
      while (end < rows.length && end - start < rowsInRun && tokens + lengthOf(rows[end]) <= tokensInRun) {
        tokens += lengthOf(rows[end++]);
      }
      const run = rows.slice(start, end);
      const trees = run.map(({ prompt, responses }) => ({
        prompt,
        responses: responses.map((ids) => ({ ids })),
      }));
      const packed = pack(trees, { chunks, rows: rowsInRun, firstPosition: this.virtualTokens });
      const found = await each(packed, run);
      let next = 0;
      for (const { responses } of run) results.push(responses.map(() => found[next++]));
    }
    return results;
  }

  #refuseUnreadable({ prompt, responses }: Responses, index: number): void {
    const room = this.config.max_position_embeddings - this.virtualTokens;
    for (const { length } of responses) {
      if (prompt.length + length === 0) throw new EngineError(`Sequence ${index + 1} is empty.`);
      if (prompt.length + length > room) {
        throw new EngineError(
          `Sequence ${index + 1} has ${prompt.length + length} tokens; this model reads at most ${room}.`,
        );
      }
    }
  }
}

const lengthOf = ({ prompt, responses }: Responses) =>
  responses.reduce((total, response) => total + response.length, prompt.length);

/** Last hidden states [tokens, hidden] of packed rows. */
function packedTrunk(weights: Weights, config: ModelConfig, prefixes: Prefixes): Value {
  return decode(config, weights, batchInputs, treeAttention(rowsOf(rowsInRun), prefixes)).hidden;
}

function logProbabilityGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes);
  const head = { ...headOf(config, weights), trained: false };
  return { logp: scoreTokens(head, hidden, targetsOf(logitChunks), logitChunks).logp };
}

function scoreGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes);
  const states = ops.gather(hidden, ops.input("ends", ["responses"], "int64"));
  return { score: ops.gemm(states, weights.parameter(scoreHead), { transB: true }) };
}

function embeddingGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes);
  return { mean: ops.gemm(ops.input("pool", [rowsInRun, "tokens"]), hidden) };
}

/** A graph's float output. */
export function floats({ data }: TensorData): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error("the graph's output is not float32");
}

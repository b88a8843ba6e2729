import { type Attend, type Prefixes, treeAttention } from "./attention";
import type { ModelConfig } from "./config";
import { EngineError } from "./errors";
import type { Value } from "./graph";
import { logits, scoreTokens } from "./head";
import { type Model, openModel } from "./model-dir";
import { decode, headMatrix, type Weights } from "./network";
import * as ops from "./ops";
import { type Adapter, promptEmbeddings, readAdapter, scoreHead } from "./peft";
import { type Device, Session, type TensorData } from "./session";
import { type PackedTrees, packTrees, type Tree, treeLength } from "./trees";
import { weightsOf } from "./weights";

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

/** Rows a packed graph attends; 8 conversations give the matrix products enough tokens to run at full speed. */
const rowsInRun = 8;
/** Tokens at which a run is closed: activations stay small and speed has long stopped growing. */
const tokensInRun = 2048;
/** Pieces in which logits are computed, so that those of a whole run never exist at once. */
const logitChunks = 4;

/**
 * Runs a model forward. Sequences are packed without padding and a prompt is computed once for all its
 * responses; results come in the order of the input.
 */
export class Inference {
  readonly config: ModelConfig;
  /** Virtual tokens that precede every sequence (prefix tuning). */
  readonly virtualTokens: number;
  readonly #options: InferenceOptions;
  readonly #adapterFeeds: Readonly<Record<string, TensorData>>;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(options: InferenceOptions) {
    const { model, adapter } = options;
    this.#options = options;
    this.config = model.config;
    this.virtualTokens = adapter?.settings.method === "prefix" ? adapter.settings.num_virtual_tokens : 0;
    this.#adapterFeeds = Object.fromEntries(
      [...(adapter?.tensors ?? [])].map(([name, { shape, data }]) => [name, { data, dims: shape }]),
    );
  }

  get adapter(): Adapter | null {
    return this.#options.adapter;
  }

  /**
   * Log-probabilities (nats) of every response token given what precedes it; one list a response, one list of
   * those a tree. A tree without responses gives one list for its prompt, from the second token on.
   */
  async logProbabilities(trees: readonly Tree[]): Promise<Float32Array[][]> {
    return this.#inRuns(trees, async (run, packed) => {
      const parts = run.map((tree, index) => targetsOf(tree, packed.starts[index]));
      const targets = parts.flat();
      const sources = BigInt64Array.from(targets.flatMap((part) => part.sources));
      const ids = BigInt64Array.from(targets.flatMap((part) => part.ids));
      const chunks = BigInt64Array.from({ length: logitChunks + 1 }, (_, chunk) =>
        BigInt(Math.round((ids.length * chunk) / logitChunks)),
      );
      const { logp } = await this.run("logp", logProbabilityGraph, {
        ...packed.feeds,
        ...vectors({ sources, targets: ids, chunks }),
      });
      let at = 0;
      const take = (count: number) => {
        at += count;
        return floats(logp).slice(at - count, at);
      };
      return parts.map((tree) => tree.map((part) => take(part.ids.length)));
    });
  }

  /**
   * Rewards: the score head's output at the last token of each response, or of the prompt of a tree without
   * responses; one list a tree. Cut off what transformers would not pool (`pooledPosition`) beforehand.
   * @throws EngineError when the model has no score head.
   */
  async scores(trees: readonly Tree[]): Promise<number[][]> {
    if (this.config.head !== "score") {
      throw new EngineError(
        `${this.#options.model.dir} is no reward model: neither it nor its adapter has a score head.`,
      );
    }
    return this.#inRuns(trees, async (run, packed) => {
      const lasts = run.map((tree, index) => lastTokens(tree, packed.starts[index]));
      const ends = BigInt64Array.from(lasts.flat(), BigInt);
      const { score } = await this.run("score", scoreGraph, { ...packed.feeds, ...vectors({ ends }) });
      let at = 0;
      return lasts.map((tree) => tree.map(() => floats(score)[at++]));
    });
  }

  /** Mean over a sequence's tokens of the last hidden states, after the final norm: [hidden] for each. */
  async embeddings(sequences: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const trees = sequences.map((prompt) => ({ prompt, responses: [] }));
    return this.#inRuns(trees, async (run, packed) => {
      const pool = new Float32Array(rowsInRun * packed.tokens);
      for (const [row, { prompt }] of run.entries()) {
        const start = row * packed.tokens + packed.starts[row].prompt;
        pool.fill(1 / prompt.length, start, start + prompt.length);
      }
      const feeds = { ...packed.feeds, pool: { data: pool, dims: [rowsInRun, packed.tokens] } };
      const { mean } = await this.run("mean", embeddingGraph, feeds);
      const size = this.config.hidden_size;
      return run.map((_, row) => floats(mean).slice(row * size, (row + 1) * size));
    });
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
      const score = adapter?.tensors.get(scoreHead);
      const weights = weightsOf(model, new Map(score ? [[scoreHead, score.shape]] : []), adapter);
      session = Session.open(graph(weights, this.config, prefixesOf(this.config, this.virtualTokens)), {
        device,
        threads,
      });
      this.#sessions.set(name, session);
    }
    return (await session).run({ ...feeds, ...this.#adapterFeeds });
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  /** Cuts the trees into runs and joins their results. */
  async #inRuns<Result>(
    trees: readonly Tree[],
    each: (run: readonly Tree[], packed: PackedTrees) => Promise<Result[]>,
  ): Promise<Result[]> {
    const results: Result[] = [];
    for (let start = 0; start < trees.length; ) {
      let end = start;
      for (let tokens = 0; end < trees.length && end - start < rowsInRun; end++) {
        this.#refuseTooLong(trees[end], end);
        tokens += treeLength(trees[end]);
        if (end > start && tokens > tokensInRun) break;
      }
      const run = trees.slice(start, end);
      results.push(...(await each(run, packTrees(run, rowsInRun, this.virtualTokens))));
      start = end;
    }
    return results;
  }

  #refuseTooLong({ prompt, responses }: Tree, index: number): void {
    const longest = prompt.length + Math.max(0, ...responses.map(({ length }) => length));
    const room = this.config.max_position_embeddings - this.virtualTokens;
    if (prompt.length === 0) throw new EngineError(`Sequence ${index + 1} is empty.`);
    if (longest > room) {
      throw new EngineError(`Sequence ${index + 1} has ${longest} tokens; this model reads at most ${room}.`);
    }
  }
}

/** Last hidden states [tokens, hidden] of what `packTrees` packs; `watch` may look into the attention. */
export function packedTrunk(
  weights: Weights,
  config: ModelConfig,
  prefixes: Prefixes,
  rows: number,
  watch?: (attend: Attend) => Attend,
) {
  const vector = (name: string) => ops.input(name, ["tokens"], "int64");
  const [ids, positions, branches] = [vector("ids"), vector("positions"), vector("branches")];
  const bounds = ops.input("bounds", [rows + 1], "int64");
  const attend = treeAttention({ count: rows, bounds, positions, branches }, prefixes);
  return decode(config, weights, { ids, positions }, watch ? watch(attend) : attend).hidden;
}

/** Logits of a causal model for states [n, hidden]: [n, vocabulary]. */
export function vocabularyLogits(weights: Weights, config: ModelConfig, states: Value): Value {
  return logits({ matrix: headMatrix(config, weights), softcap: config.final_logit_softcapping }, states);
}

function logProbabilityGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes, rowsInRun);
  const head = {
    matrix: headMatrix(config, weights),
    trained: false,
    softcap: config.final_logit_softcapping,
  };
  const vector = (name: string) => ops.input(name, ["scored"], "int64");
  const chunks = ops.input("chunks", [logitChunks + 1], "int64");
  return {
    logp: scoreTokens(
      head,
      hidden,
      { sources: vector("sources"), ids: vector("targets"), chunks },
      logitChunks,
    ).logp,
  };
}

function scoreGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes, rowsInRun);
  const states = ops.gather(hidden, ops.input("ends", ["scored"], "int64"));
  return { score: ops.gemm(states, weights.parameter(scoreHead), { transB: true }) };
}

function embeddingGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes, rowsInRun);
  return { mean: ops.gemm(ops.input("pool", [rowsInRun, "tokens"]), hidden) };
}

/** PEFT's prompt_embeddings [virtual, layers · 2 · key/value size] cut into each layer's keys and values. */
function prefixesOf(
  { num_hidden_layers, num_key_value_heads, head_dim }: ModelConfig,
  virtual: number,
): Prefixes {
  if (virtual === 0) return [];
  const size = num_key_value_heads * head_dim;
  const all = ops.input(promptEmbeddings, [virtual, num_hidden_layers * 2 * size]);
  const block = (index: number) => ops.slice(all, 1, index * size, (index + 1) * size);
  return Array.from({ length: num_hidden_layers }, (_, layer) => ({
    key: block(2 * layer),
    value: block(2 * layer + 1),
  }));
}

interface Targets {
  /** The token whose hidden state predicts each target. */
  readonly sources: readonly bigint[];
  readonly ids: readonly bigint[];
}

function targetsOf({ prompt, responses }: Tree, starts: PackedTrees["starts"][number]): Targets[] {
  const after = (ids: readonly number[], before: number, start: number): Targets => ({
    sources: ids.map((_, index) => BigInt(index === 0 ? before : start + index - 1)),
    ids: ids.map(BigInt),
  });
  if (responses.length === 0) return [after(prompt.slice(1), starts.prompt, starts.prompt + 1)];
  const last = starts.prompt + prompt.length - 1;
  return responses.map((response, index) => after(response, last, starts.responses[index]));
}

function lastTokens({ prompt, responses }: Tree, starts: PackedTrees["starts"][number]): number[] {
  const last = starts.prompt + prompt.length - 1;
  return responses.length === 0
    ? [last]
    : responses.map(({ length }, index) => (length === 0 ? last : starts.responses[index] + length - 1));
}

function vectors(named: Readonly<Record<string, BigInt64Array>>): Record<string, TensorData> {
  return Object.fromEntries(
    Object.entries(named).map(([name, data]) => [name, { data, dims: [data.length] }]),
  );
}

/** A graph's float output. */
export function floats({ data }: TensorData): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error("the graph's output is not float32");
}

/** The graphs of a run: a step (loss, metrics, gradients), an evaluation (loss, metrics) and the reference's scores. */

import { type Dropout, dropping, none } from "../graph/dropout";
import { gradients } from "../graph/gradients";
import type { Dim, Value } from "../graph/graph";
import * as ops from "../graph/ops";
import { recompute } from "../graph/recompute";
import type { Metric } from "../loss";
import { type Adapter, promptEmbeddings, scoreHead } from "../model/adapter/peft";
import { prefixesOf, treeAttention } from "../model/attention";
import { decode, headOf, type Trunk } from "../model/decode";
import type { Model } from "../model/directory";
import { scoreTokens, type TokenScores } from "../model/head";
import type { Weights } from "../model/network";
import { weightsOf } from "../model/weights";
import type { Objective, Reading } from "../objective";
import { batchInputs, rowsOf, targetsOf } from "../rows/packing";

/** Which activations the backward pass finds in memory: results of matrix products, or only the layers' inputs. */
export type Keep = "products" | "layers";

export interface ProgramOptions {
  readonly model: Model;
  readonly adapter: Adapter | null;
  /** Parameters that are fed and, in a step, differentiated: name → shape. */
  readonly trained: ReadonlyMap<string, readonly number[]>;
  /** Chunks of the language-model head. */
  readonly chunks: number;
}

export type Outputs = Readonly<Record<string, Value>>;

export const gradientOf = (parameter: string) => `gradient ${parameter}`;
export const sumOf = (metric: string) => `sum ${metric}`;
export const countOf = (metric: string) => `count ${metric}`;
/** The sum of a metric that is the micro-batch's own. */
export const ofBatchOf = (metric: string) => `of batch ${metric}`;

/** Loss, metrics and the gradient of the loss by every trained parameter, for micro-batches of `rows` rows. */
export function stepGraph(options: ProgramOptions, objective: Objective, rows: number, keep: Keep): Outputs {
  const { adapter } = options;
  const rate = adapter?.settings.method === "lora" ? adapter.settings.lora_dropout : 0;
  const network = networkOf(options, rows, rate > 0 ? dropping(rate) : none);
  const { loss, metrics } = objective.outcome(network.reading, rows);
  const names = [...options.trained.keys()];
  const { boundaries, products } = network.trunk;
  const [first, ...ends] = boundaries;
  const all = gradients(loss, [...names.map(network.parameter), ...ends]);
  const arrivals = all.slice(names.length);
  const sections = arrivals.map((arrival, layer) => ({ start: boundaries[layer], arrival }));
  const found = recompute(
    all.slice(0, names.length),
    sections,
    ends.at(-1) ?? first,
    new Set(keep === "products" ? products : []),
  );
  return {
    ...outcomeOutputs(loss, metrics),
    ...Object.fromEntries(names.map((name, index) => [gradientOf(name), found[index]])),
  };
}

/** Loss and metrics of `rows` rows. */
export function evaluationGraph(options: ProgramOptions, objective: Objective, rows: number): Outputs {
  const { loss, metrics } = objective.outcome(networkOf(options, rows).reading, rows);
  return outcomeOutputs(loss, metrics);
}

/** Log-probabilities of the scored tokens of up to `rows` rows. */
export function referenceGraph(options: ProgramOptions, rows: number): Outputs {
  return { logp: networkOf(options, rows).reading.tokens().logp };
}

function outcomeOutputs(loss: Value, metrics: Readonly<Record<string, Metric>>): Outputs {
  const measured = Object.entries(metrics).flatMap(([name, { sum, count, ofBatch }]) => [
    [(ofBatch ? ofBatchOf : sumOf)(name), sum],
    [countOf(name), count],
  ]);
  return { loss, ...Object.fromEntries(measured) };
}

interface NetworkOfRun {
  readonly trunk: Trunk;
  readonly reading: Reading;
  readonly parameter: (name: string) => Value;
}

function networkOf(
  { model, adapter, trained, chunks }: ProgramOptions,
  rows: number,
  dropout: Dropout = none,
): NetworkOfRun {
  const { config } = model;
  const weights = weightsOf(model, trained, adapter, dropout);
  const prefixes =
    adapter?.settings.method === "prefix"
      ? prefixesOf(config, weights.parameter(promptEmbeddings))
      : undefined;
  const trunk = decode(config, weights, batchInputs, treeAttention(rowsOf(rows), prefixes));
  const reading: Reading = {
    tokens: () => tokensOf(model, weights, trunk.hidden, chunks),
    reference: () => ops.input("reference", ["scored"]),
    rewards: (responses) => rewardsOf(weights, trunk.hidden, responses),
  };
  return { trunk, reading, parameter: weights.parameter };
}

function tokensOf({ config }: Model, weights: Weights, hidden: Value, chunks: number): TokenScores {
  const head = headOf(config, weights);
  return scoreTokens({ ...head, trained: head.matrix.op === "Input" }, hidden, targetsOf(chunks), chunks);
}

function rewardsOf(weights: Weights, hidden: Value, responses: Dim): Value {
  const states = ops.gather(hidden, ops.input("pooled", [responses], "int64"));
  return ops.squeeze(ops.gemm(states, weights.parameter(scoreHead), { transB: true }), 1);
}

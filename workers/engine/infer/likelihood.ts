/** Log-likelihoods of continuations: what benchmarks of choices and perplexity ask of a model. */

import { EngineError } from "../errors";
import type { Prefixes } from "../model/attention";
import type { ModelConfig } from "../model/config";
import { headOf } from "../model/decode";
import { scoreTokens } from "../model/head";
import type { Weights } from "../model/network";
import { pack, sharedLength, type Tree, targetsOf } from "../rows/packing";
import { floats, type Inference, logitChunks, packedTrunk, rowsInRun, tokensInRun } from "./inference";

/** Token ids, neither empty. The model reads all of them but the last, which is predicted only. */
export interface Continuation {
  readonly context: readonly number[];
  readonly continuation: readonly number[];
}

export interface Likelihood {
  /** Place of the continuation in the list that was asked. */
  readonly index: number;
  /** Log-probability of each token of the continuation, in nats. */
  readonly logps: Float32Array;
  /** Whether every token is the most probable one where it stands. */
  readonly greedy: boolean;
}

/** Continuations of one context: a leaf is read once for all continuations that differ in their last token only. */
interface Unit {
  readonly context: readonly number[];
  readonly leaves: Leaf[];
}

interface Leaf {
  readonly read: readonly number[];
  readonly last: { readonly index: number; readonly id: number }[];
}

/** Units whose contexts begin alike, read as one tree. */
interface Group {
  readonly shared: number;
  readonly units: readonly Unit[];
}

/**
 * Scores continuations, each result as soon as its run is done. A context is computed once for all its
 * continuations, and a beginning that contexts share (the few shots before every question) once for all of
 * them where that saves work; nothing is padded.
 * @throws EngineError for a continuation that the model cannot read whole.
 */
export async function* likelihoods(
  inference: Inference,
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  const room = inference.config.max_position_embeddings - inference.virtualTokens;
  for (const [index, { context, continuation }] of asked.entries()) {
    const read = context.length + continuation.length - 1;
    if (context.length === 0 || continuation.length === 0 || read > room) {
      throw new EngineError(
        `Continuation ${index + 1} has ${continuation.length} tokens after ${context.length}; each needs one at least, and this model reads at most ${room} and predicts the next.`,
      );
    }
  }
  const cost = costOf(inference.config);
  let run: Group[] = [];
  let tokens = 0;
  for (const group of groups(units(asked), cost)) {
    const size = tokensOf(group);
    if (run.length === rowsInRun || (run.length > 0 && tokens + size > tokensInRun)) {
      yield* answered(inference, run, asked);
      run = [];
      tokens = 0;
    }
    run.push(group);
    tokens += size;
  }
  if (run.length > 0) yield* answered(inference, run, asked);
}

function units(asked: readonly Continuation[]): Unit[] {
  const found = new Map<string, Unit & { readonly byRead: Map<string, Leaf> }>();
  for (const [index, { context, continuation }] of asked.entries()) {
    const name = context.join(" ");
    const unit = found.get(name) ?? { context, leaves: [], byRead: new Map<string, Leaf>() };
    found.set(name, unit);
    const read = continuation.slice(0, -1);
    const leaf = unit.byRead.get(read.join(" ")) ?? { read, last: [] };
    if (leaf.last.length === 0) {
      unit.byRead.set(read.join(" "), leaf);
      unit.leaves.push(leaf);
    }
    leaf.last.push({ index, id: continuation[continuation.length - 1] });
  }
  return [...found.values()].sort((a, b) => compared(a.context, b.context));
}

/** Neighbours in the order of their tokens are joined as long as reading them together costs less. */
function* groups(sorted: readonly Unit[], cost: (tokens: number) => number): Generator<Group> {
  let group: Group | null = null;
  for (const unit of sorted) {
    const alone = { shared: unit.context.length, units: [unit] };
    if (group === null) {
      group = alone;
      continue;
    }
    const shared = Math.min(group.shared, sharedLength([group.units[0].context, unit.context]));
    const joined: Group = { shared, units: [...group.units, unit] };
    const size = tokensOf(joined);
    if (size <= tokensInRun && cost(size) < cost(tokensOf(group)) + cost(tokensOf(alone))) group = joined;
    else {
      yield group;
      group = alone;
    }
  }
  if (group) yield group;
}

/** Work of reading a tree, in the multiplications of its matrices and of its attention, up to a factor. */
const costOf =
  ({ hidden_size }: ModelConfig) =>
  (tokens: number) =>
    tokens * (6 * hidden_size + tokens);

const tokensOf = ({ shared, units }: Group) =>
  units.reduce(
    (total, { context, leaves }) =>
      leaves.reduce((sum, { read }) => sum + context.length - shared + read.length, total),
    shared,
  );

async function* answered(
  inference: Inference,
  run: readonly Group[],
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  const leaves = run.flatMap(({ shared, units }) =>
    units.flatMap(({ context, leaves }) =>
      leaves.map((leaf) => ({ ...leaf, between: context.length - shared })),
    ),
  );
  const packed = pack(run.map(treeOf), {
    chunks: logitChunks,
    rows: rowsInRun,
    firstPosition: inference.virtualTokens,
  });
  const { logp, correct } = await inference.run("likelihood", likelihoodGraph, packed.feeds);
  const [logps, best] = [floats(logp), floats(correct)];
  for (const [leaf, { read, last }] of leaves.entries()) {
    const { start } = packed.places[leaf].response;
    const before = start + read.length;
    for (const [place, { index }] of last.entries()) {
      const own = new Float32Array(asked[index].continuation.length);
      own.set(logps.subarray(start, before));
      own[read.length] = logps[before + place];
      const greedy = best[before + place] === 1 && best.subarray(start, before).every((one) => one === 1);
      yield { index, logps: own, greedy };
    }
  }
}

function treeOf({ shared, units }: Group): Tree {
  return {
    prompt: units[0].context.slice(0, shared),
    responses: units.flatMap(({ context, leaves }) => {
      const between = context.slice(shared);
      return leaves.map(({ read, last }) => ({
        ids: [...between, ...read],
        scored: [...between.map(() => false), ...read.map(() => true)],
        next: last.map(({ id }) => id),
      }));
    }),
  };
}

function likelihoodGraph(weights: Weights, config: ModelConfig, prefixes: Prefixes) {
  const hidden = packedTrunk(weights, config, prefixes, rowsInRun);
  const { logp, correct } = scoreTokens(
    { ...headOf(config, weights), trained: false },
    hidden,
    targetsOf(logitChunks),
    logitChunks,
  );
  return { logp, correct };
}

function compared(a: readonly number[], b: readonly number[]): number {
  const shared = sharedLength([a, b]);
  return (a[shared] ?? -1) - (b[shared] ?? -1);
}

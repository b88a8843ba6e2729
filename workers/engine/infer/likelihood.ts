/** Log-likelihoods of continuations: what benchmarks of choices and perplexity ask of a model. */

import { EngineError } from "../errors";
import type { TensorData } from "../graph/session";
import type { ModelConfig } from "../model/config";
import { type Packed, pack, sharedLength, type Tree } from "../rows/packing";
import { statesGraph } from "./generate-graphs";
import { floats, type Inference, rowsInRun, tokensInRun } from "./inference";
import { type Past, pastFeeds } from "./past";
import { extended, readAfter, readPrompt, scoresOf } from "./read";

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

/** Units whose contexts begin with the same `shared` tokens. */
interface Group {
  readonly shared: number;
  readonly units: readonly Unit[];
}

/** A shared beginning that is shorter is read again in every run: to read it apart costs about as much. */
const leastApart = 32;

/**
 * Scores continuations, each result as soon as its run is done. A context is computed once for all its
 * continuations. A beginning that contexts share (the few shots before every question) is read once for all of
 * them, before the first run if one run cannot hold them; nothing is padded. A beginning that is known from before (the
 * rubric before every item of a judge) is not read at all.
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
  const sorted = units(asked);
  if (sorted.length === 1) {
    yield* answeredAlone(inference, sorted[0], asked);
    return;
  }
  const others: Unit[] = [];
  for (const { shared, units } of families(sorted)) {
    if (shared < leastApart || units.length === 1 || tokensOf({ shared, units }) <= tokensInRun) {
      others.push(...units);
      continue;
    }
    const { past } = await readPrompt(inference, units[0].context.slice(0, shared));
    yield* inRuns(inference, past, units.map(without(shared)), asked);
  }
  yield* inRuns(inference, inference.cache.find([]).past, others, asked);
}

/** Units after one past, as many in each run as it holds. */
async function* inRuns(
  inference: Inference,
  past: Past,
  units: readonly Unit[],
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  let run: Group[] = [];
  let tokens = 0;
  for (const group of groups(units, costOf(inference.config))) {
    const size = tokensOf(group);
    if (run.length === rowsInRun || (run.length > 0 && tokens + size > tokensInRun)) {
      yield* answeredTogether(inference, past, run, asked);
      run = [];
      tokens = 0;
    }
    run.push(group);
    tokens += size;
  }
  if (run.length > 0) yield* answeredTogether(inference, past, run, asked);
}

async function* answeredTogether(
  inference: Inference,
  past: Past,
  run: readonly Group[],
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  const packed = pack(run.map(treeOf), { rows: rowsInRun, firstPosition: past.tokens });
  const { states } = await inference.run("states", statesGraph(rowsInRun), {
    ...packed.feeds,
    ...pastFeeds(inference.config, past),
    wanted: flat(packed.feeds.sources),
  });
  yield* answered(inference, { run, packed, states: floats(states) }, asked);
}

/** One context and what continues it, after what is known of its beginning; it is kept, as the next may begin alike. */
async function* answeredAlone(
  inference: Inference,
  unit: Unit,
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  // What the last token leads to is asked for: it is always read.
  const beginning = unit.context.slice(0, -1);
  const { past, known } = inference.cache.find(beginning);
  const group = { shared: beginning.length - known, units: [without(known)(unit)] };
  const packed = pack([treeOf(group)], { firstPosition: past.tokens });
  const { states, own } = await readAfter(inference, past, packed, flat(packed.feeds.sources));
  inference.cache.keep(beginning, extended(inference, past, own, group.shared));
  yield* answered(inference, { run: [group], packed, states }, asked);
}

const without =
  (tokens: number) =>
  ({ context, leaves }: Unit): Unit => ({ context: context.slice(tokens), leaves });

const flat = ({ data }: TensorData): TensorData => ({ data, dims: [data.length] });

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

interface Parted {
  readonly parts: readonly Group[];
  /** Tokens that need not be read again. */
  readonly saved: number;
}

/** Sorted units, parted where that saves most: those of a part share a beginning, which is nobody's whole context. */
function families(sorted: readonly Unit[]): readonly Group[] {
  if (sorted.length === 0) return [];
  const common = sorted.map(({ context }, index) => {
    const before = sorted[index - 1]?.context ?? [];
    return Math.min(sharedLength([before, context]), before.length - 1, context.length - 1);
  });
  const parted = (start: number, end: number): Parted => {
    const units = sorted.slice(start, end);
    let shared = sorted[start].context.length - 1;
    for (let i = start + 1; i < end; i++) shared = Math.min(shared, common[i]);
    const together = { parts: [{ shared, units }], saved: shared * (units.length - 1) };
    const cuts = [start];
    for (let i = start + 1; i < end; i++) if (common[i] === shared) cuts.push(i);
    if (cuts.length === 1) return together;
    const apart = cuts.map((cut, index) => parted(cut, cuts[index + 1] ?? end));
    const saved = apart.reduce((sum, part) => sum + part.saved, 0);
    return saved > together.saved ? { parts: apart.flatMap(({ parts }) => parts), saved } : together;
  };
  return parted(0, sorted.length).parts;
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
  { run, packed, states }: { run: readonly Group[]; packed: Packed; states: Float32Array },
  asked: readonly Continuation[],
): AsyncGenerator<Likelihood> {
  const leaves = run.flatMap(({ units }) => units.flatMap(({ leaves }) => leaves));
  const { logps, greedy } = await scoresOf(inference, states, packed.feeds.targets.data);
  for (const [leaf, { read, last }] of leaves.entries()) {
    const { start } = packed.places[leaf].response;
    const before = start + read.length;
    const isGreedy = greedy.subarray(start, before).every((one) => one === 1);
    for (const [place, { index }] of last.entries()) {
      const own = new Float32Array(asked[index].continuation.length);
      own.set(logps.subarray(start, before));
      own[read.length] = logps[before + place];
      yield { index, logps: own, greedy: isGreedy && greedy[before + place] === 1 };
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

function compared(a: readonly number[], b: readonly number[]): number {
  const shared = sharedLength([a, b]);
  return (a[shared] ?? -1) - (b[shared] ?? -1);
}

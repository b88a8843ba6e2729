/** Rows of tokens laid end to end, without padding. */

import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import type { Rows } from "../model/attention";
import type { Targets } from "../model/head";

/** A prompt and the responses that continue it; the prompt may be empty. */
export interface Tree {
  readonly prompt: readonly number[];
  readonly responses: readonly Response[];
  /** Score the prompt's tokens as well (all but the first, which nothing predicts). */
  readonly scorePrompt?: boolean;
}

interface Response {
  readonly ids: readonly number[];
  /** Which tokens are scored; default: all that have a predecessor. */
  readonly scored?: readonly boolean[];
  /** Tokens at which positions restart: several documents in one response, none of which sees another. */
  readonly lengths?: readonly number[];
  /** Tokens that are scored where the response ends, each as what comes next, and that nobody reads. */
  readonly next?: readonly number[];
}

/** A half-open range of scored tokens. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where one response lies. */
export interface Place {
  /** Its scored tokens. */
  readonly response: Span;
  /** The scored tokens of its prompt. */
  readonly prompt: Span;
  /** The packed indices of its prompt's first token and of its own. */
  readonly promptStart: number;
  readonly responseStart: number;
  readonly promptLength: number;
}

/** Tokens of a tree. */
export const lengthOf = ({ prompt, responses }: Tree) =>
  responses.reduce((total, { ids }) => total + ids.length, prompt.length);

/** Tokens that all sequences begin with. */
export function sharedLength([first, ...others]: readonly (readonly number[])[]): number {
  let shared = 0;
  while (shared < first.length && others.every((other) => other[shared] === first[shared])) shared++;
  return shared;
}

/** The branch of tokens that nobody sees. */
const FILLER = -1;

/** The names under which a packed batch is fed. */
const scoredCount = "count of scored";

export const batchInputs = {
  ids: ops.input("ids", ["tokens"], "int64"),
  positions: ops.input("positions", ["tokens"], "int64"),
  branches: ops.input("branches", ["tokens"], "int64"),
  bounds: (rows: number) => ops.input("bounds", [rows + 1], "int64"),
  sources: (chunks: number) => ops.input("sources", [chunks, "chunk"], "int64"),
  targets: (chunks: number) => ops.input("targets", [chunks, "chunk"], "int64"),
  scored: ops.input(scoredCount, [1], "int64"),
};

export function rowsOf(count: number): Rows {
  const { positions, branches } = batchInputs;
  return { count, bounds: batchInputs.bounds(count), positions, branches };
}

export function targetsOf(chunks: number): Targets {
  const { sources, targets, scored } = batchInputs;
  return { sources: sources(chunks), ids: targets(chunks), scored, count: "scored" };
}

export interface Packed {
  readonly feeds: Readonly<Record<string, TensorData>>;
  /** One entry a response, in order. */
  readonly places: readonly Place[];
  /** The scored tokens of each tree. */
  readonly rows: readonly Span[];
  readonly tokens: number;
  readonly scored: number;
}

export interface Packing {
  /** Chunks in which the scored tokens' logits are computed. */
  readonly chunks?: number;
  /** Rows of the graph: where there are fewer trees, rows that nobody reads fill up. */
  readonly rows?: number;
  /** Position of every first token: the number of virtual tokens before it (prefix tuning). */
  readonly firstPosition?: number;
}

/** Lays trees end to end: each its prompt, then its responses; scored tokens in the same order. */
export function pack(
  trees: readonly Tree[],
  { chunks = 1, rows = trees.length, firstPosition = 0 }: Packing = {},
): Packed {
  const ids: number[] = [];
  const positions: number[] = [];
  const branches: number[] = [];
  const bounds: number[] = [0];
  const sources: number[] = [];
  const targets: number[] = [];
  const places: Place[] = [];
  const spans: Span[] = [];
  const put = (id: number, position: number, branch: number) => {
    positions.push(firstPosition + position);
    branches.push(branch);
    return ids.push(id) - 1;
  };
  const endRow = () => {
    if (ids.length === bounds.at(-1)) put(0, 0, FILLER);
    bounds.push(ids.length);
  };
  const score = (source: number, target: number) => {
    sources.push(source);
    targets.push(target);
  };

  for (const { prompt, responses, scorePrompt = false } of trees) {
    const promptStart = ids.length;
    const promptScored = sources.length;
    prompt.forEach((id, position) => {
      const at = put(id, position, 0);
      if (scorePrompt && position > 0) score(at - 1, id);
    });
    const promptSpan = { start: promptScored, end: sources.length };
    const promptEnd = ids.length - 1;
    let branch = 0;
    for (const { ids: response, scored, lengths = [response.length], next = [] } of responses) {
      const start = sources.length;
      const responseStart = ids.length;
      let index = 0;
      for (const length of lengths) {
        branch++;
        for (let offset = 0; offset < length; offset++, index++) {
          const at = put(response[index], prompt.length + offset, branch);
          const source = offset > 0 ? at - 1 : prompt.length > 0 ? promptEnd : undefined;
          if (source !== undefined && (scored?.[index] ?? true)) score(source, response[index]);
        }
      }
      for (const id of next) score(ids.length > responseStart ? ids.length - 1 : promptEnd, id);
      places.push({
        response: { start, end: sources.length },
        prompt: promptSpan,
        promptStart,
        responseStart,
        promptLength: prompt.length,
      });
    }
    spans.push({ start: promptScored, end: sources.length });
    endRow();
  }
  const tokens = ids.length;
  for (let row = trees.length; row < rows; row++) endRow();

  // Chunks of one size, the last filled up with tokens that nobody reads: they can take each other's memory.
  const inChunk = Math.max(1, Math.ceil(sources.length / chunks));
  const filled = (numbers: readonly number[]): TensorData => ({
    data: BigInt64Array.from({ length: chunks * inChunk }, (_, i) => BigInt(numbers[i] ?? 0)),
    dims: [chunks, inChunk],
  });
  return {
    feeds: {
      ids: vector(ids),
      positions: vector(positions),
      branches: vector(branches),
      bounds: vector(bounds),
      sources: filled(sources),
      targets: filled(targets),
      [scoredCount]: vector([sources.length]),
    },
    places,
    rows: spans,
    tokens,
    scored: sources.length,
  };
}

/** An int64 vector to feed. */
export function vector(numbers: readonly number[]): TensorData {
  return { data: BigInt64Array.from(numbers, BigInt), dims: [numbers.length] };
}

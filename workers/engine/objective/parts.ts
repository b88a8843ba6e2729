/** What objectives have in common: rows as trees, memberships of tokens, sums over them. */
import type { Dim, Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { TensorData } from "../graph/session";
import type { Metric } from "../loss";
import type { Place, Span, Tree } from "../rows/packing";

/** The parts of an objective that follow from its trees. */
export function overTrees(rows: readonly { readonly row: number }[], trees: readonly Tree[]) {
  return {
    trees,
    lines: rows.map(({ row }) => row),
    tokens: (index: number) => {
      const { prompt, responses } = trees[index];
      return responses.reduce((total, { ids }) => total + prompt.length + ids.length, 0);
    },
  };
}

/** Consecutive places in groups of one size. */
export function inGroups(places: readonly Place[], size: number): (readonly Place[])[] {
  return Array.from({ length: places.length / size }, (_, group) =>
    places.slice(group * size, (group + 1) * size),
  );
}

/** Float32 numbers to feed. */
export const numbers = (values: readonly number[]): TensorData => ({
  data: Float32Array.from(values),
  dims: [values.length],
});

/** The micro-batch's factors of its rows' losses; none where the rows of the file have no weights. */
export function rowWeights(rows: readonly { readonly weight?: number }[]) {
  const weighted = rows[0].weight !== undefined;
  return {
    given: weighted,
    input: (count: Dim): Value | undefined => (weighted ? ops.input("weight", [count]) : undefined),
    feeds: (indices: readonly number[]): Record<string, TensorData> =>
      weighted ? { weight: numbers(indices.map((index) => rows[index].weight ?? 1)) } : {},
  };
}

/** One row a span: 1 at its tokens. From the token numbered `full` of the span on, `tail` instead. */
export function membership(
  spans: readonly Span[],
  scored: number,
  full: readonly number[] = [],
  tail = 1,
): TensorData {
  const data = new Float32Array(spans.length * scored);
  spans.forEach(({ start, end }, row) => {
    data.fill(1, row * scored + start, row * scored + end);
    data.fill(tail, row * scored + Math.min(end, start + (full[row] ?? end)), row * scored + end);
  });
  return { data, dims: [spans.length, scored] };
}

/** Sums of `values` [scored] over the members [rows, scored] of each row. */
export const total = (members: Value, values: Value) =>
  ops.squeeze(ops.matmul(members, ops.unsqueeze(values, 1)), 1);

/** The mean of `values` over the tokens that `mask` counts. */
export const over = (mask: Value, values: Value): Metric => ({
  sum: ops.sum(ops.mul(mask, values)),
  count: ops.sum(mask),
});

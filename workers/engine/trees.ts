import type { TensorData } from "./session";

/** A prompt and the responses that continue it; a plain sequence is a prompt without responses. */
export interface Tree {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** Trees laid one after the other, as `treeAttention` reads them. */
export interface PackedTrees {
  readonly feeds: {
    readonly ids: TensorData;
    readonly positions: TensorData;
    readonly branches: TensorData;
    readonly bounds: TensorData;
  };
  /** For each tree: where its prompt and each of its responses start among the packed tokens. */
  readonly starts: readonly { readonly prompt: number; readonly responses: readonly number[] }[];
  readonly tokens: number;
}

export function treeLength({ prompt, responses }: Tree): number {
  return responses.reduce((total, response) => total + response.length, prompt.length);
}

/**
 * Packs at most `rows` trees; where there are fewer, rows of one token that nobody reads fill up, because a
 * graph has a fixed number of rows.
 * @param firstPosition position of every first token: the number of virtual tokens before it.
 */
export function packTrees(trees: readonly Tree[], rows: number, firstPosition = 0): PackedTrees {
  const filled = [
    ...trees,
    ...Array.from({ length: rows - trees.length }, () => ({ prompt: [0], responses: [] })),
  ];
  const tokens = filled.reduce((total, tree) => total + treeLength(tree), 0);
  const ids = new BigInt64Array(tokens);
  const positions = new BigInt64Array(tokens);
  const branches = new BigInt64Array(tokens);
  const bounds = new BigInt64Array(rows + 1);
  let at = 0;
  const place = (sequence: readonly number[], from: number, branch: number): number => {
    const start = at;
    for (const [offset, id] of sequence.entries()) {
      ids[at] = BigInt(id);
      positions[at] = BigInt(firstPosition + from + offset);
      branches[at] = BigInt(branch);
      at++;
    }
    return start;
  };
  const starts = filled.map(({ prompt, responses }, row) => {
    const placed = {
      prompt: place(prompt, 0, 0),
      responses: responses.map((response, index) => place(response, prompt.length, index + 1)),
    };
    bounds[row + 1] = BigInt(at);
    return placed;
  });
  const vector = (data: BigInt64Array): TensorData => ({ data, dims: [data.length] });
  return {
    feeds: {
      ids: vector(ids),
      positions: vector(positions),
      branches: vector(branches),
      bounds: vector(bounds),
    },
    starts: starts.slice(0, trees.length),
    tokens,
  };
}

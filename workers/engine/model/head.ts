/** The language-model head: log-probabilities of given tokens without ever holding all logits. */
import { type Dim, type HandWritten, size, staticSize, type Value } from "../graph/graph";
import * as ops from "../graph/ops";

/** What is known of each scored token; every vector is [scored]. Only `logp` carries a gradient. */
export interface TokenScores {
  /** log π of the token. */
  readonly logp: Value;
  /** Entropy of the distribution it was drawn from, in nats. */
  readonly entropy: Value;
  /** 1 where the token is the most probable one, else 0. */
  readonly correct: Value;
  /** Mean logit over the vocabulary. */
  readonly meanLogit: Value;
  /** log Σᵥ π(v)², by which WPO aligns log-probabilities. */
  readonly logCollision: Value;
}

export interface Head {
  /** [vocabulary, hidden]. */
  readonly matrix: Value;
  /** Whether the matrix is trained. */
  readonly trained: boolean;
  /** logits = scale · matrix · state. */
  readonly scale: number;
  /** logits = cap · tanh(logits / cap). */
  readonly softcap: number | null;
}

/** The scored tokens, in chunks of one size in which logits are computed. */
export interface Targets {
  /** int64 [chunks, chunk]: the token whose hidden state predicts. */
  readonly sources: Value;
  /** int64 [chunks, chunk]: the token id that is predicted. */
  readonly ids: Value;
  /** int64 [1]: how many tokens are scored; those behind fill up the last chunk. */
  readonly scored: Value;
  /** The same as a size. */
  readonly count: Dim;
}

export function logits(head: Omit<Head, "trained">, hidden: Value): Value {
  return ofScaled(head, scaled(hidden, head.scale));
}

const scaled = (states: Value, scale: number) => (scale === 1 ? states : ops.mul(states, scale));

/** Logits of states that carry the head's scale. */
function ofScaled({ matrix, softcap }: Pick<Head, "matrix" | "softcap">, states: Value): Value {
  const raw = ops.gemm(states, matrix, { transB: true });
  return softcap === null ? raw : ops.mul(ops.tanh(ops.mul(raw, 1 / softcap)), softcap);
}

/**
 * Scores tokens chunk by chunk, so that only one chunk's logits exist at a time: each waits for all that is made of
 * the one before, as onnxruntime would otherwise begin them all, and all have one size, as it keeps a buffer whose
 * size has a name of its own for the next value of that name (2.4 GiB in place of 0.6 for fifteen chunks).
 *
 * ∂logp/∂h = W[token] − Σᵥ πᵥ W[v] depends on no later gradient. It is computed at once, while π is at hand, and
 * kept instead of π: a row of `hidden` numbers rather than of the vocabulary.
 */
export function scoreTokens(head: Head, hidden: Value, targets: Targets, chunks: number): TokenScores {
  const width = size(targets.sources, 1);
  const all: Dim = typeof width === "number" ? chunks * width : "chunks";
  const sources = ops.reshapeTo(targets.sources, ops.integers(-1), [all]);
  // A scale of the logits is one of the states, so that all below stays what it is without one.
  const gathered = scaled(ops.gather(hidden, sources), head.scale);
  const states = ops.reshape(gathered, [chunks, width, staticSize(hidden, 1)]);
  const meanRow = ops.mean(head.matrix, { axes: [0], keep: true });
  const parts: Chunk[] = [];
  /** The gradient of the matrix by the chunks so far: the backward pass meets the last first, the first has the sum. */
  let spread: Value | undefined;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const partOf = (x: Value) => ops.squeeze(ops.slice(x, 0, chunk, chunk + 1), 0);
    const begun = (parts.at(-1)?.made ?? []).reduce(ops.afterwards, partOf(states));
    const ids = partOf(targets.ids);
    const forMatrix = (g: Value) => {
      const later = ops.afterwards(begun, g);
      spread = matrixGradient(head, spread ? ops.afterwards(later, spread) : later, { ids, g, plus: spread });
      return chunk === 0 ? spread : null;
    };
    parts.push(scoreChunk(head, meanRow, { states: begun, ids, forMatrix }));
  }
  const joined = (key: keyof TokenScores) => {
    const filled = ops.concat(
      parts.map((part) => part[key]),
      0,
      all,
    );
    return ops.slice(filled, 0, 0, targets.scored, targets.count);
  };
  return {
    logp: joined("logp"),
    entropy: joined("entropy"),
    correct: joined("correct"),
    meanLogit: joined("meanLogit"),
    logCollision: joined("logCollision"),
  };
}

interface Chunk extends TokenScores {
  /** Once these are there, nothing of the chunk's logits is read any more. */
  readonly made: readonly Value[];
}

function scoreChunk(
  head: Head,
  meanRow: Value,
  {
    states,
    ids,
    forMatrix,
  }: {
    readonly states: Value;
    readonly ids: Value;
    /** From the gradients of its log-probabilities [rows, 1] to the matrix's, where this chunk gives it. */
    readonly forMatrix: (g: Value) => Value | null;
  },
): Chunk {
  const { matrix, softcap } = head;
  const column = ops.unsqueeze(ids, 1);
  const picked = (x: Value) => ops.gatherElements(x, column, 1); // [rows, 1]
  const z = ofScaled(head, states);
  const log = ops.logSoftmax(z);
  const logp = picked(log);
  const probability = ops.exp(log);
  const slope = (capped: Value) =>
    softcap === null ? ops.constant(1) : ops.sub(1, ops.square(ops.mul(capped, 1 / softcap)));

  const expected = ops.gemm(softcap === null ? probability : ops.mul(probability, slope(z)), matrix);
  const own = ops.gather(matrix, ids);
  const jacobian = ops.sub(softcap === null ? own : ops.mul(own, slope(picked(z))), expected);
  const flat = (x: Value) => ops.squeeze(x, 1);
  const total = (x: Value) => ops.sum(x, { axes: [1], keep: true });

  // Σ π z = h · Σ π W, and likewise for the mean, spares a pass over the vocabulary, unless a cap bends the logits.
  const expectedLogit = softcap === null ? total(ops.mul(states, expected)) : total(ops.mul(probability, z));
  const meanLogit =
    softcap === null ? total(ops.mul(states, meanRow)) : ops.mean(z, { axes: [1], keep: true });
  const backward: HandWritten = {
    of: head.trained ? [states, matrix] : [states],
    rule: (g) => {
      const column = ops.unsqueeze(g, 1);
      const forStates = ops.mul(column, jacobian);
      return head.trained ? [forStates, forMatrix(column)] : [forStates];
    },
  };
  const scores: TokenScores = {
    logp: { ...flat(logp), backward },
    entropy: flat(ops.stopGradient(ops.sub(ops.sub(picked(z), logp), expectedLogit))),
    correct: flat(ops.cast(ops.greaterOrEqual(logp, ops.max(log, { axes: [1], keep: true })), "float32")),
    meanLogit: flat(ops.stopGradient(meanLogit)),
    logCollision: flat(ops.stopGradient(ops.log(total(ops.square(probability))))),
  };
  return { ...scores, made: [...Object.values(scores), jacobian] };
}

/** plus + Σ g (onehot − π)ᵀ h, from logits computed a second time once `g` [rows, 1] has arrived. */
function matrixGradient(
  head: Head,
  states: Value,
  { ids, g, plus }: { readonly ids: Value; readonly g: Value; readonly plus?: Value },
): Value {
  const z = ofScaled(head, states);
  const probability = ops.softmax(z);
  const bend = head.softcap === null ? null : ops.sub(1, ops.square(ops.mul(z, 1 / head.softcap)));
  const weighted = ops.mul(bend ? ops.mul(probability, bend) : probability, ops.neg(g));
  const spread = ops.gemm(weighted, states, { transA: true, plus });
  const own = ops.mul(g, states);
  const pulled = bend ? ops.mul(own, ops.gatherElements(bend, ops.unsqueeze(ids, 1), 1)) : own;
  return ops.scatterAdd(spread, ops.expandLike(ops.unsqueeze(ids, 1), pulled), pulled, 0);
}

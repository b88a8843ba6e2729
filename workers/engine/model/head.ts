/** The language-model head: log-probabilities of given tokens without ever holding all logits. */
import { type HandWritten, size, type Value } from "../graph/graph";
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

/** The scored tokens: which state predicts each one, and how the work is cut. */
export interface Targets {
  /** int64 [scored]: the token whose hidden state predicts. */
  readonly sources: Value;
  /** int64 [scored]: the token id that is predicted. */
  readonly ids: Value;
  /** int64 [chunks + 1]: bounds of the chunks in which logits are computed. */
  readonly chunks: Value;
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
 * Scores tokens chunk by chunk, so that only one chunk's logits exist at a time.
 *
 * ∂logp/∂h = W[token] − Σᵥ πᵥ W[v] depends on no later gradient. It is computed at once, while π is at hand, and
 * kept instead of π: a row of `hidden` numbers rather than of the vocabulary.
 */
export function scoreTokens(head: Head, hidden: Value, targets: Targets, chunks: number): TokenScores {
  // A scale of the logits is one of the states, so that all below stays what it is without one.
  const states = scaled(ops.gather(hidden, targets.sources), head.scale);
  const meanRow = ops.mean(head.matrix, { axes: [0], keep: true });
  const parts = Array.from({ length: chunks }, (_, chunk) => {
    const start = ops.slice(targets.chunks, 0, chunk, chunk + 1);
    const end = ops.slice(targets.chunks, 0, chunk + 1, chunk + 2);
    const name = `chunk ${chunk}`;
    return scoreChunk(
      head,
      meanRow,
      ops.slice(states, 0, start, end, name),
      ops.slice(targets.ids, 0, start, end, name),
    );
  });
  const joined = (key: keyof TokenScores) =>
    ops.concat(
      parts.map((part) => part[key]),
      0,
      size(targets.ids, 0),
    );
  return {
    logp: joined("logp"),
    entropy: joined("entropy"),
    correct: joined("correct"),
    meanLogit: joined("meanLogit"),
    logCollision: joined("logCollision"),
  };
}

function scoreChunk(head: Head, meanRow: Value, states: Value, ids: Value): TokenScores {
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
      return head.trained ? [forStates, matrixGradient(head, states, ids, column)] : [forStates];
    },
  };
  return {
    logp: { ...flat(logp), backward },
    entropy: flat(ops.stopGradient(ops.sub(ops.sub(picked(z), logp), expectedLogit))),
    correct: flat(ops.cast(ops.greaterOrEqual(logp, ops.max(log, { axes: [1], keep: true })), "float32")),
    meanLogit: flat(ops.stopGradient(meanLogit)),
    logCollision: flat(ops.stopGradient(ops.log(total(ops.square(probability))))),
  };
}

/** Σ g (onehot − π)ᵀ h, from logits computed a second time once `g` [rows, 1] has arrived. */
function matrixGradient(head: Head, states: Value, ids: Value, g: Value): Value {
  const later = ops.afterwards(states, g);
  const z = ofScaled(head, later);
  const probability = ops.softmax(z);
  const bend = head.softcap === null ? null : ops.sub(1, ops.square(ops.mul(z, 1 / head.softcap)));
  const weighted = ops.mul(bend ? ops.mul(probability, bend) : probability, ops.neg(g));
  const spread = ops.gemm(weighted, later, { transA: true });
  const own = ops.mul(g, later);
  const pulled = bend ? ops.mul(own, ops.gatherElements(bend, ops.unsqueeze(ids, 1), 1)) : own;
  return ops.scatterAdd(spread, ops.expandLike(ops.unsqueeze(ids, 1), pulled), pulled, 0);
}

import type { Random } from "../random";

/** How the next token is chosen; transformers' names and order: temperature, then top_k, then top_p. */
export interface SamplingOptions {
  /** false: always the most probable token. */
  readonly do_sample: boolean;
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly top_k: number;
  /** Keep the fewest most probable tokens whose probabilities reach this sum; 1 keeps all. */
  readonly top_p: number;
}

/** Picks a token from its logits; of equal ones the smallest id, as argmax does. */
export function pickToken(logits: Float32Array, options: SamplingOptions, random: Random): number {
  if (!options.do_sample) return argmax(logits);
  const { ids, weights, total } = candidates(logits, options);
  let left = random.uniform() * total;
  for (let i = 0; i < ids.length; i++) {
    left -= weights[i];
    if (left < 0) return ids[i];
  }
  // Rounded away: the last one that can come at all.
  return ids[weights.findLastIndex((weight) => weight > 0)];
}

/** Probability of every token that can still be picked, for tests and displays. */
export function distribution(logits: Float32Array, options: SamplingOptions): Map<number, number> {
  const { ids, weights, total } = candidates(logits, options);
  return new Map(Array.from(ids, (id, i) => [id, weights[i] / total]));
}

/** Tokens that survive the filters with unnormalised probabilities. */
function candidates(
  logits: Float32Array,
  { temperature, top_k, top_p }: SamplingOptions,
): { ids: ArrayLike<number>; weights: Float64Array; total: number } {
  const highest = logits[argmax(logits)];
  const weightOf = (id: number) => Math.exp((logits[id] - highest) / temperature);
  if ((top_k === 0 || top_k >= logits.length) && top_p >= 1) {
    const weights = Float64Array.from(logits, (_, id) => weightOf(id));
    return { ids: Uint32Array.from(logits, (_, id) => id), weights, total: sum(weights) };
  }
  const sorted = Uint32Array.from(logits, (_, id) => id).sort((a, b) => logits[b] - logits[a] || a - b);
  const ids = top_k === 0 ? sorted : sorted.subarray(0, top_k);
  const weights = Float64Array.from(ids, weightOf);
  const total = sum(weights);
  let reached = 0;
  let kept = 0;
  while (kept < ids.length && (kept === 0 || reached < top_p * total)) reached += weights[kept++];
  return { ids: ids.subarray(0, kept), weights: weights.subarray(0, kept), total: reached };
}

/** The ids of the `count` highest logits, best first; of equal ones the smallest id first. */
export function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < logits.length && count > 0; id++) {
    if (best.length === count && logits[id] <= logits[best[count - 1]]) continue;
    let place = Math.min(best.length, count - 1);
    while (place > 0 && logits[best[place - 1]] < logits[id]) {
      best[place] = best[place - 1];
      place--;
    }
    best[place] = id;
  }
  return best;
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

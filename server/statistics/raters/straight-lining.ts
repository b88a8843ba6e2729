/** A run of one answer that is longest for what is expected. */
export interface Run {
  /** The answer, by number. */
  said: number;
  length: number;
  /** The chance, at most, of a run as long of any answer. */
  chance: number;
}

/**
 * The run of one answer in a row that is least likely by chance, of n answers that follow no order, each of them s with
 * probability q_s: a run of L or longer of s begins at a given place with (1 − q)qᴸ, and at the first with qᴸ, so that
 * somewhere there is one with at most qᴸ (1 + (n − L)(1 − q)), times the number of answers there are (Boole). The bound
 * is what the false alarms of a threshold on it cannot exceed. Unit: probability.
 * Source: Feller, An Introduction to Probability Theory I, 3rd ed. (1968), XIII.7, for runs; Boole's inequality.
 * @param answers in the order in which they were given, as numbers from 0
 * @param shares how frequent each answer is among others
 * @returns null where nothing was answered
 */
export function longestRun(answers: readonly number[], shares: readonly number[]): Run | null {
  const longest = new Map<number, number>();
  for (let at = 0, length = 0; at < answers.length; at++) {
    length = at > 0 && answers[at] === answers[at - 1] ? length + 1 : 1;
    longest.set(answers[at], Math.max(length, longest.get(answers[at]) ?? 0));
  }
  const n = answers.length;
  const runs = [...longest].map(([said, length]) => {
    const q = shares[said];
    return { said, length, bound: shares.length * q ** length * (1 + (n - length) * (1 - q)) };
  });
  if (runs.length === 0) return null;
  const { bound, ...run } = runs.reduce((least, each) => (least.bound <= each.bound ? least : each));
  return { ...run, chance: Math.min(1, bound) };
}

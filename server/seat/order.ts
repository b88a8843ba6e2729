/** How strongly the raters of one task are balanced against a rater's own day. */
const TASK_WEIGHT = 3;

/** How often the draw follows the balance; else it is uniform, so that no rater can tell what comes. */
const FOLLOW = 0.6;

export interface Balance {
  /** How many responses are shown. */
  k: number;
  /** The response that stood first for each other rater of the task, as canonical index. */
  taskFirsts: readonly number[];
  /** How often each canonical response stood first for this rater today. */
  dayFirsts: readonly number[];
}

/**
 * Draws the order in which a rater sees the responses, by minimisation with a biased coin (Pocock and Simon 1975,
 * Efron 1971): the response that stood first least, over the raters of the task and over the rater's day, comes
 * first with probability 0.6 + 0.4 / k. The others follow in rotation, forwards or backwards, so that balanced
 * first places balance all places.
 * @param random uniform in [0, 1)
 * @returns position i on screen shows canonical response `order[i]`
 */
export function drawOrder(balance: Balance, random: () => number): number[] {
  const { k } = balance;
  const candidates = random() < FOLLOW ? leastShown(balance) : [...Array(k).keys()];
  const first = candidates[Math.floor(random() * candidates.length)];
  const step = random() < 0.5 ? 1 : k - 1;
  return Array.from({ length: k }, (_, place) => (first + place * step) % k);
}

function leastShown({ k, taskFirsts, dayFirsts }: Balance): number[] {
  const scores = Array.from(
    { length: k },
    (_, index) =>
      TASK_WEIGHT * taskFirsts.filter((first) => first === index).length + (dayFirsts[index] ?? 0),
  );
  const least = Math.min(...scores);
  return scores.flatMap((score, index) => (score === least ? [index] : []));
}

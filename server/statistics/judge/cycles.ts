import { groupBy } from "../../group";
import { type Compared, type Share, shareByPrompt } from "./compared";

/** Of verdicts drawn by coin, this share of triples goes round in a circle. */
export const CYCLES_BY_CHANCE = 0.25;

/**
 * The share of circles, a before b before c before a (Condorcet), among three responses to a prompt of which the judge
 * preferred one of each two. Triples with a tie say nothing and are left out. One who has an order of any kind, good or
 * bad, has none; who draws by coin has a quarter. Source: Kendall & Babington Smith, Biometrika 31 (1940).
 */
export function cyclesOf(compared: readonly Compared[]): Share {
  const ofPrompt = groupBy(compared, ({ prompt }) => prompt);
  return shareByPrompt([...ofPrompt].map(([prompt, own]) => ({ prompt, ...countCycles(own) })));
}

function countCycles(compared: readonly Compared[]): { count: number; of: number } {
  const over = new Map<string, Set<string>>();
  for (const one of compared) {
    const { verdict } = one;
    if (verdict !== "a" && verdict !== "b") continue;
    const [better, worse] = verdict === "a" ? [one.a, one.b] : [one.b, one.a];
    over.set(better, (over.get(better) ?? new Set()).add(worse));
  }
  const wins = (one: string, other: string) => over.get(one)?.has(other) ?? false;
  // What was compared twice with opposite verdicts is not decided.
  const decided = (one: string, other: string) => wins(one, other) !== wins(other, one);
  const responses = [...new Set(compared.flatMap(({ a, b }) => [a, b]))];
  let [count, of] = [0, 0];
  for (const [i, one] of responses.entries())
    for (const [j, other] of responses.slice(0, i).entries()) {
      if (!decided(one, other)) continue;
      for (const third of responses.slice(0, j)) {
        if (!decided(one, third) || !decided(other, third)) continue;
        of++;
        if (wins(one, other) === wins(other, third) && wins(other, third) === wins(third, one)) count++;
      }
    }
  return { count, of };
}

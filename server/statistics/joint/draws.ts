import { groupBy } from "../../group";

/** Something that may be judged, and what is known of how it came to be. */
export interface Dealt {
  /** When it came to be there to be drawn, on the clock of the draws. */
  since: number;
  /** What is given out apart from the rest: of another priority, or to other raters. */
  pool: string;
  /**
   * How people came to judge it first: by which draw (its time), with which chance against all that waited there, and how
   * late the draw came to it, an exponential time with that chance as its rate. `undrawn`: in the order in which things
   * stood, before the first draw. Null: nobody judged it.
   */
  taken: { draw: number; chance: number; lateness: number } | "undrawn" | null;
}

/**
 * For how many each thing that people judged stands, itself included, where draws of unequal chances chose it: 0 for what
 * nobody judged. The weighted mean of what people say is that of all, whatever the chances had to do with what they say.
 *
 * A draw takes things by exponential times with their chances as rates, the earliest first. Given the times of the others,
 * one is among those that came before the last one of its pool with probability πᵢ = 1 − exp(−chanceᵢ · τ), τ the time of
 * that last one, which itself says how far the draw has come and nothing else; where all came, πᵢ = 1. Weights 1/πᵢ have
 * no covariance, so that a sum of squares is their variance. Later draws may weigh by what earlier ones brought: what was
 * judged before a draw is known to it and counts as one, and the draws are averaged by n/N², N what waited and n what was
 * included, each over what was there when it was made: cᵢ = (wᵢ/πᵢ + Σ later w) / Σ w of the draws since i was there. Of
 * what nobody drew, each has the same chance.
 * Sources: Cohen & Kaplan, "Summarizing data using bottom-k sketches", PODC 2007 (rank conditioning); Horvitz & Thompson,
 * JASA 47 (1952); over draws: Kossen, Farquhar, Gal & Rainforth, "Active Testing", arXiv 2103.05331.
 */
export function standsFor(items: readonly Dealt[]): Float64Array {
  const stands = new Float64Array(items.length);
  for (const pool of groupBy([...items.keys()], (i) => items[i].pool).values()) {
    const rounds = roundsOf(items, pool);
    let later = 0;
    for (const { included, weight } of rounds.toReversed()) {
      for (const [i, chance] of included) {
        const whole = rounds.reduce(
          (sum, { time, weight: each }) => sum + (time < items[i].since ? 0 : each),
          0,
        );
        if (whole > 0) stands[i] = ((chance === null ? 0 : weight / chance) + later) / whole;
      }
      later += weight;
    }
  }
  return stands;
}

interface Round {
  time: number;
  /** πᵢ of what people judged by this draw; null for what says only how far it has come. */
  included: Map<number, number | null>;
  weight: number;
}

/** The draws of a pool, the earliest first, and before them what nobody drew. */
function roundsOf(items: readonly Dealt[], pool: readonly number[]): Round[] {
  const judged = pool.flatMap((i) => {
    const { taken } = items[i];
    return taken === null ? [] : [{ i, since: items[i].since, ...(taken === "undrawn" ? UNDRAWN : taken) }];
  });
  let before = 0;
  return [...groupBy(judged, ({ draw }) => draw)]
    .sort(([one], [other]) => one - other)
    .map(([draw, taken]): Round => {
      const time = draw === UNDRAWN.draw ? latest(taken.map(({ since }) => since)) : draw;
      const waiting = pool.filter((i) => items[i].since <= time).length - before;
      before += taken.length;
      const reach =
        taken.length >= waiting ? Number.POSITIVE_INFINITY : latest(taken.map(({ lateness }) => lateness));
      const chanceOf = ({ chance, lateness }: (typeof taken)[number]) =>
        draw === UNDRAWN.draw
          ? taken.length / waiting
          : lateness < reach
            ? 1 - Math.exp(-chance * reach)
            : null;
      const included = new Map(taken.map((each) => [each.i, chanceOf(each)]));
      const count = [...included.values()].filter((chance) => chance !== null).length;
      return { time, included, weight: count / waiting ** 2 };
    });
}

/** Of any number: a call takes some hundred thousand arguments at most. */
const latest = (times: readonly number[]) => times.reduce((last, time) => Math.max(last, time));

const UNDRAWN = { draw: Number.NEGATIVE_INFINITY, chance: 1, lateness: 0 };

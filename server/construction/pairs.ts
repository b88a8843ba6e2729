import { placesBy } from "../group";

/** An answer to a prompt with what it was scored. */
export interface Scored {
  /** Which prompt it answers. */
  readonly prompt: string;
  readonly text: string;
  readonly score: number;
}

const promptOf = ({ prompt }: { readonly prompt: string }) => prompt;

/** A preference between two answers of one prompt, by their places among the candidates. */
export interface ScoredPair {
  readonly chosen: number;
  readonly rejected: number;
  /** By how much the chosen one scored more: above 0. */
  readonly margin: number;
  readonly lengthRatio: number;
}

/**
 * Preferences by score: of each prompt the best answer against the worst, then the second best against the second worst,
 * and so on, at most `most` pairs and only where the scores differ by `margin` at least. Equal scores make no pair. Of
 * equal answers the earlier one is the better, so that the same candidates make the same pairs.
 * Sources: W. Yuan et al., Self-Rewarding Language Models, arXiv 2401.10020 (best against worst); N. Lambert et al.,
 * Tülu 3, arXiv 2411.15124.
 */
export function pairsByScore(
  candidates: readonly Scored[],
  { most = 1, margin = 0 }: { readonly most?: number; readonly margin?: number } = {},
): ScoredPair[] {
  return [...placesBy(candidates, promptOf).values()].flatMap((places) => {
    const ranked = places.toSorted(
      (one, other) => candidates[other].score - candidates[one].score || one - other,
    );
    const pairs: ScoredPair[] = [];
    for (let rank = 0; rank < Math.min(most, ranked.length >> 1); rank++) {
      const [chosen, rejected] = [ranked[rank], ranked[ranked.length - 1 - rank]];
      const gap = candidates[chosen].score - candidates[rejected].score;
      if (gap > 0 && gap >= margin)
        pairs.push({
          ...{ chosen, rejected, margin: gap },
          lengthRatio: lengthRatio(candidates[chosen].text, candidates[rejected].text),
        });
    }
    return pairs;
  });
}

/** The longer text's characters ÷ the shorter one's, an empty one counted as one. Above 2 length may be what is learnt. */
export function lengthRatio(one: string, other: string): number {
  const lengths = [one, other].map(({ length }) => Math.max(1, length));
  return Math.max(...lengths) / Math.min(...lengths);
}

/** An answer and where it came from. */
export interface Sourced {
  readonly prompt: string;
  readonly text: string;
  readonly source: string;
}

/**
 * Preferences by construction, without a judge: of each prompt the answer of the source that stands first in the order
 * against that of the last. Sources are two models (delta learning, S. Geng et al., arXiv 2507.06187) or one model under
 * two opposite prompts (RLCD, K. Yang et al., arXiv 2307.12950). A source's first answer counts; answers of sources that
 * are not named, and pairs of the same text, are left out. That the order holds is for an audit by people to show.
 */
export function pairsBySource(
  candidates: readonly Sourced[],
  order: readonly string[],
): { readonly chosen: number; readonly rejected: number }[] {
  return [...placesBy(candidates, promptOf).values()].flatMap((places) => {
    const firsts = order.flatMap(
      (source) => places.find((place) => candidates[place].source === source) ?? [],
    );
    const [chosen, rejected] = [firsts[0], firsts[firsts.length - 1]];
    const differ = firsts.length > 1 && candidates[chosen].text.trim() !== candidates[rejected].text.trim();
    return differ ? [{ chosen, rejected }] : [];
  });
}

/** The best answer of each prompt, of equal ones the earlier, where it scores `atLeast` (RAFT, arXiv 2304.06767). */
export function bestAnswers(
  candidates: readonly Scored[],
  atLeast: number = Number.NEGATIVE_INFINITY,
): number[] {
  return [...placesBy(candidates, promptOf).values()].flatMap((places) => {
    const best = places.reduce((one, other) =>
      candidates[other].score > candidates[one].score ? other : one,
    );
    return candidates[best].score >= atLeast ? [best] : [];
  });
}

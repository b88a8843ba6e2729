import { z } from "zod";
import { type Kind, type PairFact, questionBase } from "./kind";

/** All responses from best to worst. Beside a preference question it is asked only of three or more responses. */
const question = questionBase.extend({
  type: z.literal("ranking"),
  ties: z.boolean().default(true),
});

const answer = z.object({
  type: z.literal("ranking"),
  /** The rank of each response, 1 the best; equal numbers tie. */
  ranks: z.array(z.number().int().min(1)),
});

export const ranking: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: (_, k, form) => k > 2 || (k === 2 && !form.some(({ type }) => type === "preference")),
  problem({ ties }, { ranks }, k) {
    if (ranks.length !== k) return `rank all ${k} responses.`;
    if (ranks.some((rank) => rank > k)) return `ranks run from 1 to ${k}.`;
    if (!ties && new Set(ranks).size !== k) return "ties are not offered.";
    return ranks.includes(1) ? null : "one response must have rank 1.";
  },
  permute: (_, given, { place }) => ({ ...given, ranks: place(given.ranks) }),
  facts: (_, { ranks }) => ({ preferences: pairsOf(ranks), marks: [] }),
  scales: ({ ties }) => [{ by: "pairs", outcomes: ties ? ["a", "b", "tie"] : ["a", "b"], levels: 1 }],
  change: () => null,
  compares: true,
  general: true,
  accepts: (own, other) => own.ties || !other.ties,
  texts: () => [],
};

/** Each pair once; the strength is the share of the whole distance between best and worst. */
function pairsOf(ranks: readonly number[]): PairFact[] {
  const span = Math.max(1, ranks.length - 1);
  return ranks.flatMap((rankA, a) =>
    ranks.slice(a + 1).map((rankB, offset): PairFact => {
      const outcome = rankA < rankB ? "a" : rankA > rankB ? "b" : "tie";
      return { a, b: a + 1 + offset, outcome, strength: Math.abs(rankA - rankB) / span };
    }),
  );
}

import { z } from "zod";
import { type Kind, lettersOf, objectOf, type PairFact, questionBase, ranksOf } from "./kind";

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
  judging: {
    ask({ ties }, k) {
      const letters = lettersOf(k);
      const rank = { type: "integer", minimum: 1, maximum: k };
      return {
        task: `Rank the ${k} responses: 1 is the best${ties ? "; equally good ones have the same rank" : ", no two have the same rank"}.`,
        schema: objectOf(Object.fromEntries(letters.map((letter) => [letter, rank]))),
        example: Object.fromEntries(letters.map((letter, index) => [letter, index + 1])),
        read(verdict) {
          const { data } = z.record(z.string(), z.number().int().min(1)).safeParse(verdict);
          if (!data || letters.some((letter) => data[letter] === undefined)) return null;
          return answerOf(
            ties,
            letters.map((letter) => data[letter]),
          );
        },
      };
    },
    settle: ({ ties }, orders) => {
      const all = orders.flat();
      const sums = all[0].ranks.map((_, index) => all.reduce((sum, { ranks }) => sum + ranks[index], 0));
      return answerOf(ties, sums);
    },
    byScores: ({ ties }, scores) =>
      answerOf(
        ties,
        scores.map((score) => -score),
      ),
  },
};

/** The ranking of values, the least first; null where equal ones may not be. */
function answerOf(ties: boolean, values: readonly number[]): z.infer<typeof answer> | null {
  if (!ties && new Set(values).size !== values.length) return null;
  return { type: "ranking", ranks: ranksOf(values) };
}

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

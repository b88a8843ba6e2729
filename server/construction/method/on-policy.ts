import { z } from "zod";
import { pairsByScore, type ScoredPair } from "../pairs";
import { Draws } from "./draws";
import { type Candidate, candidateKeys, method, offered, throughAll } from "./method";
import {
  type Answered,
  answeredAndScored,
  answersEach,
  sampledCalls,
  sampledOptions,
  sampledSlots,
  unscoring,
} from "./sampled";

const options = z
  .strictObject({
    ...sampledOptions,
    against: z
      .enum(["worst", "random"])
      .default("worst")
      .describe("Against which the best answer is set: the worst, or one drawn of those that score less."),
    margin: z
      .number()
      .min(0)
      .default(0)
      .describe("Scores of a pair differ by this at least; equal ones never make a pair."),
    most: z
      .int()
      .min(1)
      .max(2)
      .default(1)
      .describe("Pairs of a prompt: best against worst, second against second worst."),
    max_length_ratio: z
      .number()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "Drops pairs of which one text is longer by more; by default the ratio is written down only.",
      ),
  })
  .refine(({ against, most }) => against === "worst" || most === 1, {
    path: ["most"],
    error: "against a random one there is one pair of a prompt; write 1",
  });

/**
 * Preferences over a model's own answers: n = 4 to 8 at T 0.8 to 1, scored by a reward model or a judge, the best against
 * the worst (W. Yuan et al., arXiv 2401.10020) or against one of the others (UltraFeedback as Zephyr and Tülu 3 use it,
 * arXiv 2310.01377 and 2411.15124: aspects rated 1 to 5, best by mean, on- and off-policy models mixed). Cut and empty
 * answers take no part; pairs of equal scores are none.
 */
export const onPolicy = method({
  id: "on-policy",
  title: "On-policy pairs",
  says: "Lets a model answer each prompt several times, and pairs a good answer with a bad one by score.",
  use: "For preference tuning of a model on what it says itself. A score is not a person: look at a share of the pairs, at the long ones first.",
  source: "arXiv 2401.10020, 2411.15124",
  makes: "pairs",
  version: 1,
  slots: sampledSlots,
  needs: ["prompts"],
  options,
  unused: unscoring,
  calls: sampledCalls,
  *run(settings, given) {
    const draws = new Draws(given.seed);
    const next = candidateKeys();
    const each = answersEach(settings, given);
    yield* throughAll(given.inputs.prompts, { want: given.want, each }, function* (some) {
      const answered = yield* answeredAndScored(settings, some, given, draws);
      return yield* offered(answered.flatMap((one) => paired(one)));
    });

    function paired({ prompt, answers, responses, asks }: Answered): Candidate[] {
      const all = {
        ...{ parents: [prompt.id], operator: `best against ${settings.against}`, prompt: prompt.messages },
        ...{ responses, asks, nearest: null },
      };
      const differ = { filter: "answers that differ", keeps: answers > 1, figure: answers };
      const none = (verdicts: Candidate["verdicts"], dropped: string): Candidate[] => [
        { ...all, key: next(), pair: null, verdicts, dropped, facts: {} },
      ];
      if (!differ.keeps) return none([differ], "fewer than two answers that differ");
      const both = { filter: "scores", keeps: responses.length > 1, figure: responses.length };
      if (!both.keeps) return none([differ, both], "fewer than two scores");
      const scored = responses.map(({ text, score }) => ({ prompt: prompt.id, text, score }));
      const pairs =
        settings.against === "worst"
          ? pairsByScore(scored, settings)
          : againstRandom(scored, settings, draws);
      if (pairs.length === 0) {
        const scores = responses.map(({ score }) => score);
        const widest = Math.max(...scores) - Math.min(...scores);
        return none([differ, both, { filter: "margin", keeps: false, figure: widest }], "scores too close");
      }
      return pairs.map(({ chosen, rejected, margin, lengthRatio }) => {
        const limit = settings.max_length_ratio;
        const keeps = limit === null || lengthRatio <= limit;
        return {
          ...{ ...all, key: next(), pair: { chosen, rejected, probability: 1 } },
          verdicts: [
            differ,
            both,
            { filter: "margin", keeps: true, figure: margin },
            { filter: "length ratio", keeps, figure: lengthRatio },
          ],
          dropped: keeps ? null : "one text is much longer",
          facts: { margin, length_ratio: lengthRatio },
        };
      });
    }
  },
});

/** The best against one drawn of those that score less by the margin. */
function againstRandom(
  scored: readonly { readonly prompt: string; readonly text: string; readonly score: number }[],
  { margin }: { readonly margin: number },
  draws: Draws,
): ScoredPair[] {
  const best = scored.reduce((one, other) => (other.score > one.score ? other : one));
  const less = scored.filter(({ score }) => best.score > score && best.score - score >= margin);
  if (less.length === 0) return [];
  const other = draws.pick(less);
  const [pair] = pairsByScore([best, other]);
  return [{ ...pair, chosen: scored.indexOf(best), rejected: scored.indexOf(other) }];
}

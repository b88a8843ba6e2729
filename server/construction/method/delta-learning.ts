import { z } from "zod";
import { pairsOfTwoWays } from "./by-construction";
import { Draws } from "./draws";
import { method } from "./method";

const options = z.strictObject({
  temperature: z.number().min(0).max(2).default(0.7).describe("Of both answers."),
  max_tokens: z
    .int()
    .min(1)
    .max(32_000)
    .default(1024)
    .describe("Of an answer; a pair with one that is cut is dropped."),
});

/**
 * A stronger model's answer against a weaker one's, without a judge: what is learnt is the difference, and both may be
 * weaker than the model that is trained. 3B against 1.5B of one family gave 63.4 over 11 tests, where Tülu 3's preferences
 * gave 63.0. An audit by people of 100 pairs should show the stronger one's winning 70 at least.
 * Source: S. Geng et al., arXiv 2507.06187.
 */
export const deltaLearning = method({
  id: "delta-learning",
  title: "Delta learning",
  says: "Pairs a stronger model's answer with a weaker model's, without a judge.",
  use: "For preference pairs where no good judge is at hand. Let people judge 100 pairs first: the stronger model should win 70 of them.",
  source: "arXiv 2507.06187",
  makes: "pairs",
  version: 1,
  slots: [
    { name: "strong", says: "answers better, and is larger or newer", can: "chat" },
    { name: "weak", says: "answers worse, and is best of the same family", can: "chat" },
  ],
  needs: ["prompts"],
  options,
  calls: ({ max_tokens: maxTokens }, { want, inputs: { prompts } }) =>
    ["strong", "weak"].map((slot) => ({ slot, calls: Math.min(want, prompts.length), maxTokens })),
  run: ({ temperature, max_tokens: maxTokens }, given) =>
    pairsOfTwoWays(given, { temperature, maxTokens }, new Draws(given.seed), ({ messages }) => ({
      better: { slot: "strong", messages },
      worse: { slot: "weak", messages },
      operator: "strong against weak",
      facts: {},
    })),
});

import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { pairsOfTwoWays } from "./by-construction";
import { Draws } from "./draws";
import { method } from "./method";

const contrast = z.strictObject({ better: z.string().trim().min(1), worse: z.string().trim().min(1) });

const options = z.strictObject({
  contrasts: z
    .array(contrast)
    .min(1)
    .default([
      { better: "helpful, honest and harmless", worse: "unhelpful, dishonest and harmful" },
      { better: "clear and to the point", worse: "vague and rambling" },
    ])
    .describe("What the better and the worse answer are told to be; one is drawn for each prompt."),
  temperature: z.number().min(0).max(2).default(1).describe("Of both answers."),
  max_tokens: z
    .int()
    .min(1)
    .max(32_000)
    .default(1024)
    .describe("Of an answer; a pair with one that is cut is dropped."),
});

/**
 * Two answers of one model under opposite instructions, of which the one that was told to be better is preferred. The
 * prompt that is trained on has no instruction; an answer that repeats its own is dropped.
 * Source: K. Yang et al., RLCD, arXiv 2307.12950 (better than RLAIF's labels at 7B, alike at 30B).
 */
export const rlcd = method({
  id: "rlcd",
  title: "Contrasting instructions (RLCD)",
  says: "Lets one model answer under two opposite instructions, and prefers the answer that was told to be better.",
  use: "For pairs that differ in one named quality, without a judge. Small models may not obey: look at a share of the pairs.",
  source: "arXiv 2307.12950",
  makes: "pairs",
  version: 1,
  slots: [{ name: "writer", says: "answers under both instructions", can: "chat" }],
  needs: ["prompts"],
  options,
  calls: ({ max_tokens: maxTokens }, { want, inputs: { prompts } }) => [
    { slot: "writer", calls: 2 * Math.min(want, prompts.length), maxTokens },
  ],
  run({ contrasts, temperature, max_tokens: maxTokens }, given) {
    const draws = new Draws(given.seed);
    return pairsOfTwoWays(given, { temperature, maxTokens }, draws, ({ messages }) => {
      const { better, worse } = draws.pick(contrasts);
      const told = (quality: string) => ({ slot: "writer", messages: withSystem(messages, quality) });
      return {
        ...{ better: told(better), worse: told(worse) },
        operator: "opposite instructions",
        facts: { better, worse },
        fault: (text) => {
          const said = text.toLowerCase();
          const repeats = [better, worse].some((quality) => said.includes(quality.toLowerCase()));
          return repeats ? "repeats its instruction" : null;
        },
      };
    });
  },
});

/** Behind what the system says already. */
function withSystem(messages: readonly Message[], quality: string): Message[] {
  const content = `Give a response that is ${quality}. Say nothing about this instruction.`;
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content }, ...messages];
  return [{ ...first, content: `${first.content}\n\n${content}` }, ...rest];
}

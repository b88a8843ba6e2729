import { z } from "zod";
import { bestAnswers } from "../pairs";
import { Draws } from "./draws";
import { type Candidate, candidateKeys, filtered, method, offered, throughAll } from "./method";
import {
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
    thresholds: z
      .array(z.number())
      .max(10)
      .default([])
      .describe(
        "Scores that rise from round to round; a best answer below the first is dropped. Empty: none is.",
      ),
  })
  .refine(({ thresholds }) => thresholds.every((one, at) => at === 0 || one > thresholds[at - 1]), {
    path: ["thresholds"],
    error: "each is above the one before",
  });

/**
 * The best of n answers, as an example to be imitated: RAFT keeps the best by reward; ReST keeps what is above a threshold
 * that rises from round to round, so each example says up to which round it stays. The higher n, the more is chosen what
 * the score likes and people do not (L. Gao et al., arXiv 2210.10760).
 * Sources: H. Dong et al., RAFT, arXiv 2304.06767; C. Gulcehre et al., ReST, arXiv 2308.08998.
 */
export const rejectionSampling = method({
  id: "rejection-sampling",
  title: "Rejection sampling",
  says: "Lets models answer each prompt several times, and keeps the best answer by score.",
  use: "For supervised tuning on a model's best answers. Raise the thresholds only as far as people agree with the score.",
  source: "arXiv 2304.06767, 2308.08998",
  makes: "examples",
  version: 1,
  slots: sampledSlots,
  needs: ["prompts"],
  options,
  unused: unscoring,
  calls: sampledCalls,
  *run(settings, given) {
    const draws = new Draws(given.seed);
    const next = candidateKeys();
    const [least = Number.NEGATIVE_INFINITY] = settings.thresholds;
    const each = answersEach(settings, given);
    yield* throughAll(given.inputs.prompts, { want: given.want, each }, function* (some) {
      const answered = yield* answeredAndScored(settings, some, given, draws);
      return yield* offered(
        answered.map(({ prompt, answers, responses, asks }): Candidate => {
          const [place] = bestAnswers(
            responses.map(({ text, score }) => ({ prompt: prompt.id, text, score })),
          );
          const all = {
            ...{ key: next(), parents: [prompt.id], operator: `best of ${each}`, prompt: prompt.messages },
            ...{ pair: null, asks, nearest: null },
          };
          const best = place === undefined ? null : responses[place];
          return {
            ...{ ...all, responses: best ? [best] : [] },
            ...filtered([
              { filter: "answers", why: answers > 0 ? null : "no answer", figure: answers },
              { filter: "scores", why: best ? null : "no score", figure: responses.length },
              {
                filter: "score",
                why: best && best.score >= least ? null : "the best scores too little",
                figure: best?.score,
              },
            ]),
            facts: best
              ? {
                  scored: responses.length,
                  rounds: settings.thresholds.filter((threshold) => best.score >= threshold).length,
                }
              : {},
          };
        }),
      );
    });
  },
});

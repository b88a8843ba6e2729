import { z } from "zod";
import { inOrder } from "./by-construction";
import { Draws } from "./draws";
import {
  asked,
  type Candidate,
  candidateKeys,
  type InputPrompt,
  method,
  offered,
  textOf,
  throughAll,
  writeAsk,
} from "./method";

const options = z.strictObject({
  temperature: z.number().min(0).max(2).default(1).describe("Of the model's own answer."),
  max_tokens: z
    .int()
    .min(1)
    .max(32_000)
    .default(256)
    .describe("Of its answer; a pair with one that is cut is dropped."),
});

/**
 * What a person wrote is preferred to what the model says itself. A round is one run: train on its pairs, and let the
 * model that came of it answer in the next, until people cannot tell its answers from the demonstrations, 3 rounds at
 * most in the paper. Needs no judge and no other model.
 * Source: Z. Chen et al., SPIN, arXiv 2401.01335, with 256 tokens an answer as in the authors' code.
 */
export const spin = method({
  id: "spin",
  title: "Self-play against demonstrations (SPIN)",
  says: "Lets a model answer prompts that people answered, and prefers their answers to its own.",
  use: "For a model that was trained on the demonstrations already; choose the newest one in each round. An answer of its own may be as good as the person's: look at a share of the pairs, and stop when half are.",
  source: "arXiv 2401.01335",
  makes: "pairs",
  version: 1,
  slots: [{ name: "player", says: "answers as it does after the last round", can: "chat" }],
  needs: ["responses"],
  options,
  calls: ({ max_tokens: maxTokens }, { want, inputs: { prompts } }) => [
    { slot: "player", calls: Math.min(want, prompts.length), maxTokens },
  ],
  *run({ temperature, max_tokens: maxTokens }, { inputs: { prompts }, want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    yield* throughAll(prompts, { want, each: 1 }, function* (some) {
      const told = yield* asked(
        some.map(({ id, messages }) =>
          writeAsk(draws, { key: `own/${id}`, slot: "player", messages }, { temperature, maxTokens }),
        ),
      );
      return yield* offered(
        told.map(({ ask, answer }, at) => paired(some[at], ask.key, textOf(answer), next())),
      );
    });
  },
});

function paired(
  { id, messages, response }: InputPrompt,
  asks: string,
  own: ReturnType<typeof textOf>,
  key: string,
): Candidate {
  const responses = [
    { text: response?.trim() ?? "", by: null, score: null },
    ...("text" in own ? [{ text: own.text, by: { slot: "player", at: 0 }, score: null }] : []),
  ];
  return {
    ...{ key, parents: [id], operator: "demonstration against own answer", prompt: messages, asks: [asks] },
    ...inOrder(responses, { filter: "own answer", why: "fault" in own ? own.fault : null }),
  };
}

import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { Draws } from "./draws";
import {
  asked,
  type Candidate,
  candidateKeys,
  filtered,
  type InputPrompt,
  method,
  offered,
  textOf,
  throughAll,
  writeAsk,
} from "./method";
import { principles } from "./principles";

const options = z.strictObject({
  principles,
  rounds: z
    .int()
    .min(1)
    .max(10)
    .default(4)
    .describe("Critiques and revisions of each answer, one principle each."),
  temperature: z.number().min(0).max(2).default(1).describe("Of answers, critiques and revisions."),
  max_tokens: z.int().min(1).max(32_000).default(1024).describe("Of each reply."),
});

/** What is known of a prompt's answer, as it is revised. */
interface Revised {
  readonly prompt: InputPrompt;
  readonly asks: string[];
  readonly first: string | null;
  readonly fault: string | null;
  text: string;
  /** Of the revisions that stand, the last one last. */
  readonly principles: string[];
  critique: string;
}

/**
 * Answers that are criticised and revised by a principle drawn from a constitution, round by round; the last revision is
 * the example. A round whose critique or revision is no use leaves the answer as it was; an answer that no round changed is
 * dropped. People audit by principle: the last one stands with each example.
 * Source: Y. Bai et al., Constitutional AI, arXiv 2212.08073, section 3: 16 principles, 4 rounds.
 */
export const constitution = method({
  id: "constitution",
  title: "Critique and revision",
  says: "Lets a model criticise its own answers by principles and revise them; the last revision is the example.",
  use: "For teaching a manner of answering that can be put in words. Audit by principle: which of them does the model follow?",
  source: "arXiv 2212.08073",
  makes: "examples",
  version: 1,
  slots: [{ name: "writer", says: "answers, criticises and revises", can: "chat" }],
  needs: ["prompts"],
  options,
  calls: ({ rounds, max_tokens: maxTokens }, { want, inputs: { prompts } }) => [
    { slot: "writer", calls: Math.min(want, prompts.length) * (1 + 2 * rounds), maxTokens },
  ],
  *run(settings, { inputs, want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    yield* throughAll(inputs.prompts, { want, each: 1 }, function* (some) {
      const firsts = yield* asked(some.map((prompt) => write(`first/${prompt.id}`, prompt.messages)));
      const all = some.map((prompt, at): Revised => {
        const said = textOf(firsts[at].answer);
        const [first, fault] = "text" in said ? [said.text, null] : [null, said.fault];
        return {
          prompt,
          asks: [firsts[at].ask.key],
          first,
          fault,
          text: first ?? "",
          principles: [],
          critique: "",
        };
      });
      for (let round = 1; round <= settings.rounds; round++)
        yield* revise(
          all.filter(({ fault }) => fault === null),
          round,
        );
      return yield* offered(all.map(candidate));
    });

    function write(key: string, messages: readonly Message[]) {
      const { temperature, max_tokens: maxTokens } = settings;
      return writeAsk(draws, { key, slot: "writer", messages }, { temperature, maxTokens });
    }

    function* revise(all: readonly Revised[], round: number) {
      const turns = all.map((one) => {
        const principle = draws.pick(settings.principles);
        const messages: Message[] = [
          ...one.prompt.messages,
          { role: "assistant", content: one.text },
          {
            role: "user",
            content: `Criticise your last response by this principle, and say exactly what does not follow it: ${principle}`,
          },
        ];
        return { one, principle, messages };
      });
      const critiques = yield* asked(
        turns.map(({ one, messages }) => write(`critique/${round}/${one.prompt.id}`, messages)),
      );
      const useful = turns.flatMap((turn, at) => {
        turn.one.asks.push(critiques[at].ask.key);
        const said = textOf(critiques[at].answer);
        return "text" in said ? [{ ...turn, critique: said.text }] : [];
      });
      const revisions = yield* asked(
        useful.map(({ one, messages, critique, principle }) =>
          write(`revise/${round}/${one.prompt.id}`, [
            ...messages,
            { role: "assistant", content: critique },
            {
              role: "user",
              content: `Write your response anew so that it follows the principle: ${principle} Write the new response alone, without a word about the critique.`,
            },
          ]),
        ),
      );
      for (const [at, { one, principle, critique }] of useful.entries()) {
        one.asks.push(revisions[at].ask.key);
        const said = textOf(revisions[at].answer);
        if ("fault" in said || said.text === one.text) continue;
        one.text = said.text;
        one.critique = critique;
        one.principles.push(principle);
      }
    }

    function candidate({ prompt, asks, first, fault, text, principles, critique }: Revised): Candidate {
      const isRevised = principles.length > 0 && text !== first;
      return {
        ...{ key: next(), parents: [prompt.id], operator: "critique and revision", prompt: prompt.messages },
        responses: first === null ? [] : [{ text, by: { slot: "writer", at: 0 }, score: null }],
        ...{ pair: null, asks, nearest: null },
        ...filtered([
          { filter: "the answer", why: fault },
          {
            filter: "revisions",
            why: isRevised ? null : "nothing was revised",
            figure: principles.length,
          },
        ]),
        facts:
          isRevised && first !== null
            ? { first_answer: first, principle: principles[principles.length - 1], critique }
            : {},
      };
    }
  },
});

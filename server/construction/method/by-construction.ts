import { lengthRatio } from "../pairs";
import type { Draws } from "./draws";
import {
  asked,
  type Candidate,
  type CandidateResponse,
  candidateKeys,
  type Filtering,
  filtered,
  type Given,
  type InputPrompt,
  offered,
  type Sampling,
  type Steps,
  textOf,
  throughAll,
  type WriteAsk,
  writeAsk,
} from "./method";

/** Two ways to answer, of which one is better because of how it was asked. */
interface Way {
  readonly slot: string;
  readonly messages: WriteAsk["messages"];
}

export interface TwoWays {
  readonly better: Way;
  readonly worse: Way;
  readonly operator: string;
  readonly facts: Candidate["facts"];
  /** Why a text cannot be used, or null. */
  readonly fault?: (text: string) => string | null;
}

/**
 * Two responses of which the first is better by construction: a pair, unless the filter before drops it or both are the
 * same.
 * @param before drops what lacks a response
 */
export function inOrder(
  responses: readonly CandidateResponse[],
  before: Filtering,
  facts: Candidate["facts"] = {},
): Pick<Candidate, "responses" | "pair" | "verdicts" | "dropped" | "nearest" | "facts"> {
  const [better, worse] = responses;
  const isSame = before.why === null && better.text === worse.text;
  const { verdicts, dropped } = filtered([
    before,
    { filter: "difference", why: isSame ? "both answers are the same" : null },
  ]);
  return {
    ...{ responses, verdicts, dropped, nearest: null },
    pair: dropped === null ? { chosen: 0, rejected: 1, probability: 1 } : null,
    facts: dropped === null ? { ...facts, length_ratio: lengthRatio(better.text, worse.text) } : facts,
  };
}

/**
 * A pair of each prompt without a judge: the answer of the better way is preferred. A pair of which one text is missing,
 * or both are the same, is none. That the order holds is for an audit by people to show.
 */
export function* pairsOfTwoWays(
  { inputs: { prompts }, want }: Given,
  sampling: Omit<Sampling, "seed">,
  draws: Draws,
  waysOf: (prompt: InputPrompt) => TwoWays,
): Steps {
  const next = candidateKeys();
  yield* throughAll(prompts, { want, each: 2 }, function* (some) {
    const ways = some.map(waysOf);
    const ask = (way: Way, which: string, { id }: InputPrompt) =>
      writeAsk(draws, { ...way, key: `${which}/${id}` }, sampling);
    const told = yield* asked(
      some.flatMap((prompt, at) => [
        ask(ways[at].better, "better", prompt),
        ask(ways[at].worse, "worse", prompt),
      ]),
    );
    return yield* offered(
      some.map((prompt, at) => {
        const both = [told[2 * at], told[2 * at + 1]];
        const said = both.map(({ answer }) => textOf(answer));
        const { operator, facts, fault } = ways[at];
        const responses = said.flatMap((one, place) =>
          "text" in one ? [{ text: one.text, by: { slot: both[place].ask.slot, at: 0 }, score: null }] : [],
        );
        const unusable = said
          .map((one) => ("fault" in one ? one.fault : (fault?.(one.text) ?? null)))
          .find((one) => one !== null);
        const replies = { filter: "replies", why: unusable ?? null, figure: responses.length };
        return {
          ...{ key: next(), parents: [prompt.id], operator, prompt: prompt.messages },
          asks: both.map(({ ask: { key } }) => key),
          ...inOrder(responses, replies, facts),
        };
      }),
    );
  });
}

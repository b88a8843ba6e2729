import type { Message } from "../../../db/shape/content";
import {
  type Asking,
  asked,
  type Candidate,
  type FilterVerdict,
  textOf,
  userTurn,
  type WriteAsk,
} from "./method";
import type { Unlike } from "./unlike";

/** New prompts on their way to an example: written, held against those before, answered. What is dropped stays dropped. */

type Begun = Pick<Candidate, "key" | "parents" | "operator" | "asks" | "facts">;

/** A prompt that was written, or why there is none. */
export const drafted = (
  begun: Begun,
  said: { readonly text: string } | { readonly fault: string },
): Candidate => ({
  ...begun,
  ...{ prompt: "text" in said ? userTurn(said.text) : [], responses: [], pair: null, nearest: null },
  verdicts: [{ filter: "the prompt", keeps: "text" in said, figure: null }],
  dropped: "text" in said ? null : said.fault,
});

/** One more filter's verdict on a candidate that has passed those before. */
export const judgedBy = (candidate: Candidate, verdict: FilterVerdict, why: string): Candidate =>
  candidate.dropped !== null
    ? candidate
    : { ...candidate, verdicts: [...candidate.verdicts, verdict], dropped: verdict.keeps ? null : why };

/** Holds a prompt against those before; one that is let pass joins them. */
export function heldAgainst(candidate: Candidate, before: Unlike): Candidate {
  if (candidate.dropped !== null) return candidate;
  const [{ content }] = candidate.prompt;
  const { keeps, nearest } = before.meets(content);
  if (keeps) before.join(content, candidate.key);
  const verdict = { filter: "ROUGE-L", keeps, figure: nearest?.figure ?? 0 };
  return judgedBy({ ...candidate, nearest }, verdict, "like another");
}

/** Has those that are left answered. */
export function* answered(
  candidates: readonly Candidate[],
  ask: (key: string, messages: readonly Message[]) => WriteAsk,
): Asking<Candidate[]> {
  const left = candidates.filter(({ dropped }) => dropped === null);
  const told = yield* asked(left.map(({ key, prompt }) => ask(`answer/${key.slice(1)}`, prompt)));
  const toldOf = new Map(left.map((candidate, at) => [candidate, told[at]]));
  return candidates.map((candidate) => {
    const one = toldOf.get(candidate);
    if (!one) return candidate;
    const { ask: asked, answer } = one;
    const said = textOf(answer);
    const responses =
      "text" in said ? [{ text: said.text, by: { slot: asked.slot, at: asked.at }, score: null }] : [];
    return judgedBy(
      { ...candidate, responses, asks: [...candidate.asks, asked.key] },
      { filter: "the answer", keeps: "text" in said, figure: null },
      "fault" in said ? said.fault : "",
    );
  });
}

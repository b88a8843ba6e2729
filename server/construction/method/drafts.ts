import type { Message } from "../../../db/shape/content";
import {
  type Answer,
  type Asking,
  asked,
  type Candidate,
  type Filtering,
  filtered,
  textOf,
  userTurn,
  type WriteAsk,
} from "./method";
import { LIKE_ANOTHER, type Unlike } from "./unlike";

/** New prompts on their way to an example: written, held against those before, answered. What is dropped stays dropped. */

interface Told {
  readonly ask: WriteAsk;
  readonly answer: Answer;
}

type Begun = Pick<Candidate, "key" | "parents" | "operator" | "asks" | "facts">;

/** A prompt that was written, or why there is none. */
export const drafted = (
  begun: Begun,
  said: { readonly text: string } | { readonly fault: string },
): Candidate => ({
  ...begun,
  ...{ prompt: "text" in said ? userTurn(said.text) : [], responses: [], pair: null, nearest: null },
  ...filtered([{ filter: "the prompt", why: "text" in said ? null : said.fault }]),
});

/** One more filter's verdict on a candidate that has passed those before. */
export function judgedBy(candidate: Candidate, filter: Filtering): Candidate {
  if (candidate.dropped !== null) return candidate;
  const { verdicts, dropped } = filtered([filter]);
  return { ...candidate, verdicts: [...candidate.verdicts, ...verdicts], dropped };
}

/** Holds a prompt against those before; one that is let pass joins them. */
export function heldAgainst(candidate: Candidate, before: Unlike): Candidate {
  if (candidate.dropped !== null) return candidate;
  const [{ content }] = candidate.prompt;
  const { keeps, nearest } = before.meets(content);
  if (keeps) before.join(content, candidate.key);
  const why = keeps ? null : LIKE_ANOTHER;
  return judgedBy({ ...candidate, nearest }, { filter: "ROUGE-L", why, figure: nearest?.figure ?? 0 });
}

/**
 * Asks about those that are left, and goes on with each by its answer.
 * @param ask takes a candidate and its place among all
 */
export function* askedAbout(
  candidates: readonly Candidate[],
  ask: (candidate: Candidate, place: number) => WriteAsk,
  goOn: (candidate: Candidate, told: Told) => Candidate,
): Asking<Candidate[]> {
  const left = [...candidates.keys()].filter((place) => candidates[place].dropped === null);
  const told = yield* asked(left.map((place) => ask(candidates[place], place)));
  const toldAt = new Map(left.map((place, at) => [place, told[at]]));
  return candidates.map((candidate, place) => {
    const one = toldAt.get(place);
    return one ? goOn({ ...candidate, asks: [...candidate.asks, one.ask.key] }, one) : candidate;
  });
}

/** A candidate with the answer to it. @param faultIn what is wrong with an answer, or null */
export function withAnswer(
  candidate: Candidate,
  { ask: { slot, at }, answer }: Told,
  faultIn: (text: string) => string | null = () => null,
): Candidate {
  const said = textOf(answer);
  const responses = "text" in said ? [{ text: said.text, by: { slot, at }, score: null }] : [];
  const why = "fault" in said ? said.fault : faultIn(said.text);
  return judgedBy({ ...candidate, responses }, { filter: "the answer", why });
}

/** Has those that are left answered. */
export const answered = (
  candidates: readonly Candidate[],
  ask: (key: string, messages: readonly Message[]) => WriteAsk,
): Asking<Candidate[]> =>
  askedAbout(
    candidates,
    ({ key, prompt }) => ask(`answer/${key.slice(1)}`, prompt),
    (candidate, told) => withAnswer(candidate, told),
  );

import type { z } from "zod";
import type { CandidateContent, FilterVerdict } from "../../../db/shape/construction";
import type { Message } from "../../../db/shape/content";
import type { Reply } from "../../../db/shape/endpoint";
import { InputError } from "../../statistics/estimate";
import type { Draws } from "./draws";

/**
 * A way to make training data: what it asks models, in which order, and what it makes of their replies. It knows no
 * database, no network and no clock. `run` is a generator of steps: a batch of asks is handed out, their answers are
 * handed back by `next(answers)`, one for each ask in the order of the asks; candidates are handed out as they come, and
 * `next` after them takes an empty list.
 *
 * The same settings, inputs, seed and answers give the same steps to the last letter. Whoever runs it keeps the answers
 * and no more: to carry on, the generator is run again from its beginning over the answers that are kept, and hands out
 * the same candidates at the same places. An answer that was handed to the generator is therefore final, a failure too:
 * one that is asked for again later makes another run.
 *
 * An ask costs a call each; asks of one batch may be made side by side. A batch holds a few hundred at most, and no ask
 * is made twice: a key is used once in a run.
 */
export interface Method {
  /** What recipes call it. */
  readonly id: string;
  readonly title: string;
  /** What it makes and from what, in one sentence. */
  readonly says: string;
  /** When to choose it, and what has to be looked at by people, in one or two sentences. */
  readonly use: string;
  /** Paper, with its arXiv number. */
  readonly source: string;
  /** What stands in each candidate. */
  readonly makes: "examples" | "pairs";
  /** Goes up with each change of what it asks or keeps: a run of another version is not carried on. */
  readonly version: number;
  readonly slots: readonly Slot[];
  /** What has to be there besides models, whatever the options. */
  readonly needs: readonly Need[];
  /** The options of a recipe, by the names they have in JSON, with the paper's defaults and a description each. */
  readonly options: z.ZodObject;
  /** @throws InputError naming the option that is none of the method's, or out of its range */
  open(options: unknown): OpenMethod;
}

/** A method with its options. */
export interface OpenMethod {
  /** The options with their defaults: what a recipe's hash is over. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What these options need. */
  readonly needs: readonly Need[];
  /** The slots that these options need a model for. */
  readonly slots: readonly Slot[];
  /**
   * How many calls `given.want` candidates take when no filter drops any; what filters drop comes on top, by the yield
   * that a preview shows. By slot, and separately where replies are of another length.
   */
  calls(given: Omit<Given, "seed">): Calls[];
  /** @throws InputError at once where what it needs is missing */
  run(given: Given): Steps;
}

/** A place for a model, by what it does in the method. */
export interface Slot {
  readonly name: string;
  readonly says: string;
  /**
   * What the model must be able to do: `chat` answer a conversation; `logprobs` that, and tell the log-probabilities of
   * alternatives; `completion` that, and continue a raw text that no chat template is put around; `reward` score a response.
   */
  readonly can: "chat" | "logprobs" | "completion" | "reward";
  /** Takes one model or more; else exactly one. */
  readonly isMany?: boolean;
}

/** `responses`: prompts of which each has a response by a person. */
type Need = "prompts" | "responses" | "documents";

interface Calls {
  readonly slot: string;
  readonly calls: number;
  /** Tokens of a reply at most. */
  readonly maxTokens: number;
}

/** What a run is given. */
export interface Given {
  readonly inputs: Inputs;
  /** How many models each slot holds: `Ask.at` is below it. */
  readonly bound: Readonly<Record<string, number>>;
  /** Ends when so many candidates were accepted, or when the inputs are used up. */
  readonly want: number;
  /** A whole number from 0. */
  readonly seed: number;
}

export interface Inputs {
  readonly prompts: readonly InputPrompt[];
  readonly documents: readonly InputDocument[];
}

/** A prompt of the project, or a row of a file. */
export interface InputPrompt {
  /** No other input has it, and it holds no line break. */
  readonly id: string;
  readonly messages: readonly Message[];
  /** What a person answered, where somebody did. */
  readonly response: string | null;
  /** Other fields of its row, by name: what templates speak of. */
  readonly fields: Readonly<Record<string, string>>;
}

interface InputDocument {
  readonly id: string;
  readonly text: string;
}

/** How a reply is drawn, as text models take it. */
export interface Sampling {
  readonly temperature: number;
  readonly topP?: number;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  /** Another one for each ask of a run. */
  readonly seed: number;
}

interface Asked {
  /** No other ask of the run has it. */
  readonly key: string;
  readonly slot: string;
  /** Which of the slot's models, from 0. */
  readonly at: number;
}

export interface WriteAsk extends Asked {
  readonly kind: "write";
  readonly messages: readonly Message[];
  readonly sampling: Sampling;
  /** How many alternatives are told at each token; as many as the model tells, where that is fewer. */
  readonly logprobs?: number;
}

export interface CompleteAsk extends Asked {
  readonly kind: "complete";
  /** Exactly what the model reads, special tokens written out; nothing is put around it. */
  readonly prompt: string;
  readonly sampling: Sampling;
}

export interface ScoreAsk extends Asked {
  readonly kind: "score";
  readonly messages: readonly Message[];
  readonly response: string;
}

export type Ask = WriteAsk | CompleteAsk | ScoreAsk;

/** Of `write` and `complete` a reply, of `score` a score, of each a failure with its reason as a sentence. */
export type Answer =
  | { readonly reply: Pick<Reply, "text" | "finishReason" | "logprobs"> }
  | { readonly score: number }
  | { readonly failure: string };

type Step = { readonly asks: readonly Ask[] } | { readonly candidates: readonly Candidate[] };
/** Part of a run, which comes to `R`. */
export type Asking<R> = Generator<Step, R, readonly Answer[]>;
export type Steps = Asking<void>;

/** What may become a row of training data when people agree; what filters dropped stays on record with its numbers. */
export interface Candidate {
  /** No other candidate of the run has it; no input's id is like it, for it begins with "~". */
  readonly key: string;
  /** Ids of inputs and keys of earlier candidates of which it was made: when one is withdrawn, this goes too. */
  readonly parents: readonly string[];
  /** What made it of them: the step, or the operator that was drawn. */
  readonly operator: string;
  /** Empty where a reply held none. */
  readonly prompt: readonly Message[];
  /** All that answer the prompt: one of an example, two or more of which a pair was chosen; none where there is none. */
  readonly responses: readonly CandidateResponse[];
  /** Which response is preferred, of a pair that there is. */
  readonly pair: Readonly<CandidateContent["pair"]>;
  /** The asks whose replies it was made from. */
  readonly asks: readonly string[];
  /** In the order in which they were asked; the first that does not keep it is why it was dropped. */
  readonly verdicts: readonly Readonly<FilterVerdict>[];
  /** Why it was dropped, in words that are the same for all that went for it; null where it was accepted. */
  readonly dropped: string | null;
  /** The most alike of what was accepted before, and how alike by the filter of likeness; null where none is. */
  readonly nearest: { readonly of: string; readonly figure: number } | null;
  /** What else a reviewer wants to see and an export holds: a quotation, a principle, a rationale. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export type CandidateResponse = Readonly<CandidateContent["responses"][number]>;

/** What a filter says of a candidate: why it drops it, or null. */
export interface Filtering extends Pick<FilterVerdict, "filter"> {
  readonly why: string | null;
  readonly figure?: FilterVerdict["figure"];
}

/** Filters are asked in their order up to the first that does not keep. */
export function filtered(all: readonly Filtering[]): Pick<Candidate, "verdicts" | "dropped"> {
  const first = all.findIndex(({ why }) => why !== null);
  const asked = first < 0 ? all : all.slice(0, first + 1);
  return {
    verdicts: asked.map(({ filter, why, figure = null }) => ({ filter, keeps: why === null, figure })),
    dropped: asked.at(-1)?.why ?? null,
  };
}

interface Described<S extends z.ZodObject> extends Omit<Method, "open" | "options"> {
  readonly options: S;
  /** What options need beyond `needs`. */
  readonly alsoNeeds?: (settings: z.output<S>) => readonly Need[];
  /** The slots that options leave out of use. */
  readonly unused?: (settings: z.output<S>) => readonly string[];
  readonly calls: (settings: z.output<S>, given: Omit<Given, "seed">) => Calls[];
  readonly run: (settings: z.output<S>, given: Given) => Steps;
}

/** A method of its parts: options are checked before anything is asked. */
export function method<S extends z.ZodObject>(made: Described<S>): Method {
  const { alsoNeeds, unused, calls, run, ...method } = made;
  return {
    ...method,
    open(options) {
      const read = made.options.safeParse(options);
      if (!read.success) {
        const [{ path, message }] = read.error.issues;
        throw new InputError(`${made.title}: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}.`);
      }
      const settings = read.data;
      const needs = [...made.needs, ...(alsoNeeds?.(settings) ?? [])];
      const idle = new Set(unused?.(settings));
      const slots = made.slots.filter(({ name }) => !idle.has(name));
      return {
        settings,
        needs,
        slots,
        calls: (given) => calls(settings, given),
        run(given) {
          const problem = missing(needs, slots, given);
          if (problem) throw new InputError(`${made.title}: ${problem}`);
          return run(settings, given);
        },
      };
    },
  };
}

function missing(
  needs: readonly Need[],
  slots: readonly Slot[],
  { inputs: { prompts, documents }, bound }: Given,
): string | null {
  for (const { name, isMany, says } of slots) {
    const models = bound[name] ?? 0;
    if (models < 1) return `the slot ${name} has no model; choose one that ${says}.`;
    if (models > 1 && !isMany) return `the slot ${name} takes one model, and has ${models}; choose one.`;
  }
  if (needs.includes("documents") && documents.length === 0) return "no documents; choose some.";
  if (needs.some((need) => need !== "documents") && prompts.length === 0) return "no prompts; choose some.";
  const bare = needs.includes("responses") ? prompts.find(({ response }) => !response?.trim()) : undefined;
  return bare ? `the prompt ${bare.id} has no response by a person; leave it out or answer it.` : null;
}

/** Asks a model to go on with a conversation, the first of its slot where none is named, with the run's next seed. */
export const writeAsk = (
  draws: Draws,
  { key, slot, at = 0, messages }: Pick<WriteAsk, "key" | "slot" | "messages"> & { readonly at?: number },
  sampling: Omit<Sampling, "seed">,
): WriteAsk => ({
  ...{ kind: "write", key, slot, at, messages },
  sampling: { ...sampling, seed: draws.seed() },
});

/** Hands a batch out and takes its answers. */
export function* asked<A extends Ask>(asks: readonly A[]): Asking<{ ask: A; answer: Answer }[]> {
  if (asks.length === 0) return [];
  const answers = yield { asks };
  if (answers.length !== asks.length)
    throw new Error(`${asks.length} asks were handed out, and ${answers.length} answers handed back.`);
  return asks.map((ask, at) => ({ ask, answer: answers[at] }));
}

/** Hands candidates out, where there are any. @returns how many of them were accepted */
export function* offered(candidates: readonly Candidate[]): Asking<number> {
  if (candidates.length > 0) yield { candidates };
  return candidates.filter(({ dropped }) => dropped === null).length;
}

/**
 * What a reply says, or why it cannot be used: it failed, was cut, withheld or refused, or is empty. A reply that ended by
 * itself has all that the model wanted to say.
 */
export function textOf(answer: Answer): { readonly text: string } | { readonly fault: string } {
  if ("failure" in answer) return { fault: "no reply" };
  if ("score" in answer) throw new Error("A score was handed back where a text was asked for.");
  const { text, finishReason } = answer.reply;
  if (finishReason === "length") return { fault: "cut by length" };
  if (finishReason !== "stop") return { fault: "refused or withheld" };
  return text.trim() === "" ? { fault: "empty" } : { text: text.trim() };
}

/** What a reply begins with, cut or not, where its first words are the answer; "" where there is none. */
export function beginningOf(answer: Answer): string {
  if (!("reply" in answer)) return "";
  const { text, finishReason } = answer.reply;
  return finishReason === "stop" || finishReason === "length" ? text.trim() : "";
}

/** The score that was told, or null where asking failed. */
export function scoreOf(answer: Answer): number | null {
  if ("failure" in answer) return null;
  if (!("score" in answer)) throw new Error("A text was handed back where a score was asked for.");
  return answer.score;
}

/** What the user said last: the instruction of a prompt of one turn. */
export const instructionOf = ({ messages }: Pick<InputPrompt, "messages">): string =>
  messages.findLast(({ role }) => role === "user")?.content ?? "";

export const userTurn = (content: string): Message[] => [{ role: "user", content }];

/** A prompt as a judge reads it: what the user says, or all turns where there are several. */
export const conversationOf = ({ messages }: Pick<InputPrompt, "messages">): string =>
  messages.length === 1
    ? messages[0].content
    : messages.map(({ role, content }) => `[${role}]\n${content}`).join("\n\n");

/** Replaces what the user said last. */
export const withInstruction = (messages: readonly Message[], content: string): Message[] => {
  const at = messages.findLastIndex(({ role }) => role === "user");
  return messages.map((message, place) => (place === at ? { ...message, content } : message));
};

/** The keys of a run's candidates, one after the other. */
export function candidateKeys(): () => string {
  let count = 0;
  return () => `~${++count}`;
}

/** So many batches in a row without an accepted candidate, and no more are asked for. */
const DRY = 20;

/**
 * Makes batches out of nothing that is used up, until so many candidates were accepted or no more come.
 * @param make hands out the candidates of a batch, which are counted from 1. @returns how many of them were accepted
 */
export function* untilDry(want: number, make: (batch: number) => Asking<number>): Steps {
  let accepted = 0;
  for (let batch = 1, dry = 0; accepted < want && dry < DRY; batch++) {
    const more = yield* make(batch);
    accepted += more;
    dry = more > 0 ? 0 : dry + 1;
  }
}

/** As many asks as a batch holds by and large. */
const BATCH = 256;

/**
 * Goes through items in their order, as many at a time as make a batch of asks, until so many candidates were accepted.
 * @param each what one item asks at once, at most
 * @param make hands out the candidates of some items. @returns how many of them were accepted
 */
export function* throughAll<T>(
  items: readonly T[],
  { want, each }: { readonly want: number; readonly each: number },
  make: (some: readonly T[]) => Asking<number>,
): Asking<number> {
  const size = Math.max(1, Math.floor(BATCH / each));
  let accepted = 0;
  for (let at = 0; at < items.length && accepted < want; at += size)
    accepted += yield* make(items.slice(at, at + size));
  return accepted;
}

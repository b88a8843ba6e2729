/** A model as lm-eval asks it: log-likelihoods of continuations, texts until a stop, and its chat template. */

import type { Scored } from "../../server/benchmark/metrics";
import { singleTurn, type Turn } from "../../server/benchmark/prompt";
import { rstrip } from "../../server/benchmark/python/space";
import type { Task } from "../../server/benchmark/task";
import { InputError } from "../../server/statistics/estimate";
import { EngineError } from "../engine/errors";
import type { Device } from "../engine/graph/session";
import { generate } from "../engine/infer/generate";
import { type Inference, openInference } from "../engine/infer/inference";
import { type Continuation, likelihoods } from "../engine/infer/likelihood";
import { type ChatTokenizer, openTokenizer } from "../engine/tokenize/tokenizer";

export interface ModelSettings {
  readonly model: string;
  readonly adapter?: string;
  readonly device: Device;
  readonly batch_size: number;
  readonly max_length?: number;
  readonly add_bos_token?: boolean;
  readonly prefix_token_id?: number;
}

export interface LikelihoodAnswer {
  readonly scored: Scored;
  /** Tokens of the context and of the continuation before anything is cut off. */
  readonly tokens: readonly [number, number];
}

export interface Generation {
  readonly until: readonly string[];
  readonly maxTokens: number;
  readonly copies: number;
  readonly sampling: {
    readonly do_sample: boolean;
    readonly temperature: number;
    readonly top_k: number;
    readonly top_p: number;
  };
  readonly seed: number;
}

/** Called with how many answers there are so far. */
type Progress = (done: number) => void;

export class BenchmarkModel {
  readonly #settings: ModelSettings;
  readonly #inference: Inference;
  readonly #tokenizer: ChatTokenizer;
  /** Tokens the model reads at most. */
  readonly maxLength: number;
  /** What stands before a text that has no context: BOS, else end of sequence. */
  readonly prefixId: number;

  /** @throws EngineError naming what is missing or does not fit. */
  constructor(settings: ModelSettings) {
    this.#settings = settings;
    const { device } = settings;
    this.#inference = openInference(settings.model, settings.adapter ?? null, { device });
    this.#tokenizer = openTokenizer(settings.model);
    const room = this.#inference.config.max_position_embeddings - this.#inference.virtualTokens;
    this.maxLength = settings.max_length ?? room;
    if (this.maxLength > room)
      throw new InputError(`max_length is ${this.maxLength}; this model reads at most ${room} tokens.`);
    this.prefixId = settings.prefix_token_id ?? this.#tokenizer.bosId ?? this.#tokenizer.eosId;
  }

  get endOfText(): string {
    return this.#tokenizer.eosToken;
  }

  /** Ids of a text; `first` is not doubled where the text already begins with it, as templates write it. */
  #encode(text: string, first: number | null): number[] {
    const begins = first !== null && text.startsWith(this.#tokenizer.decode([first]));
    const specialTokens = !begins && (this.#settings.add_bos_token ?? true);
    return this.#known(this.#tokenizer.encode(text, { specialTokens }));
  }

  #known(ids: number[]): number[] {
    const { vocab_size } = this.#inference.config;
    const unknown = ids.find((id) => id >= vocab_size);
    if (unknown !== undefined) throw new EngineError(this.#tokenizer.beyond(unknown, vocab_size));
    return ids;
  }

  /** Context and continuation in tokens: spaces at the context's end belong to the continuation. */
  #pair(context: string, continuation: string): Continuation {
    if (context === "") {
      const ids = this.#known(this.#tokenizer.encode(continuation, { specialTokens: false }));
      return ids[0] === this.prefixId
        ? { context: ids.slice(0, 1), continuation: ids.slice(1) }
        : { context: [this.prefixId], continuation: ids };
    }
    const bare = rstrip(context);
    const whole = this.#encode(context + continuation, this.prefixId);
    const ids = this.#encode(bare, this.prefixId);
    return { context: ids, continuation: whole.slice(ids.length) };
  }

  /** What is read of a context and what is asked of it, cut from the left to the model's length. */
  #cut({ context, continuation }: Continuation, what: string): Continuation {
    if (continuation.length === 0) throw new InputError(`${what} has no tokens of its own.`);
    if (continuation.length > this.maxLength)
      throw new InputError(
        `${what} has ${continuation.length} tokens; the model reads at most ${this.maxLength}: leave the document out (samples) or use a model that reads more.`,
      );
    const kept = [...context, ...continuation].slice(-(this.maxLength + 1));
    return { context: kept.slice(0, -continuation.length), continuation };
  }

  /** Log-likelihood of each continuation after its context. */
  async likelihoods(
    asked: readonly { readonly context: string; readonly continuation: string; readonly what: string }[],
    progress: Progress,
  ): Promise<LikelihoodAnswer[]> {
    const pairs = asked.map(({ context, continuation }) => this.#pair(context, continuation));
    const cut = pairs.map((pair, index) => this.#cut(pair, asked[index].what));
    const scored = await this.#scored(cut, progress);
    return pairs.map(({ context, continuation }, index) => ({
      scored: scored[index],
      tokens: [context.length, continuation.length],
    }));
  }

  /** Log-likelihood of whole texts, window by window: each token is read once and follows all that fit before it. */
  async rolling(texts: readonly string[], progress: Progress): Promise<number[]> {
    const windows = texts.map((text) =>
      windowsOf(this.#encode(text, this.prefixId), this.prefixId, this.maxLength),
    );
    const scored = await this.#scored(windows.flat(), progress);
    let next = 0;
    return windows.map((own) => own.reduce((total) => total + scored[next++][0], 0));
  }

  async #scored(asked: readonly Continuation[], progress: Progress): Promise<Scored[]> {
    const found: Scored[] = [];
    let done = 0;
    for await (const { index, logps, greedy } of likelihoods(this.#inference, asked)) {
      found[index] = [logps.reduce((total, logp) => total + logp, 0), greedy];
      progress(++done);
    }
    return found;
  }

  /** Continues each text; the answers of a text in order, and whether its beginning was cut off. */
  async generate(
    contexts: readonly string[],
    { until, maxTokens, copies, sampling, seed }: Generation,
    progress: Progress,
  ): Promise<{ answers: string[][]; cut: boolean[] }> {
    const room = this.maxLength - maxTokens;
    if (room <= 0)
      throw new InputError(
        `generation_kwargs.max_gen_toks is ${maxTokens}; the model reads ${this.maxLength} tokens: ask for fewer.`,
      );
    const whole = contexts.map((context) => this.#encode(context, this.#tokenizer.bosId));
    const prompts = whole.map((ids) => ids.slice(-room));
    const stops = [...until, ...(until.includes(this.endOfText) ? [] : [this.endOfText])];
    const decode = (ids: readonly number[]) => this.#tokenizer.decode([...ids], { skipSpecialTokens: true });
    const cut = (text: string) =>
      stops.reduce((left, stop) => (stop === "" ? left : left.split(stop)[0]), text);
    const answers = contexts.map((): string[] => []);
    let done = 0;
    const { config } = this.#inference;
    for await (const { prompt, sample, ids } of generate(this.#inference, prompts, {
      ...sampling,
      max_new_tokens: maxTokens,
      num_return_sequences: copies,
      batch_size: this.#settings.batch_size,
      seed,
      stopIds: [...new Set([...config.eos_token_ids, this.#tokenizer.eosId])],
      shouldStop: (so) => {
        const text = decode(so);
        return cut(text) !== text;
      },
    })) {
      answers[prompt][sample] = cut(decode(ids));
      progress(++done);
    }
    return { answers, cut: whole.map(({ length }) => length > room) };
  }

  /** Turns in the model's template; what an answer is to begin with stays open at the end. */
  chat(turns: readonly Turn[], { fewshot_as_multiturn }: Pick<Task, "fewshot_as_multiturn">): string {
    const all = fewshot_as_multiturn === false ? singleTurn(turns) : turns;
    const render = (given: readonly Turn[]) => {
      const messages = given.map(({ role, content }) => ({ role, content }));
      const begun = given.at(-1)?.role === "assistant" ? given.at(-1)?.content : undefined;
      const text = this.#tokenizer.render(messages, { addGenerationPrompt: begun === undefined });
      return begun === undefined ? text : upTo(text, begun);
    };
    try {
      return render(all);
    } catch (error) {
      // Templates that know no system turn refuse one; lm-eval then leaves it out.
      const others = all.filter(({ role }) => role !== "system");
      if (!(error instanceof EngineError) || others.length === all.length) throw error;
      return render(others);
    }
  }
}

/** The text up to the end of the last message, as transformers continues it. */
function upTo(text: string, message: string): string {
  const bare = message.trim();
  const at = text.lastIndexOf(bare);
  if (at < 0)
    throw new EngineError("the chat template changes the message that the answer is to begin with.");
  const open = message.trimStart();
  return text.slice(0, at + (text.startsWith(open, at) && open === message ? open.length : bare.length));
}

/** Windows in which a text is read: a token of context for the second and later ones, more for the last. */
function windowsOf(ids: readonly number[], prefix: number, room: number): Continuation[] {
  if (ids.length === 0) return [];
  const first = ids.slice(0, room);
  const windows: Continuation[] = [{ context: [prefix], continuation: first }];
  for (let done = first.length; done < ids.length; ) {
    const count = Math.min(ids.length - done, room);
    const end = done + count;
    windows.push({
      context: ids.slice(end - room - 1, end - count),
      continuation: ids.slice(end - count, end),
    });
    done = end;
  }
  return windows;
}

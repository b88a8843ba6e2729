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
  /** Place of the request among those that were asked. */
  readonly index: number;
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

  /** Tokens of texts. */
  count(texts: readonly string[]): number {
    return texts.reduce(
      (sum, text) => sum + this.#tokenizer.encode(text, { specialTokens: false }).length,
      0,
    );
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

  /** Whether a context of so many tokens, and what continues it, is read without its beginning. */
  wasCut([context, continuation]: LikelihoodAnswer["tokens"]): boolean {
    return context + continuation > this.maxLength + 1;
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

  /** Log-likelihood of each continuation after its context, as they come. */
  async *likelihoods(
    asked: readonly { readonly context: string; readonly continuation: string; readonly what: string }[],
  ): AsyncGenerator<LikelihoodAnswer> {
    const pairs = asked.map(({ context, continuation }) => this.#pair(context, continuation));
    const cut = pairs.map((pair, index) => this.#cut(pair, asked[index].what));
    for await (const { index, scored } of this.#scored(cut))
      yield { index, scored, tokens: [pairs[index].context.length, pairs[index].continuation.length] };
  }

  /** Log-likelihood of whole texts, window by window: each token is read once and follows all that fit before it. */
  async *rolling(
    texts: readonly string[],
  ): AsyncGenerator<{ readonly index: number; readonly likelihood: number }> {
    const own = texts.map((text) =>
      windowsOf(this.#encode(text, this.prefixId), this.prefixId, this.maxLength),
    );
    const windows = own.flatMap((list, index) => list.map((window, part) => ({ index, part, window })));
    const waiting = own.map(({ length }) => length);
    const parts = own.map((): number[] => []);
    for (const [index, count] of waiting.entries()) if (count === 0) yield { index, likelihood: 0 };
    const asked = windows.map(({ window }) => window);
    for await (const { index: place, scored } of this.#scored(asked)) {
      const { index, part } = windows[place];
      parts[index][part] = scored[0];
      waiting[index]--;
      // Added in the order of the text, whichever window was read first.
      if (waiting[index] === 0)
        yield { index, likelihood: parts[index].reduce((total, part) => total + part, 0) };
    }
  }

  async *#scored(
    asked: readonly Continuation[],
  ): AsyncGenerator<{ readonly index: number; readonly scored: Scored }> {
    for await (const { index, logps, greedy } of likelihoods(this.#inference, asked))
      yield { index, scored: [logps.reduce((total, logp) => total + logp, 0), greedy] };
  }

  /**
   * Continues each text: its answers in order, and whether its beginning was cut off, as soon as all of them are there.
   * Where they are drawn at random, each text draws from a stream of its own, by its `id`: what others are asked changes
   * nothing.
   */
  async *generate(
    asked: readonly { readonly id: number; readonly context: string }[],
    generation: Generation,
  ): AsyncGenerator<{ readonly index: number; readonly answers: string[]; readonly cut: boolean }> {
    const { maxTokens, copies, sampling, seed } = generation;
    const room = this.maxLength - maxTokens;
    if (room <= 0)
      throw new InputError(
        `generation_kwargs.max_gen_toks is ${maxTokens}; the model reads ${this.maxLength} tokens: ask for fewer.`,
      );
    const whole = asked.map(({ context }) => this.#encode(context, this.#tokenizer.bosId));
    const groups = sampling.do_sample ? whole.map((_, index) => [index]) : [whole.map((_, index) => index)];
    for (const group of groups) {
      const own = sampling.do_sample ? (seed + Math.imul(asked[group[0]].id + 1, 0x9e3779b1)) >>> 0 : seed;
      const answers = group.map((): string[] => []);
      const waiting = group.map(() => copies);
      const prompts = group.map((index) => whole[index].slice(-room));
      for await (const { prompt, sample, text } of this.#written(prompts, { ...generation, seed: own })) {
        answers[prompt][sample] = text;
        waiting[prompt]--;
        const index = group[prompt];
        if (waiting[prompt] === 0) yield { index, answers: answers[prompt], cut: whole[index].length > room };
      }
    }
  }

  async *#written(
    prompts: readonly (readonly number[])[],
    { until, maxTokens, copies, sampling, seed }: Generation,
  ): AsyncGenerator<{ readonly prompt: number; readonly sample: number; readonly text: string }> {
    const stops = [...until, ...(until.includes(this.endOfText) ? [] : [this.endOfText])];
    const decode = (ids: readonly number[]) => this.#tokenizer.decode([...ids], { skipSpecialTokens: true });
    const cut = (text: string) =>
      stops.reduce((left, stop) => (stop === "" ? left : left.split(stop)[0]), text);
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
    }))
      yield { prompt, sample, text: cut(decode(ids)) };
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

import { EngineError } from "../errors";
import type { Device } from "../graph/session";
import { sharedLength } from "../rows/packing";
import type { Text } from "../tokenize/examples";
import { rstrip } from "../tokenize/python-strip";
import { tokenizeScored } from "../tokenize/sequences";
import { splitSides } from "../tokenize/sides";
import { type ChatTokenizer, openTokenizer } from "../tokenize/tokenizer";
import { generate, generateSteps, logSumExp } from "./generate";
import { type Held, HeldTo, TokenBytes } from "./held";
import { type Inference, openInference, type Responses } from "./inference";
import { automatonOf } from "./json-schema";
import { type Continuation, likelihoods } from "./likelihood";
import { logitsOf } from "./read";
import type {
  AnswersRow,
  ContinuationsRow,
  GenerationSettings,
  InferenceAnswer,
  InferenceRequest,
  PromptRow,
  ToldToken,
  WriteRequest,
  Written,
} from "./requests";
import { likeliest } from "./sampling";
import { cut, WrittenText } from "./written-text";

export interface ModelToOpen {
  readonly model: string;
  readonly adapter?: string | null;
  readonly device?: Device;
  readonly threads?: number;
}

/** Rows answered between two looks at the outside world: progress is seen and a stop takes effect that often. */
const rowsAtOnce = 32;
/** Tokens of a prompt whose logits are made at once: those of all would take gigabytes. */
const echoedAtOnce = 64;

/** A model that reads and writes text: tokenizer and chat template around `Inference`. */
export class TextInference {
  readonly #inference: Inference;
  readonly #tokenizer: ChatTokenizer;
  #tokenBytes: TokenBytes | undefined;
  /** The schema that was kept to last: many requests in a row have one. */
  #kept: { schema: string; held: Held } | null = null;

  /** @throws EngineError naming what is missing or does not fit. */
  constructor({ model, adapter = null, device, threads }: ModelToOpen) {
    this.#inference = openInference(model, adapter, { device, threads });
    this.#tokenizer = openTokenizer(model);
  }

  /** Answers row by row, in any order for generation and in the rows' order otherwise. */
  answer(request: InferenceRequest): AsyncGenerator<InferenceAnswer> {
    switch (request.kind) {
      case "generate":
        return this.#generate(request.rows, request.options);
      case "score":
        return this.#score(request.rows);
      case "logprobs":
        return this.#measure(request.rows);
      case "continuations":
        return this.#continuations(request.rows);
      case "embed":
        return this.#embed(request.rows, request.most);
    }
  }

  /**
   * Continues one prompt, told token by token.
   * @throws EngineError for a prompt that the model cannot read or continue, and a schema that it cannot be held to
   */
  async *write({ top, echo, schema, ...request }: WriteRequest): AsyncGenerator<Written> {
    const { prompt } = request;
    const ids =
      typeof prompt === "object" && "ids" in prompt ? prompt.ids : this.#promptIds({ ...request, prompt });
    this.#refuseUnknown(ids);
    if (ids.length === 0) throw new EngineError("The prompt is empty.");
    if (ids.length >= this.#room)
      throw new EngineError(
        `The prompt has ${ids.length} tokens and leaves no room for an answer: this model reads at most ${this.#room}.`,
      );
    const options = {
      ...this.#options({
        ...request.options,
        // Of a prompt that is only read the first token is picked and not told.
        max_new_tokens: Math.max(1, request.options.max_new_tokens),
      }),
      held: schema === null ? null : this.#heldTo(schema),
    };
    const scored = echo && top !== null;
    const texts = Array.from(
      { length: request.options.num_return_sequences },
      () => new WrittenText(request.options.stop_strings),
    );
    const written: number[][] = texts.map(() => []);
    const { length: count } = ids;
    const echoed = async (states: Float32Array | null) => ({
      ...(echo ? { text: this.#tokenizer.decode([...ids]) } : {}),
      ...(scored && states ? { tokens: await this.#echo(ids, states, top) } : {}),
    });
    for await (const step of generateSteps(this.#inference, [ids], { ...options, states: scored })) {
      if (step.kind === "read") {
        yield { kind: "read", count, known: step.known, ...(await echoed(step.states)) };
        if (request.options.max_new_tokens === 0) return;
      } else if (step.kind === "token") {
        const { sample, id, logp, logits } = step;
        written[sample].push(id);
        const text = texts[sample].grow(this.#written(written[sample]));
        const tokens = top === null ? undefined : [this.#told(id, logp, logits, top)];
        // Also without text: whoever reads hears that it goes on, and can break it off.
        yield { kind: "text", sample, count: written[sample].length, text, tokens };
      } else {
        const { sample, ids, finish } = step.result;
        const rest = texts[sample].end(this.#written(ids));
        if (rest) yield { kind: "text", sample, count: ids.length, text: rest };
        yield { kind: "end", sample, count: ids.length, finish };
      }
    }
  }

  close(): Promise<void> {
    return this.#inference.close();
  }

  async *#generate(
    rows: readonly PromptRow[],
    settings: GenerationSettings,
  ): AsyncGenerator<InferenceAnswer> {
    const prompts = rows.map((row) => this.#promptIds(row));
    for (const ids of prompts) this.#refuseUnknown(ids);
    const kept = [...prompts.keys()].filter(
      (row) => prompts[row].length > 0 && prompts[row].length < this.#room,
    );
    for (const [row, { length }] of prompts.entries()) {
      if (length === 0) yield { kind: "dropped", row, reason: "the prompt is empty" };
      else if (length >= this.#room) yield tooLong(row, length, this.#room);
    }
    const { stop_strings: stops } = settings;
    const results = generate(
      this.#inference,
      kept.map((row) => prompts[row]),
      this.#options(settings),
    );
    for await (const { prompt, sample, ids, logps, finish } of results) {
      const text = this.#written(ids);
      const logp = logps.reduce((total, value) => total + value, 0);
      yield {
        kind: "generated",
        row: kept[prompt],
        sample,
        completion: cut(text, stops) ?? text,
        tokens: ids.length,
        logp,
        finish,
      };
    }
  }

  /** A prompt's tokens, each with what the model expected in its place. */
  async #echo(ids: readonly number[], states: Float32Array, top: number): Promise<ToldToken[]> {
    const { hidden_size, vocab_size } = this.#inference.config;
    const told: ToldToken[] = [{ id: ids[0], bytes: this.#bytes(ids[0]), logp: null, top: [] }];
    for (let start = 0; start < ids.length - 1; start += echoedAtOnce) {
      const end = Math.min(start + echoedAtOnce, ids.length - 1);
      const data = states.subarray(start * hidden_size, end * hidden_size);
      const logits = await logitsOf(this.#inference, data);
      for (let i = start; i < end; i++) {
        const own = logits.subarray((i - start) * vocab_size, (i - start + 1) * vocab_size);
        told.push(this.#told(ids[i + 1], own[ids[i + 1]] - logSumExp(own), own, top));
      }
    }
    return told;
  }

  #told(id: number, logp: number, logits: Float32Array, top: number): ToldToken {
    const total = top > 0 ? logSumExp(logits) : 0;
    return {
      id,
      bytes: this.#bytes(id),
      logp,
      top: likeliest(logits, top).map((other) => ({
        id: other,
        bytes: this.#bytes(other),
        logp: logits[other] - total,
      })),
    };
  }

  readonly #bytes = (id: number) => [...this.#tokenizer.bytesOf(id)];

  readonly #written = (ids: readonly number[]) =>
    this.#tokenizer.decode([...ids], { skipSpecialTokens: true });

  #heldTo(schema: string): Held {
    if (this.#kept?.schema !== schema) {
      const automaton = automatonOf(schema);
      const { vocab_size } = this.#inference.config;
      const stops = new Set(this.#stopIds);
      this.#tokenBytes ??= new TokenBytes(
        // Written or not, what ends a text adds nothing to it.
        this.#tokenizer.writtenBytes(vocab_size).map((bytes, id) => (stops.has(id) ? null : bytes)),
      );
      this.#kept = { schema, held: new HeldTo(automaton, this.#tokenBytes, this.#stopIds) };
    }
    return this.#kept.held;
  }

  /** What ends a text of this model. */
  get #stopIds(): number[] {
    return [...new Set([...this.#inference.config.eos_token_ids, this.#tokenizer.eosId])];
  }

  /** Settings as generation takes them. */
  #options(settings: GenerationSettings) {
    const { stop_strings: stops } = settings;
    return {
      ...settings,
      stopIds: this.#stopIds,
      shouldStop:
        stops.length === 0 ? undefined : (ids: readonly number[]) => cut(this.#written(ids), stops) !== null,
    };
  }

  async *#score(rows: readonly AnswersRow[]): AsyncGenerator<InferenceAnswer> {
    yield* this.#inGroups(
      rows,
      (row) => {
        const sequences = row.responses.map((response) => {
          const { ids, end } = tokenizeScored(this.#tokenizer, row.prompt, response, row);
          return ids.slice(0, end + 1);
        });
        return shareBeginning(sequences);
      },
      async (group) => {
        const rewards = await this.#inference.scores(group.map(({ ids }) => ids));
        return group.map(({ row }, index) => ({ kind: "scored", row, rewards: rewards[index] }));
      },
    );
  }

  async *#measure(rows: readonly AnswersRow[]): AsyncGenerator<InferenceAnswer> {
    yield* this.#inGroups(
      rows,
      (row) => {
        const { prompt = "" } = row;
        const { prompt_ids, completions } = splitSides(this.#tokenizer, prompt, row.responses, row);
        return { prompt: prompt_ids, responses: completions };
      },
      async (group) => {
        const logps = await this.#inference.logProbabilities(group.map(({ ids }) => ids));
        return group.map(({ row, ids: { responses } }, index) => ({
          kind: "measured",
          row,
          responses: responses.map((ids, response) => ({
            ids: [...ids],
            logps: [...logps[index][response]],
          })),
        }));
      },
    );
  }

  /**
   * As lm-eval counts: spaces at a context's end belong to what continues it, and the whole is cut where the context
   * alone ends. Rows are answered one by one, as each may begin like the one before.
   */
  async *#continuations(rows: readonly ContinuationsRow[]): AsyncGenerator<InferenceAnswer> {
    for (const [row, { context, continuations }] of rows.entries()) {
      const ids = this.#tokenizer.encode(rstrip(context));
      const asked = continuations.map(
        (text): Continuation => ({
          context: ids,
          continuation: this.#tokenizer.encode(context + text).slice(ids.length),
        }),
      );
      const reason = this.#unanswerable(ids, asked);
      if (reason !== null) {
        yield { kind: "dropped", row, reason };
        continue;
      }
      const found = asked.map(({ continuation }) => ({ tokens: continuation.length, sum: 0, greedy: false }));
      for await (const { index, logps, greedy } of likelihoods(this.#inference, asked))
        found[index] = { tokens: logps.length, sum: logps.reduce((a, b) => a + b, 0), greedy };
      yield { kind: "continued", row, continuations: found };
    }
  }

  #unanswerable(context: readonly number[], asked: readonly Continuation[]): string | null {
    if (context.length === 0) return "its context has no token";
    const empty = asked.findIndex(({ continuation }) => continuation.length === 0);
    if (empty >= 0) return `its continuation ${empty + 1} has no token of its own`;
    for (const { continuation } of asked) this.#refuseUnknown([...context, ...continuation]);
    return this.#overlong(
      context.length + Math.max(...asked.map(({ continuation }) => continuation.length)) - 1,
    );
  }

  async *#embed(rows: readonly Text[], most?: number): AsyncGenerator<InferenceAnswer> {
    const idsOf = (row: Text) => {
      const ids = typeof row === "string" ? this.#tokenizer.encode(row) : this.#tokenizer.encodeChat(row);
      return most === undefined ? ids : ids.slice(0, Math.min(most, this.#room));
    };
    yield* this.#inGroups(
      rows,
      (row) => ({ prompt: [], responses: [idsOf(row)] }),
      async (group) => {
        const found = await this.#inference.embeddings(group.map(({ ids }) => ids.responses[0]));
        return group.map(({ row, ids }, index) => ({
          kind: "embedded",
          row,
          tokens: ids.responses[0].length,
          embedding: [...found[index]],
        }));
      },
    );
  }

  /** Tokenises rows in groups, sets aside what cannot be read, and answers the others. */
  async *#inGroups<Row>(
    rows: readonly Row[],
    tokenize: (row: Row) => Responses | string,
    answer: (group: readonly { row: number; ids: Responses }[]) => Promise<InferenceAnswer[]>,
  ): AsyncGenerator<InferenceAnswer> {
    for (let start = 0; start < rows.length; start += rowsAtOnce) {
      const group: { row: number; ids: Responses }[] = [];
      for (const [offset, row] of rows.slice(start, start + rowsAtOnce).entries()) {
        const ids = tokenize(row);
        const reason = typeof ids === "string" ? ids : this.#unreadable(ids);
        if (reason !== null) yield { kind: "dropped", row: start + offset, reason };
        else if (typeof ids !== "string") group.push({ row: start + offset, ids });
      }
      yield* await answer(group);
    }
  }

  #unreadable({ prompt, responses }: Responses): string | null {
    for (const ids of [prompt, ...responses]) this.#refuseUnknown(ids);
    const lengths = responses.map(({ length }) => prompt.length + length);
    if (lengths.includes(0)) return "it has no token";
    return this.#overlong(Math.max(...lengths));
  }

  #overlong(tokens: number): string | null {
    return tokens > this.#room ? `it has ${tokens} tokens and the model reads at most ${this.#room}` : null;
  }

  #promptIds(row: PromptRow): number[] {
    const { prompt } = row;
    return typeof prompt === "string"
      ? this.#tokenizer.encode(prompt)
      : this.#tokenizer.encodeChat(prompt, { ...row, addGenerationPrompt: true });
  }

  #refuseUnknown(ids: readonly number[]): void {
    const { vocab_size } = this.#inference.config;
    const unknown = ids.find((id) => id >= vocab_size);
    if (unknown !== undefined) {
      const sentence = this.#tokenizer.beyond(unknown, vocab_size);
      throw new EngineError(sentence.charAt(0).toUpperCase() + sentence.slice(1));
    }
  }

  /** Tokens a sequence may have. */
  get #room(): number {
    return this.#inference.config.max_position_embeddings - this.#inference.virtualTokens;
  }
}

function tooLong(row: number, length: number, room: number): InferenceAnswer {
  return {
    kind: "dropped",
    row,
    reason: `the prompt has ${length} tokens and leaves no room for an answer: the model reads at most ${room}`,
  };
}

/** Sequences with a common beginning as one prompt and its continuations, so that it is computed once. */
export function shareBeginning(sequences: readonly (readonly number[])[]): Responses {
  const shared = sharedLength(sequences);
  return {
    prompt: sequences[0].slice(0, shared),
    responses: sequences.map((sequence) => sequence.slice(shared)),
  };
}

import { EngineError } from "../errors";
import type { Device } from "../graph/session";
import { sharedLength } from "../rows/packing";
import type { Text } from "../tokenize/examples";
import { tokenizeScored } from "../tokenize/sequences";
import { splitSides } from "../tokenize/sides";
import { type ChatTokenizer, openTokenizer } from "../tokenize/tokenizer";
import { generate } from "./generate";
import { type Inference, openInference, type Responses } from "./inference";
import type {
  AnswersRow,
  GenerationSettings,
  InferenceAnswer,
  InferenceRequest,
  PromptRow,
} from "./requests";

export interface ModelToOpen {
  readonly model: string;
  readonly adapter?: string | null;
  readonly device?: Device;
  readonly threads?: number;
}

/** Rows answered between two looks at the outside world: progress is seen and a stop takes effect that often. */
const rowsAtOnce = 32;

/** A model that reads and writes text: tokenizer and chat template around `Inference`. */
export class TextInference {
  readonly #inference: Inference;
  readonly #tokenizer: ChatTokenizer;

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
      case "embed":
        return this.#embed(request.rows);
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
    const decode = (ids: readonly number[]) => this.#tokenizer.decode([...ids], { skipSpecialTokens: true });
    const options = {
      ...settings,
      stopIds: [...new Set([...this.#inference.config.eos_token_ids, this.#tokenizer.eosId])],
      shouldStop:
        stops.length === 0 ? undefined : (ids: readonly number[]) => cut(decode(ids), stops) !== null,
    };
    const results = generate(
      this.#inference,
      kept.map((row) => prompts[row]),
      options,
    );
    for await (const { prompt, sample, ids, logps, finish } of results) {
      const text = decode(ids);
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

  async *#embed(rows: readonly Text[]): AsyncGenerator<InferenceAnswer> {
    const idsOf = (row: Text) =>
      typeof row === "string" ? this.#tokenizer.encode(row) : this.#tokenizer.encodeChat(row);
    yield* this.#inGroups(
      rows,
      (row) => ({ prompt: [], responses: [idsOf(row)] }),
      async (group) => {
        const found = await this.#inference.embeddings(group.map(({ ids }) => ids.responses[0]));
        return group.map(({ row }, index) => ({ kind: "embedded", row, embedding: [...found[index]] }));
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
    const longest = Math.max(...lengths);
    return longest > this.#room ? `it has ${longest} tokens and the model reads at most ${this.#room}` : null;
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

/** The text before the first of the stop strings; null where none occurs. */
function cut(text: string, stops: readonly string[]): string | null {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length === 0 ? null : text.slice(0, Math.min(...places));
}

/** Sequences with a common beginning as one prompt and its continuations, so that it is computed once. */
export function shareBeginning(sequences: readonly (readonly number[])[]): Responses {
  const shared = sharedLength(sequences);
  return {
    prompt: sequences[0].slice(0, shared),
    responses: sequences.map((sequence) => sequence.slice(shared)),
  };
}

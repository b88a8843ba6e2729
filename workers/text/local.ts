import type { Capabilities } from "../../db/shape/endpoint";
import type { ToldToken } from "../../db/shape/model-call";
import { Killed } from "../../server/child";
import { EngineError } from "../engine/errors";
import { readModelConfig } from "../engine/model/read-config";
import { rstrip } from "../engine/tokenize/python-strip";
import { InferenceChild } from "../training/inference-child";
import type { ModelFolders } from "../training/models";
import {
  type ContinuationLogprob,
  type End,
  type GenerateRequest,
  type Piece,
  type ScoredPair,
  TextError,
  type TextModel,
} from "./model";
import { unitLength } from "./unit-length";

/** As many alternatives as the engine tells. */
const MOST_ALTERNATIVES = 20;

export interface LocalModelOptions {
  name: string;
  folders: ModelFolders;
  /** Whether it has a score head. */
  isReward: boolean;
  /** What a preference-tuned model was trained from, for its implicit reward. */
  reference?: ModelFolders;
}

/**
 * A registered model in the ONNX engine, in a process of its own that stays open until `close`. It answers one request
 * after the other.
 */
export class LocalModel implements TextModel {
  readonly name: string;
  readonly #options: LocalModelOptions;
  readonly #children = new Map<ModelFolders, Promise<InferenceChild>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LocalModelOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async capabilities(): Promise<Capabilities> {
    const { isReward, reference, folders } = this.#options;
    return {
      logprobs: isReward ? 0 : MOST_ALTERNATIVES,
      schema: !isReward,
      tools: false,
      // A template that takes none says so when it is rendered.
      system: true,
      continuations: !isReward,
      rewards: isReward || reference !== undefined,
      embeddings: true,
      context: readModelConfig(folders.model).max_position_embeddings,
    };
  }

  /** `raw`: text that it continues as it stands, special tokens written out, in place of a conversation. */
  async *generate({ signal, raw, ...request }: GenerateRequest & { raw?: string }): AsyncGenerator<Piece> {
    const { messages, maxTokens, temperature, topP, seed, stop, logprobs } = request;
    if (request.tools) throw new TextError(`${this.name} calls no tools: ask it for text.`, "never");
    const leave = await this.#turn();
    let child: InferenceChild | undefined;
    const breakOff = () => child?.stop();
    signal?.addEventListener("abort", breakOff);
    try {
      child = await this.#child(this.#options.folders);
      // Nobody was there yet to hear it.
      signal?.throwIfAborted();
      const end: End = {
        type: "end",
        finishReason: "error",
        usage: { input: null, cached: 0, output: 0 },
        model: this.name,
        fingerprint: null,
      };
      const tokens: ToldToken[] = [];
      const asked = {
        prompt: raw ?? [...messages],
        top: logprobs === undefined ? null : Math.min(logprobs, MOST_ALTERNATIVES),
        schema: request.schema ? JSON.stringify(request.schema) : null,
        options: {
          max_new_tokens: maxTokens,
          do_sample: temperature > 0,
          temperature: temperature || 1,
          top_p: topP,
          seed,
          stop_strings: [...(stop ?? [])],
        },
      };
      for await (const written of child.write({ kind: "write", ...asked })) {
        if (written.kind === "read") end.usage = { input: written.count, cached: written.known, output: 0 };
        else end.usage.output = written.count;
        if (written.kind === "end") end.finishReason = written.finish;
        if (written.kind !== "text") continue;
        tokens.push(...(written.tokens ?? []));
        if (written.text) yield { type: "text", text: written.text };
      }
      signal?.throwIfAborted();
      yield logprobs === undefined ? end : { ...end, logprobs: tokens.map(told) };
    } catch (error) {
      throw signal?.aborted ? error : asTextError(error);
    } finally {
      signal?.removeEventListener("abort", breakOff);
      leave();
    }
  }

  /** A reward model's rewards; of a preference-tuned model log π(y|x) − log π_ref(y|x), in nats. */
  async score(pairs: readonly ScoredPair[], signal?: AbortSignal): Promise<number[]> {
    const { folders, isReward, reference } = this.#options;
    if (isReward) {
      return this.#alone(signal, async () => {
        const child = await this.#child(folders);
        const rows = pairs.map(rowOf);
        const rewards = Array.from({ length: rows.length }, () => Number.NaN);
        for await (const answer of child.answer({ kind: "score", rows })) {
          if (answer.kind === "dropped") throw unreadable("response", answer);
          if (answer.kind === "scored") rewards[answer.row] = answer.rewards[0];
        }
        return rewards;
      });
    }
    if (!reference)
      throw new TextError(`${this.name} is no reward model and was not tuned on preferences.`, "never");
    return this.#alone(signal, async () => {
      const own = await this.#likelihoods(folders, pairs);
      const before = await this.#likelihoods(reference, pairs);
      return own.map((logp, index) => logp - before[index]);
    });
  }

  /**
   * As lm-eval counts: the whole is tokenised, cut where the context alone ends; its trailing spaces move over. What a
   * context has in common with those before, a rubric say, is not read again.
   */
  async logprobs(
    context: string,
    continuations: readonly string[],
    signal?: AbortSignal,
  ): Promise<ContinuationLogprob[]> {
    if (rstrip(context) === "")
      throw new TextError("A continuation needs a context with text in it.", "never");
    return this.#alone(signal, async () => {
      const child = await this.#child(this.#options.folders);
      const rows = [{ context, continuations: [...continuations] }];
      let found: ContinuationLogprob[] = [];
      for await (const answer of child.answer({ kind: "continuations", rows })) {
        if (answer.kind === "dropped") throw unreadable("context", answer);
        if (answer.kind === "continued") found = answer.continuations;
      }
      return found;
    });
  }

  /** The mean of the last hidden states of a text's tokens, of length 1. */
  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    return this.#alone(signal, async () => {
      const child = await this.#child(this.#options.folders);
      const found: Float32Array[] = [];
      for await (const answer of child.answer({ kind: "embed", rows: [...texts] })) {
        if (answer.kind === "dropped") throw unreadable("text", answer);
        if (answer.kind === "embedded") found[answer.row] = Float32Array.from(unitLength(answer.embedding));
      }
      return found;
    });
  }

  /** Ends its processes, in the middle of an answer if need be. */
  async close(): Promise<void> {
    const open = [...this.#children.values()];
    this.#children.clear();
    for (const child of await Promise.allSettled(open)) if (child.status === "fulfilled") child.value.kill();
  }

  /** Sums of the log-probabilities of responses, in nats. */
  async #likelihoods(folders: ModelFolders, pairs: readonly ScoredPair[]): Promise<number[]> {
    const child = await this.#child(folders);
    const rows = pairs.map(rowOf);
    const sums = Array.from({ length: rows.length }, () => Number.NaN);
    for await (const answer of child.answer({ kind: "logprobs", rows })) {
      if (answer.kind === "dropped") throw unreadable("response", answer);
      if (answer.kind === "measured")
        sums[answer.row] = answer.responses[0].logps.reduce((sum, logp) => sum + logp, 0);
    }
    return sums;
  }

  /** Opened once; again where the process was ended from outside. */
  async #child(folders: ModelFolders): Promise<InferenceChild> {
    const known = await this.#children.get(folders)?.catch(() => undefined);
    if (known && !known.isOver) return known;
    const opening = InferenceChild.open(folders);
    this.#children.set(folders, opening);
    return opening;
  }

  /** Waits for those who asked before. @returns lets the next one in */
  async #turn(): Promise<() => void> {
    let leave = () => {};
    const before = this.#last;
    this.#last = new Promise<void>((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }

  async #alone<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const leave = await this.#turn();
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw signal?.aborted ? error : asTextError(error);
    } finally {
      leave();
    }
  }
}

const rowOf = ({ messages, response }: ScoredPair) => ({
  prompt: [...messages],
  responses: [[{ role: "assistant", content: response }]],
});

const unreadable = (what: string, { row, reason }: { row: number; reason: string }) =>
  new TextError(`The model cannot read ${what} ${row + 1}: ${reason}.`, "never");

const textOf = (bytes: readonly number[]) => Buffer.from(bytes).toString();

const told = ({ bytes, logp, top }: ToldToken) => ({
  token: textOf(bytes),
  // Of a continuation every token has one.
  logprob: logp ?? 0,
  top: top.map((other) => ({ token: textOf(other.bytes), logprob: other.logp })),
});

/** What cannot be read will not be read another time; a process that was ended may be started again. */
function asTextError(error: unknown): unknown {
  if (error instanceof Killed) return new TextError(error.message, "later", { cause: error });
  return error instanceof EngineError ? new TextError(error.message, "never", { cause: error }) : error;
}

import { randomUUID } from "node:crypto";
import type { CallPiece, CallRequest } from "../../../db/shape/model-call";
import type { ServedModel } from "../schema";
import { CompletionLogprobs, chatLogprobs } from "./token";

type Write = Extract<CallRequest, { kind: "write" }>;
type Pieces = AsyncIterable<CallPiece>;

interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** What every answer and every chunk of one says of itself. */
const head = (kind: string, object: string, model: ServedModel) => ({
  id: `${kind}-${randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model: `${model.project}/${model.name}`,
  // A registered model never changes.
  system_fingerprint: model.id,
});

/** Counts as it goes by. */
async function* counted(pieces: Pieces, usage: Usage): AsyncGenerator<CallPiece> {
  for await (const piece of pieces) {
    if (piece.kind === "read" || piece.kind === "embedding") usage.prompt_tokens += piece.count;
    if (piece.kind === "end") usage.completion_tokens += piece.count;
    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
    yield piece;
  }
}

const none = (): Usage => ({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });

/** How one of the two sorts of answers is written. */
interface Form {
  kind: string;
  object: string;
  chunk: string;
  /** What a stream begins with for each choice, if anything. */
  opening?(index: number): object;
  delta(index: number, text: string, logprobs: object | null, finish: string | null): object;
  whole(index: number, text: string, logprobs: object | null, finish: string | null): object;
  /** Log-probabilities of more tokens of a choice. */
  logprobs(): (tokens: NonNullable<Extract<CallPiece, { kind: "text" }>["tokens"]>) => object;
  /** Log-probabilities in pieces as one. */
  join(parts: readonly object[]): object | null;
}

const lists = (parts: readonly object[]): object | null => {
  if (parts.length === 0) return null;
  const joined: Record<string, unknown> = {};
  for (const [name, value] of parts.flatMap((part) => Object.entries(part)))
    joined[name] = Array.isArray(value) && Array.isArray(joined[name]) ? [...joined[name], ...value] : value;
  return joined;
};

export const chatForm: Form = {
  kind: "chatcmpl",
  object: "chat.completion",
  chunk: "chat.completion.chunk",
  opening: (index) => ({
    index,
    delta: { role: "assistant", content: "", refusal: null },
    logprobs: null,
    finish_reason: null,
  }),
  delta: (index, text, logprobs, finish) => ({
    index,
    delta: finish ? {} : { content: text },
    logprobs,
    finish_reason: finish,
  }),
  whole: (index, text, logprobs, finish) => ({
    index,
    message: { role: "assistant", content: text, refusal: null },
    logprobs,
    finish_reason: finish,
  }),
  logprobs: () => chatLogprobs,
  join: lists,
};

const completionChoice = (index: number, text: string, logprobs: object | null, finish: string | null) => ({
  index,
  text,
  logprobs,
  finish_reason: finish,
});

export const completionForm: Form = {
  kind: "cmpl",
  object: "text_completion",
  chunk: "text_completion",
  delta: completionChoice,
  whole: completionChoice,
  logprobs: () => {
    const told = new CompletionLogprobs();
    return (tokens) => told.of(tokens);
  },
  join: lists,
};

/** What happens to one choice: more of it, or its end. A prompt that is told begins all its choices. */
async function* choicesOf(form: Form, { samples, maxTokens }: Write, pieces: Pieces) {
  const logprobsOf = new Map<number, ReturnType<Form["logprobs"]>>();
  const told = (index: number, tokens: Extract<CallPiece, { kind: "text" }>["tokens"]) => {
    if (!tokens) return null;
    const of = logprobsOf.get(index) ?? form.logprobs();
    logprobsOf.set(index, of);
    return of(tokens);
  };
  for await (const piece of pieces) {
    if (piece.kind === "embedding") continue;
    const first = piece.prompt * samples;
    if (piece.kind === "read")
      for (let index = first; index < first + samples; index++) {
        yield {
          index,
          text: piece.text ?? "",
          logprobs: told(index, piece.tokens),
          finish: null,
          opens: true,
        };
        // A prompt that is only read has no end of its own.
        if (maxTokens === 0) yield { index, text: "", logprobs: null, finish: "length", opens: false };
      }
    else if (piece.kind === "text") {
      const index = first + piece.sample;
      yield { index, text: piece.text, logprobs: told(index, piece.tokens), finish: null, opens: false };
    } else
      yield { index: first + piece.sample, text: "", logprobs: null, finish: piece.finish, opens: false };
  }
}

/** The answer in one piece. */
export async function wholeAnswer(form: Form, model: ServedModel, request: Write, pieces: Pieces) {
  const usage = none();
  const choices = new Map<number, { text: string; logprobs: object[]; finish: string | null }>();
  for await (const { index, text, logprobs, finish } of choicesOf(form, request, counted(pieces, usage))) {
    const choice = choices.get(index) ?? { text: "", logprobs: [], finish: null };
    choice.text += text;
    if (logprobs) choice.logprobs.push(logprobs);
    choice.finish ??= finish;
    choices.set(index, choice);
  }
  return {
    ...head(form.kind, form.object, model),
    choices: [...choices]
      .sort(([one], [other]) => one - other)
      .map(([index, { text, logprobs, finish }]) => form.whole(index, text, form.join(logprobs), finish)),
    usage,
  };
}

/** The answer in chunks, as server-sent events carry them. */
export async function* chunksOf(
  form: Form,
  model: ServedModel,
  request: Write,
  pieces: Pieces,
  includeUsage: boolean,
): AsyncGenerator<object> {
  const usage = none();
  const same = { ...head(form.kind, form.chunk, model), ...(includeUsage && { usage: null }) };
  for await (const { index, text, logprobs, finish, opens } of choicesOf(
    form,
    request,
    counted(pieces, usage),
  )) {
    if (opens && form.opening) yield { ...same, choices: [form.opening(index)] };
    if (text || logprobs || finish) yield { ...same, choices: [form.delta(index, text, logprobs, finish)] };
  }
  if (includeUsage) yield { ...same, choices: [], usage };
}

/** Vectors of length 1, in the order of the texts. */
export async function embeddingsAnswer(model: ServedModel, pieces: Pieces, base64: boolean) {
  const usage = none();
  const data: { object: "embedding"; index: number; embedding: number[] | string }[] = [];
  for await (const piece of counted(pieces, usage)) {
    if (piece.kind !== "embedding") continue;
    const { prompt: index, values } = piece;
    const embedding = base64 ? Buffer.from(new Float32Array(values).buffer).toString("base64") : values;
    data.push({ object: "embedding", index, embedding });
  }
  data.sort((one, other) => one.index - other.index);
  const { prompt_tokens, total_tokens } = usage;
  return {
    object: "list",
    data,
    model: `${model.project}/${model.name}`,
    usage: { prompt_tokens, total_tokens },
  };
}

/** A model as OpenAI lists them. */
export const listedModel = ({ project, name, createdAt }: ServedModel) => ({
  id: `${project}/${name}`,
  object: "model",
  created: Math.floor(createdAt.getTime() / 1000),
  owned_by: project,
});

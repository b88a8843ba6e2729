import { randomInt } from "node:crypto";
import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import type { CallRequest } from "../../../db/shape/model-call";
import { limits } from "../../limits";
import { OpenAiError } from "./error";

/** OpenAI's requests, as far as they are answered: whatever would change the answer and is not done is refused. */

type Write = Extract<CallRequest, { kind: "write" }>;

/** Tokens of an answer where a conversation names none: a model that never ends would write for hours. */
const DEFAULT_CHAT_TOKENS = 1024;
/** OpenAI's own. */
const DEFAULT_COMPLETION_TOKENS = 16;
const MOST_SAMPLES = 16;
const MOST_STOPS = 16;
const MOST_ALTERNATIVES = 20;

/** What says something about the request and nothing about its answer. */
const IGNORED = [
  ...["user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key"],
  "prompt_cache_retention",
];

const nothing = (what: string) =>
  z
    .unknown()
    .refine(
      (value) =>
        value === 0 || (typeof value === "object" && value !== null && Object.keys(value).length === 0),
      `${what}: leave it out.`,
    )
    .optional();

const common = {
  model: z.string().min(1),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().positive().max(1).default(1),
  n: z.int().min(1).max(MOST_SAMPLES).default(1),
  seed: z.int().nonnegative().optional(),
  stop: z
    .union([
      z
        .string()
        .min(1)
        .transform((stop) => [stop]),
      z.array(z.string().min(1)).max(MOST_STOPS),
    ])
    .default([]),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
  presence_penalty: nothing("Penalties are not computed here"),
  frequency_penalty: nothing("Penalties are not computed here"),
  logit_bias: nothing("Logits are not biased here"),
  ...Object.fromEntries(IGNORED.map((name) => [name, z.unknown().optional()])),
};

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const content = z.union(
  [z.string(), z.array(textPart).transform((parts) => parts.map(({ text }) => text).join(""))],
  {
    error: "must be a text, or a list of parts of the type text: these models read nothing else",
  },
);

const chatSchema = z.strictObject({
  ...common,
  messages: z
    .array(
      z.object({
        role: z.enum(["system", "developer", "user", "assistant"]),
        content,
        name: z.string().optional(),
        tool_calls: nothing("Tools are not called here"),
      }),
    )
    .min(1),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(MOST_ALTERNATIVES).default(0),
  response_format: z
    .discriminatedUnion("type", [
      z.object({ type: z.literal("text") }),
      z.object({ type: z.literal("json_object") }),
      z.object({
        type: z.literal("json_schema"),
        // What of it cannot be kept to is told by the engine, which keeps to it.
        json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .default({ type: "text" }),
  tools: nothing("Tools are not called here"),
  tool_choice: z.literal(["none", "auto"], { error: "Tools are not called here: leave it out." }).optional(),
  parallel_tool_calls: z.unknown().optional(),
});

const ids = z.array(z.int().nonnegative()).min(1);

const completionSchema = z.strictObject({
  ...common,
  prompt: z.union([
    z.string().transform((prompt) => [prompt]),
    ids.transform((prompt) => [prompt]),
    z.array(z.string()).min(1),
    z.array(ids).min(1),
  ]),
  max_tokens: z.int().nonnegative().default(DEFAULT_COMPLETION_TOKENS),
  logprobs: z.int().min(0).max(MOST_ALTERNATIVES).optional(),
  echo: z.boolean().default(false),
  best_of: z.literal(1, { error: "Only best_of 1 is answered: ask for n, and choose." }).optional(),
});

const embeddingSchema = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)], {
    error: "must be a text or a list of texts",
  }),
  encoding_format: z.enum(["float", "base64"]).default("float"),
  ...Object.fromEntries(IGNORED.map((name) => [name, z.unknown().optional()])),
});

/** What a request asks of a model, and how its answer is written. */
export interface Asked {
  model: string;
  request: CallRequest;
  stream: boolean;
  includeUsage: boolean;
}

export function askedChat(body: unknown): Asked & { request: Write } {
  const given = parsed(chatSchema, body);
  const messages = given.messages.map(({ role, content, name }): Message => {
    const known = role === "developer" ? "system" : role;
    return name === undefined ? { role: known, content } : { role: known, content, name };
  });
  return asked(given, {
    prompts: [messages],
    maxTokens: given.max_completion_tokens ?? given.max_tokens ?? DEFAULT_CHAT_TOKENS,
    logprobs: given.logprobs ? given.top_logprobs : null,
    echo: false,
    schema: schemaOf(given.response_format),
  });
}

/** The schema that an answer keeps to, as text. */
function schemaOf(format: z.infer<typeof chatSchema>["response_format"]): string | undefined {
  switch (format.type) {
    case "text":
      return undefined;
    case "json_object":
      return '{"type":"object"}';
    case "json_schema":
      return JSON.stringify(format.json_schema.schema);
  }
}

export function askedCompletion(body: unknown): Asked & { request: Write } {
  const given = parsed(completionSchema, body);
  atMost(given.prompt, "prompt");
  return asked(given, {
    prompts: given.prompt,
    maxTokens: given.max_tokens,
    logprobs: given.logprobs ?? null,
    echo: given.echo,
  });
}

export function askedEmbedding(body: unknown): Asked & { base64: boolean } {
  const given = parsed(embeddingSchema, body);
  atMost(given.input, "input");
  return {
    model: given.model,
    request: { kind: "embed", texts: given.input },
    stream: false,
    includeUsage: true,
    base64: given.encoding_format === "base64",
  };
}

function asked(
  given: Pick<z.infer<typeof completionSchema>, "model" | "n" | "temperature" | "top_p" | "seed" | "stop"> &
    Pick<z.infer<typeof completionSchema>, "stream" | "stream_options">,
  own: Pick<Write, "prompts" | "maxTokens" | "logprobs" | "echo" | "schema">,
): Asked & { request: Write } {
  return {
    model: given.model,
    request: {
      kind: "write",
      ...own,
      samples: given.n,
      temperature: given.temperature,
      topP: given.top_p,
      seed: given.seed ?? randomInt(2 ** 31),
      stop: given.stop,
    },
    stream: given.stream,
    includeUsage: given.stream_options?.include_usage ?? false,
  };
}

function atMost(list: readonly unknown[], param: string): void {
  if (list.length > limits.callPrompts)
    throw new OpenAiError(
      400,
      `${param} has ${list.length} entries; ${limits.callPrompts} are the most.`,
      param,
    );
}

/** Clients write null for what they leave out. @throws OpenAiError naming the field */
function parsed<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const given =
    typeof body === "object" && body !== null
      ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
      : body;
  const { data, error } = shape.safeParse(given);
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  if (issue.code === "unrecognized_keys")
    throw new OpenAiError(
      400,
      `${issue.keys.join(", ")}: not known here, and left out it might change the answer. Remove it.`,
      issue.keys[0] ?? null,
    );
  const param = issue.path.join(".");
  throw new OpenAiError(400, param ? `${param}: ${issue.message}` : issue.message, param || null);
}

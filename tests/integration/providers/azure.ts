import type { ServerResponse } from "node:http";
import { z } from "zod";
import { breakOff, DEFAULT_USAGE, type Does, type FakeProvider, json, KEY, wordsOf, wrongWith } from "./wire";

/** A deployment, called as people like. */
const DEPLOYMENT = "judges-in-sweden";
const MODEL = "gpt-4o-2024-08-06";

const bodySchema = z.strictObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.enum(["system", "developer", "user", "assistant", "tool"]),
      content: z.string(),
    }),
  ),
  // The newer models refuse max_tokens.
  max_completion_tokens: z.number().int().positive(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().optional(),
  seed: z.number().int().optional(),
  stop: z.array(z.string()).max(4).optional(),
  logprobs: z.literal(true).optional(),
  top_logprobs: z.number().int().max(20).optional(),
  response_format: z
    .strictObject({
      type: z.literal("json_schema"),
      json_schema: z.strictObject({
        name: z.string(),
        strict: z.literal(true),
        schema: z.looseObject({ type: z.literal("object"), additionalProperties: z.literal(false) }),
      }),
    })
    .optional(),
  tools: z
    .array(z.strictObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }))
    .optional(),
  tool_choice: z
    .strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string() }) })
    .optional(),
});
type Body = z.infer<typeof bodySchema>;

const SAFE = { hate: { filtered: false, severity: "safe" }, violence: { filtered: false, severity: "safe" } };

/** Azure OpenAI's chat completions, API version v1. */
export const azure: FakeProvider = {
  kind: "azure",
  model: DEPLOYMENT,
  base: "/openai",
  origin: "https://resource.openai.azure.com",
  answer(seen, response, script) {
    const error = (status: number, code: string, message: string, more = {}, headers = {}) =>
      json(response, status, { error: { code, message, ...more } }, headers);
    if (seen.headers["api-key"] !== KEY)
      return error(401, "401", "Access denied due to invalid subscription key or wrong API endpoint.");
    // At an address that is not Azure's own, a gateway adds the rest.
    if (!["/openai/v1/chat/completions?api-version=v1", "/openai/chat/completions"].includes(seen.path))
      return error(404, "404", "Resource not found");
    const wrong = wrongWith(bodySchema, seen.body);
    if (wrong) return error(400, "invalid_request_error", wrong);
    const body = bodySchema.parse(seen.body);
    if (body.model !== DEPLOYMENT)
      return error(404, "DeploymentNotFound", "The API deployment for this resource does not exist.");
    const does = script({
      prompt: body.messages.at(-1)?.content ?? "",
      schema: body.response_format !== undefined,
      tool: body.tool_choice?.function.name,
    });
    if (!("fails" in does)) return stream(response, body, does);
    switch (does.fails) {
      case "rate":
        return error(429, "429", "Requests have exceeded the call rate limit.", {}, { "retry-after": "7" });
      case "overloaded":
        return error(503, "ServiceUnavailable", "The service is temporarily unable to process your request.");
      case "spent":
        return error(429, "insufficient_quota", "You exceeded your current quota.", {
          type: "insufficient_quota",
        });
      case "timeout":
        return error(408, "Timeout", "The operation was timeout.");
      case "filtered":
        return error(400, "content_filter", "The prompt triggered the content management policy.", {
          ...{ param: "prompt", type: null, status: 400 },
          innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: SAFE },
        });
    }
  },
};

const finishReason = {
  stop: "stop",
  length: "length",
  refused: "stop",
  filtered: "content_filter",
} as const;

function stream(response: ServerResponse, body: Body, does: Exclude<Does, { fails: unknown }>): void {
  const usage = ("usage" in does && does.usage) || DEFAULT_USAGE;
  const data = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  const common = { id: "c1", object: "chat.completion.chunk", created: 1, model: MODEL, usage: null };
  const choice = (delta: object, more = {}) =>
    data({
      ...common,
      system_fingerprint: "fp_azure",
      choices: [
        { index: 0, delta, finish_reason: null, logprobs: null, content_filter_results: SAFE, ...more },
      ],
    });
  response.writeHead(200, { "content-type": "text/event-stream" });
  // Azure begins with what its filter says of the prompt, in a chunk that names no model.
  data({
    ...{ id: "", object: "", created: 0, model: "", choices: [] },
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }],
  });
  choice({ role: "assistant", content: "", refusal: null });
  if ("cut" in does || "breaks" in does) {
    for (const word of wordsOf("cut" in does ? does.after : "It")) choice({ content: word });
    if ("breaks" in does) data({ error: { message: does.breaks, type: "server_error", code: null } });
    breakOff(response, does);
    return;
  }
  for (const word of wordsOf(does.says))
    choice(does.end === "refused" ? { refusal: word } : { content: word }, {
      ...(body.logprobs
        ? {
            logprobs: {
              content: [
                { token: word, logprob: -0.5, bytes: null, top_logprobs: [{ token: word, logprob: -0.5 }] },
              ],
            },
          }
        : {}),
    });
  const { calls } = does;
  if (calls) {
    const call = (more: object) => choice({ tool_calls: [{ index: 0, ...more }] });
    call({ id: "call_1", type: "function", function: { name: calls.name, arguments: "" } });
    const whole = JSON.stringify(calls.arguments);
    for (const piece of [whole.slice(0, 4), whole.slice(4)]) call({ function: { arguments: piece } });
  }
  choice({}, { finish_reason: calls ? "tool_calls" : finishReason[does.end ?? "stop"] });
  data({
    ...common,
    choices: [],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached },
    },
  });
  response.end("data: [DONE]\n\n");
}

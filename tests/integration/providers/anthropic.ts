import type { ServerResponse } from "node:http";
import { z } from "zod";
import { breakOff, DEFAULT_USAGE, type Does, type FakeProvider, json, KEY, wordsOf, wrongWith } from "./wire";

const MODEL = "claude-sonnet-4-5";
/** One that keeps to a schema by a tool alone. */
export const OLDER = "claude-sonnet-4-20250514";

const block = z.union([
  z.strictObject({ type: z.literal("text"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("tool_use"), id: z.string(), name: z.string(), input: z.looseObject({}) }),
  z.strictObject({ type: z.literal("tool_result"), tool_use_id: z.string(), content: z.unknown() }),
]);
const bodySchema = z.strictObject({
  model: z.string(),
  max_tokens: z.number().int().positive(),
  stream: z.literal(true),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().optional(),
  stop_sequences: z.array(z.string()).optional(),
  system: z.array(z.strictObject({ type: z.literal("text"), text: z.string() })).optional(),
  messages: z.array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.array(block).min(1) })),
  tools: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string(),
        input_schema: z.looseObject({ type: z.literal("object") }),
        eager_input_streaming: z.boolean().optional(),
        strict: z.boolean().optional(),
      }),
    )
    .optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(["auto", "any", "tool", "none"]),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  output_config: z
    .strictObject({ format: z.strictObject({ type: z.literal("json_schema"), schema: z.looseObject({}) }) })
    .optional(),
});
type Body = z.infer<typeof bodySchema>;

/** Anthropic's Messages API, version 2023-06-01. */
export const anthropic: FakeProvider = {
  kind: "anthropic",
  model: MODEL,
  base: "/v1",
  origin: "https://api.anthropic.com",
  answer(seen, response, script) {
    const error = (status: number, type: string, message: string, headers = {}) =>
      json(response, status, { type: "error", error: { type, message }, request_id: "req_1" }, headers);
    if (seen.headers["x-api-key"] !== KEY) return error(401, "authentication_error", "invalid x-api-key");
    if (seen.headers["anthropic-version"] !== "2023-06-01")
      return error(400, "invalid_request_error", "anthropic-version: header is required");
    if (seen.method === "GET" && seen.path === `/v1/models/${MODEL}`)
      return json(response, 200, { type: "model", id: MODEL, max_input_tokens: 200_000 });
    if (seen.method !== "POST" || seen.path !== "/v1/messages")
      return error(404, "not_found_error", "Not Found");
    const wrong = wrongWith(bodySchema, seen.body);
    if (wrong) return error(400, "invalid_request_error", wrong);
    const body = bodySchema.parse(seen.body);
    if (body.model !== MODEL && body.model !== OLDER)
      return error(404, "not_found_error", `model: ${body.model}`);
    const said = body.messages.at(-1)?.content.at(-1);
    const does = script({
      prompt: said?.type === "text" ? said.text : "",
      schema: body.output_config !== undefined || body.tool_choice?.type === "any",
      tool: body.tool_choice?.name,
    });
    if (!("fails" in does)) return stream(response, body, does);
    switch (does.fails) {
      case "rate":
        return error(429, "rate_limit_error", "This would exceed your rate limit.", { "retry-after": "7" });
      case "overloaded":
        return error(529, "overloaded_error", "Overloaded");
      case "spent":
        return error(400, "invalid_request_error", "Your credit balance is too low for this API.");
      case "filtered":
        return error(400, "invalid_request_error", "Output blocked by content filtering policy");
      case "timeout":
        return error(504, "timeout_error", "Request timed out");
    }
  },
};

const stopReason = {
  stop: "end_turn",
  length: "max_tokens",
  refused: "refusal",
  filtered: "refusal",
} as const;

function stream(response: ServerResponse, body: Body, does: Exclude<Does, { fails: unknown }>): void {
  const event = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  let index = 0;
  const written = (start: object, deltas: object[]) => {
    event("content_block_start", { index, content_block: start });
    for (const delta of deltas) event("content_block_delta", { index, delta });
    event("content_block_stop", { index });
    index++;
  };
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const usage = ("usage" in does && does.usage) || DEFAULT_USAGE;
  event("message_start", {
    message: {
      ...{ id: "msg_1", type: "message", role: "assistant", model: `${body.model}-20250929`, content: [] },
      ...{ stop_reason: null, stop_sequence: null },
      usage: {
        // What came from the cache is counted apart.
        input_tokens: usage.input - usage.cached,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: usage.cached,
        output_tokens: 1,
      },
    },
  });
  event("ping", {});
  const texts = (text: string) => wordsOf(text).map((word) => ({ type: "text_delta", text: word }));
  if ("cut" in does || "breaks" in does) {
    event("content_block_start", { index, content_block: { type: "text", text: "" } });
    for (const delta of texts("cut" in does ? does.after : "It"))
      event("content_block_delta", { index, delta });
    if ("breaks" in does) event("error", { error: { type: "overloaded_error", message: does.breaks } });
    breakOff(response, does);
    return;
  }
  if (does.thinks)
    written({ type: "thinking", thinking: "", signature: "" }, [
      { type: "thinking_delta", thinking: does.thinks },
      { type: "signature_delta", signature: "c2ln" },
    ]);
  const isForced = body.tool_choice?.type === "any";
  const call =
    does.calls ?? (isForced ? { name: body.tools?.[0].name, arguments: JSON.parse(does.says) } : null);
  if (call) {
    const whole = JSON.stringify(call.arguments);
    written({ type: "tool_use", id: "toolu_1", name: call.name, input: {} }, [
      { type: "input_json_delta", partial_json: "" },
      { type: "input_json_delta", partial_json: whole.slice(0, 4) },
      { type: "input_json_delta", partial_json: whole.slice(4) },
    ]);
  } else if (does.says) written({ type: "text", text: "" }, texts(does.says));
  event("message_delta", {
    delta: { stop_reason: call ? "tool_use" : stopReason[does.end ?? "stop"], stop_sequence: null },
    usage: { output_tokens: usage.output },
  });
  event("message_stop", {});
  response.end();
}

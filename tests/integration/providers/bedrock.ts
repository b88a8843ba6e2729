import type { ServerResponse } from "node:http";
import { z } from "zod";
import { breakOff, DEFAULT_USAGE, type Does, type FakeProvider, json, KEY, wordsOf, wrongWith } from "./wire";

const MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
/** One of another family, which keeps to a schema by a tool alone. */
export const NOVA = "eu.amazon.nova-pro-v1:0";

const block = z.union([
  z.strictObject({ text: z.string().min(1) }),
  z.strictObject({ toolUse: z.looseObject({ name: z.string() }) }),
  z.strictObject({ toolResult: z.looseObject({ toolUseId: z.string() }) }),
]);
const bodySchema = z.strictObject({
  system: z.array(z.strictObject({ text: z.string() })).optional(),
  messages: z
    .array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.array(block).min(1) }))
    .min(1),
  inferenceConfig: z.strictObject({
    maxTokens: z.number().int().positive(),
    temperature: z.number().min(0).max(1).optional(),
    topP: z.number().optional(),
    stopSequences: z.array(z.string()).optional(),
  }),
  toolConfig: z
    .strictObject({
      tools: z.array(
        z.strictObject({
          toolSpec: z.strictObject({
            name: z.string(),
            description: z.string(),
            inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal("object") }) }),
            strict: z.boolean().optional(),
          }),
        }),
      ),
      toolChoice: z
        .union([
          z.strictObject({ tool: z.strictObject({ name: z.string() }) }),
          z.strictObject({ any: z.strictObject({}) }),
        ])
        .optional(),
    })
    .optional(),
  additionalModelRequestFields: z.looseObject({}).optional(),
  additionalModelResponseFieldPaths: z.array(z.string()).optional(),
});
type Body = z.infer<typeof bodySchema>;

/** Amazon Bedrock's Converse API with a Bedrock API key. */
export const bedrock: FakeProvider = {
  kind: "bedrock",
  model: MODEL,
  base: "",
  origin: "https://bedrock-runtime.eu-central-1.amazonaws.com",
  answer(seen, response, script) {
    const error = (status: number, type: string, body: object) =>
      json(response, status, body, { "x-amzn-errortype": type });
    // A key is no signature: nothing of AWS' older way may stand beside it.
    if (seen.headers.authorization !== `Bearer ${KEY}` || "x-amz-date" in seen.headers)
      return error(403, "AccessDeniedException", {
        Message: "Authentication failed: Please make sure your API Key is valid.",
      });
    const [, id = ""] = /^\/model\/([^/]+)\/converse-stream$/.exec(seen.path) ?? [];
    const model = decodeURIComponent(id);
    if (!model) return error(404, "UnknownOperationException", {});
    if (model !== MODEL && model !== NOVA)
      return error(400, "ValidationException", { message: "The provided model identifier is invalid." });
    const wrong = wrongWith(bodySchema, seen.body);
    if (wrong) return error(400, "ValidationException", { message: wrong });
    const body = bodySchema.parse(seen.body);
    const said = body.messages.at(-1)?.content.at(-1);
    const { toolChoice } = body.toolConfig ?? {};
    const does = script({
      prompt: said && "text" in said ? said.text : "",
      schema:
        body.additionalModelRequestFields?.output_config !== undefined ||
        (toolChoice && "any" in toolChoice) === true,
      tool: toolChoice && "tool" in toolChoice ? toolChoice.tool.name : undefined,
    });
    if (!("fails" in does)) return stream(response, body, does);
    switch (does.fails) {
      case "rate":
        return error(429, "ThrottlingException", {
          message: "Too many requests, please wait before trying again.",
        });
      case "overloaded":
        return error(503, "ServiceUnavailableException", { message: "Bedrock is unable to process it." });
      case "spent":
        return error(429, "ThrottlingException", {
          message: "Too many tokens per day, please wait before trying again.",
        });
      case "timeout":
        return error(408, "ModelTimeoutException", { message: "The model took too long." });
      case "filtered":
        return stream(response, body, { says: "", end: "filtered" });
    }
  },
};

const stopReason = {
  stop: "end_turn",
  length: "max_tokens",
  refused: "refusal",
  filtered: "guardrail_intervened",
} as const;

function stream(response: ServerResponse, body: Body, does: Exclude<Does, { fails: unknown }>): void {
  response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
  // AWS pads its events, so that their size does not tell the words.
  const event = (type: string, data: object) =>
    response.write(frame({ ":message-type": "event", ":event-type": type }, { ...data, p: "abcdefgh" }));
  event("messageStart", { role: "assistant" });
  let contentBlockIndex = 0;
  const write = (deltas: object[]) => {
    for (const delta of deltas) event("contentBlockDelta", { contentBlockIndex, delta });
    event("contentBlockStop", { contentBlockIndex });
    contentBlockIndex++;
  };
  if ("cut" in does || "breaks" in does) {
    for (const text of wordsOf("cut" in does ? does.after : "It"))
      event("contentBlockDelta", { contentBlockIndex, delta: { text } });
    if ("breaks" in does)
      response.write(
        frame(
          { ":message-type": "exception", ":exception-type": "modelStreamErrorException" },
          { message: does.breaks },
        ),
      );
    breakOff(response, does);
    return;
  }
  const usage = does.usage ?? DEFAULT_USAGE;
  if (does.thinks)
    write([{ reasoningContent: { text: does.thinks } }, { reasoningContent: { signature: "c2ln" } }]);
  const { toolChoice, tools } = body.toolConfig ?? {};
  const isForced = toolChoice && "any" in toolChoice;
  const call =
    does.calls ?? (isForced ? { name: tools?.[0].toolSpec.name, arguments: JSON.parse(does.says) } : null);
  if (call) {
    const whole = JSON.stringify(call.arguments);
    event("contentBlockStart", {
      contentBlockIndex,
      start: { toolUse: { toolUseId: "tooluse_1", name: call.name } },
    });
    write([{ toolUse: { input: whole.slice(0, 4) } }, { toolUse: { input: whole.slice(4) } }]);
  } else if (does.says) write(wordsOf(does.says).map((text) => ({ text })));
  event("messageStop", { stopReason: call ? "tool_use" : stopReason[does.end ?? "stop"] });
  event("metadata", {
    usage: {
      // What came from the cache is counted apart.
      inputTokens: usage.input - usage.cached,
      cacheReadInputTokens: usage.cached,
      cacheWriteInputTokens: 0,
      outputTokens: usage.output,
      totalTokens: usage.input + usage.output,
    },
    metrics: { latencyMs: 12 },
  });
  response.end();
}

/** A message of AWS' event stream: lengths, headers and payload, each part with its CRC-32. */
function frame(headers: Record<string, string>, payload: object): Buffer {
  const encoded = Buffer.concat(
    Object.entries({ ...headers, ":content-type": "application/json" }).map(([name, value]) => {
      const text = Buffer.from(value);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(text.length);
      // 7: a string.
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, text]);
    }),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(8);
  prelude.writeUInt32BE(16 + encoded.length + body.length, 0);
  prelude.writeUInt32BE(encoded.length, 4);
  const checked = Buffer.concat([prelude, checksum(prelude), encoded, body]);
  return Buffer.concat([checked, checksum(checked)]);
}

/** CRC-32 as in ISO 3309. */
function checksum(bytes: Buffer): Buffer {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return sum;
}

import type { ServerResponse } from "node:http";
import { z } from "zod";
import { breakOff, DEFAULT_USAGE, type Does, type FakeProvider, json, KEY, wordsOf, wrongWith } from "./wire";

const MODEL = "gemini-2.5-flash";

const part = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ functionCall: z.looseObject({ name: z.string() }) }),
  z.strictObject({ functionResponse: z.looseObject({ name: z.string() }) }),
]);
const bodySchema = z.strictObject({
  contents: z.array(z.strictObject({ role: z.enum(["user", "model"]), parts: z.array(part).min(1) })).min(1),
  systemInstruction: z.strictObject({ parts: z.array(z.strictObject({ text: z.string() })) }).optional(),
  generationConfig: z.strictObject({
    maxOutputTokens: z.number().int().positive(),
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().optional(),
    seed: z.number().int().optional(),
    stopSequences: z.array(z.string()).max(5).optional(),
    responseMimeType: z.literal("application/json").optional(),
    // OpenAPI's, which has no additionalProperties.
    responseSchema: z
      .strictObject({
        type: z.literal("object"),
        properties: z.looseObject({}),
        required: z.array(z.string()).optional(),
      })
      .optional(),
  }),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(
          z.strictObject({ name: z.string(), description: z.string(), parameters: z.looseObject({}) }),
        ),
      }),
    )
    .optional(),
  toolConfig: z
    .strictObject({
      functionCallingConfig: z.strictObject({
        mode: z.enum(["AUTO", "ANY", "NONE"]),
        allowedFunctionNames: z.array(z.string()).optional(),
      }),
    })
    .optional(),
});

/** Google's Gemini API, v1beta. */
export const google: FakeProvider = {
  kind: "google",
  model: MODEL,
  base: "/v1beta",
  origin: "https://generativelanguage.googleapis.com",
  answer(seen, response, script) {
    const error = (code: number, status: string, message: string, details: object[] = []) =>
      json(response, code, { error: { code, message, status, details } });
    if (seen.headers["x-goog-api-key"] !== KEY)
      return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
        },
      ]);
    if (seen.method === "GET" && seen.path === `/v1beta/models/${MODEL}`)
      return json(response, 200, {
        name: `models/${MODEL}`,
        ...{ inputTokenLimit: 1_000_000, outputTokenLimit: 60_000 },
      });
    if (seen.path !== `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`)
      return error(404, "NOT_FOUND", `${seen.path} is not found for API version v1beta`);
    const wrong = wrongWith(bodySchema, seen.body);
    if (wrong) return error(400, "INVALID_ARGUMENT", wrong);
    const { contents, generationConfig, toolConfig } = bodySchema.parse(seen.body);
    const said = contents.at(-1)?.parts.at(-1);
    const does = script({
      prompt: said && "text" in said ? said.text : "",
      schema: generationConfig.responseSchema !== undefined,
      tool: toolConfig?.functionCallingConfig.allowedFunctionNames?.[0],
    });
    if (!("fails" in does)) return stream(response, does);
    switch (does.fails) {
      case "rate":
      case "spent":
        return error(429, "RESOURCE_EXHAUSTED", EXHAUSTED, [
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [
              { quotaId: `GenerateRequestsPer${does.fails === "rate" ? "Minute" : "Day"}PerProjectPerModel` },
            ],
          },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" },
        ]);
      case "overloaded":
        return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
      case "timeout":
        return error(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.");
      case "filtered": {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const { input } = DEFAULT_USAGE;
        chunk(response, {
          promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
          usageMetadata: { promptTokenCount: input, totalTokenCount: input },
        });
        return response.end();
      }
    }
  },
};

/** Google says the same of a minute's limit as of an account without money. */
const EXHAUSTED = "You exceeded your current quota, please check your plan and billing details.";

const finishReason = { stop: "STOP", length: "MAX_TOKENS", refused: "SAFETY", filtered: "SAFETY" } as const;

function chunk(response: ServerResponse, more: object): void {
  const whole = { ...more, modelVersion: `${MODEL}-001`, responseId: "r1" };
  response.write(`data: ${JSON.stringify(whole)}\r\n\r\n`);
}

function stream(response: ServerResponse, does: Exclude<Does, { fails: unknown }>): void {
  const usage = ("usage" in does && does.usage) || DEFAULT_USAGE;
  const parts = (parts: object[], more = {}) =>
    chunk(response, {
      candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
      usageMetadata: { promptTokenCount: usage.input, totalTokenCount: usage.input },
    });
  response.writeHead(200, { "content-type": "text/event-stream" });
  if ("cut" in does || "breaks" in does) {
    for (const word of wordsOf("cut" in does ? does.after : "It")) parts([{ text: word }]);
    if ("breaks" in does)
      response.write(
        `data: ${JSON.stringify({ error: { code: 503, message: does.breaks, status: "UNAVAILABLE" } })}\r\n\r\n`,
      );
    breakOff(response, does);
    return;
  }
  if (does.thinks) parts([{ text: does.thinks, thought: true }]);
  for (const word of wordsOf(does.says)) parts([{ text: word }]);
  if (does.calls) parts([{ functionCall: { name: does.calls.name, args: does.calls.arguments } }]);
  const thoughts = does.thinks ? 2 : 0;
  chunk(response, {
    candidates: [
      {
        content: { parts: [{ text: "" }], role: "model" },
        finishReason: finishReason[does.end ?? "stop"],
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: usage.input,
      cachedContentTokenCount: usage.cached,
      // What it thought is counted apart.
      candidatesTokenCount: usage.output - thoughts,
      ...(thoughts ? { thoughtsTokenCount: thoughts } : {}),
      totalTokenCount: usage.input + usage.output,
    },
  });
  response.end();
}

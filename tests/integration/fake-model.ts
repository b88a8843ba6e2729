import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { listening } from "./listening";

const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  max_tokens: z.number(),
  top_logprobs: z.number().optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
  tool_choice: z.looseObject({ function: z.object({ name: z.string() }) }).optional(),
});
export type FakeRequest = z.infer<typeof requestSchema>;

/** What the server does with a request. */
export type Behaviour =
  | { status: number; headers?: Record<string, string>; error?: string }
  /** Accepts and never answers. */
  | { hang: true }
  /** Writes a part and closes the connection. */
  | { half: string }
  | {
      text: string;
      finish?: "stop" | "length" | "content_filter";
      refusal?: boolean;
      logprobs?: boolean;
      tool?: string;
      usage?: { prompt_tokens: number; completion_tokens: number; cached?: number };
    };

/**
 * A server of OpenAI's chat completions that does what its script says, which no real one can be made to: refuse,
 * break off, fall silent. It keeps what it was asked, in order.
 */
export async function startFakeModel(
  script: (request: FakeRequest, earlier: number) => Behaviour | Promise<Behaviour>,
) {
  const requests: { item: string; headers: IncomingHttpHeaders; body: FakeRequest }[] = [];
  const answered: string[] = [];
  const server = createServer(async (request, response) => {
    const json = (status: number, value: object, headers = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(value));
    if (request.url === "/v1/models")
      return json(200, { data: [{ id: "fake", max_model_len: 4096, shutdown_date: "2027-01-14" }] });
    if (request.url !== "/v1/chat/completions") return json(404, { error: { message: "no such path" } });
    const body = requestSchema.parse(JSON.parse(await text(request)));
    const item = body.messages.at(-1)?.content ?? "";
    const earlier = requests.filter((one) => one.item === item).length;
    requests.push({ item, headers: request.headers, body });
    const does = await script(body, earlier);
    if ("hang" in does) return;
    if ("status" in does)
      return json(does.status, { error: { message: does.error ?? `status ${does.status}` } }, does.headers);
    const chunk = (choice: object, more = {}) =>
      response.write(
        `data: ${JSON.stringify({
          ...{ id: "c", object: "chat.completion.chunk", created: 1, model: "fake-2026-01-01" },
          ...{ system_fingerprint: "fp_1", choices: [{ index: 0, finish_reason: null, ...choice }], ...more },
        })}\n\n`,
      );
    response.writeHead(200, { "content-type": "text/event-stream" });
    if ("half" in does) {
      chunk({ delta: { content: does.half } });
      setTimeout(() => response.destroy(), 10);
      return;
    }
    const { finish = "stop", refusal, logprobs, tool, usage } = does;
    const words = does.text.match(/\s*\S+/g) ?? [];
    for (const word of words)
      chunk({
        delta: refusal ? { refusal: word } : { content: word },
        ...(logprobs
          ? {
              logprobs: {
                content: [
                  {
                    token: word,
                    logprob: -0.25,
                    top_logprobs: [
                      { token: word, logprob: -0.25 },
                      { token: "other", logprob: -1.5 },
                    ].slice(0, body.top_logprobs),
                  },
                ],
              },
            }
          : {}),
      });
    if (tool)
      chunk({
        delta: { tool_calls: [{ index: 0, id: "t", function: { name: tool, arguments: '{"wet":true}' } }] },
      });
    chunk({ delta: {}, finish_reason: tool ? "tool_calls" : finish });
    const told = usage ?? { prompt_tokens: 10, completion_tokens: words.length };
    response.write(
      `data: ${JSON.stringify({
        ...{ id: "c", object: "chat.completion.chunk", created: 1, model: "fake-2026-01-01", choices: [] },
        usage: {
          prompt_tokens: told.prompt_tokens,
          completion_tokens: told.completion_tokens,
          total_tokens: told.prompt_tokens + told.completion_tokens,
          prompt_tokens_details: { cached_tokens: usage?.cached ?? 0 },
        },
      })}\n\n`,
    );
    response.end("data: [DONE]\n\n");
    answered.push(item);
  });
  const { origin, close } = await listening(server);
  return {
    url: `${origin}/v1`,
    requests,
    /** Items whose answer went out whole. */
    answered,
    close,
  };
}

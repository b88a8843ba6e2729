import type { JSONSchema7, LanguageModelV3CallOptions, LanguageModelV3Prompt } from "@ai-sdk/provider";
import { z } from "zod";
import type { Message } from "../../db/shape/content";
import type { Capabilities } from "../../db/shape/endpoint";
import { jsonOrText } from "./json";
import { type GenerateRequest, TextError } from "./model";

const calledSchema = z.object({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.json())]) }),
});

/** A JSON Schema says of itself what it is. */
const jsonSchema = z.custom<JSONSchema7>((value) => typeof value === "object" && value !== null);

/** A request as the provider packages take it, without what the model does not take. */
export function callOf(
  request: GenerateRequest,
  can: Pick<Capabilities, "system" | "temperature">,
): Omit<LanguageModelV3CallOptions, "providerOptions"> {
  const { maxTokens, temperature, topP, seed, stop, schema, tools, toolChoice, signal } = request;
  return {
    prompt: promptOf(can.system ? request.messages : withoutSystem(request.messages)),
    maxOutputTokens: maxTokens,
    ...(can.temperature === false ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop?.length ? { stopSequences: [...stop] } : {}),
    ...(schema
      ? { responseFormat: { type: "json" as const, schema: jsonSchema.parse(schema), name: "reply" } }
      : {}),
    ...(tools?.length
      ? {
          tools: tools.map(({ name, description, parameters }) => ({
            type: "function" as const,
            name,
            description,
            inputSchema: jsonSchema.parse(parameters),
          })),
        }
      : {}),
    ...(toolChoice ? { toolChoice: { type: "tool" as const, toolName: toolChoice } } : {}),
    ...(signal ? { abortSignal: signal } : {}),
    // Log-probabilities and fingerprints stand nowhere else.
    includeRawChunks: true,
  };
}

/** What the system says, said by the user before the first turn. */
function withoutSystem(messages: readonly Message[]): Message[] {
  const said = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const others = messages.filter(({ role }) => role !== "system");
  const [first, ...rest] = others;
  if (said.length === 0) return [...messages];
  if (first?.role !== "user") return [{ role: "user", content: said.join("\n\n") }, ...others];
  return [{ ...first, content: [...said, first.content].join("\n\n") }, ...rest];
}

function promptOf(messages: readonly Message[]): LanguageModelV3Prompt {
  const names = new Map<string, string>();
  return messages.map((message): LanguageModelV3Prompt[number] => {
    const { role, content } = message;
    if (role === "system") return { role, content };
    if (role === "user") return { role, content: [{ type: "text", text: content }] };
    if (role === "tool") {
      const toolCallId = message.tool_call_id ?? "";
      const toolName = names.get(toolCallId) ?? message.name ?? "tool";
      return {
        role,
        content: [{ type: "tool-result", toolCallId, toolName, output: { type: "text", value: content } }],
      };
    }
    const calls = (message.tool_calls ?? []).map((call) => {
      const { data } = calledSchema.safeParse(call);
      if (!data)
        throw new TextError("A tool call of the conversation has no id, name and arguments.", "never");
      names.set(data.id, data.function.name);
      const { arguments: given, name: toolName } = data.function;
      return {
        type: "tool-call" as const,
        toolCallId: data.id,
        toolName,
        input: typeof given === "string" ? jsonOrText(given) : given,
      };
    });
    return {
      role,
      content: [
        ...(content || calls.length === 0 ? [{ type: "text" as const, text: content }] : []),
        ...calls,
      ],
    };
  });
}

import type { Capabilities, Reply } from "../../db/shape/endpoint";
import type { Call } from "./call";
import { jsonOrText } from "./json";

/** As if it could do everything: what a probe asks is held against what comes back. */
export const EVERYTHING: Capabilities = {
  logprobs: 20,
  schema: true,
  tools: true,
  system: true,
  continuations: false,
  rewards: false,
  embeddings: true,
  context: null,
};

/** A model that thinks before it answers needs room for that. */
const ROOM = 1024;
const user = (content: string) => ({ role: "user" as const, content });

type Question = Call["request"];

/** What is asked, each for one capability. None of the words give away the form that is wanted. */
export const questions = {
  plain: { messages: [user("Is water wet? Answer yes or no.")], maxTokens: ROOM, temperature: 0 },
  system: {
    messages: [{ role: "system", content: "You answer in one word." }, user("Is water wet?")],
    maxTokens: ROOM,
    temperature: 0,
  },
  logprobs: {
    messages: [user("Is water wet? Answer yes or no.")],
    maxTokens: 4,
    temperature: 0,
    logprobs: EVERYTHING.logprobs,
  },
  fewLogprobs: {
    messages: [user("Is water wet? Answer yes or no.")],
    maxTokens: 4,
    temperature: 0,
    logprobs: 5,
  },
  schema: {
    messages: [user("Is water wet?")],
    maxTokens: ROOM,
    temperature: 0,
    schema: {
      type: "object",
      properties: { wet: { type: "boolean" } },
      required: ["wet"],
      additionalProperties: false,
    },
  },
  tools: {
    messages: [user("Is water wet?")],
    maxTokens: ROOM,
    temperature: 0,
    toolChoice: "say",
    tools: [
      {
        name: "say",
        description: "Says whether it is so.",
        parameters: {
          type: "object",
          properties: { wet: { type: "boolean" } },
          required: ["wet"],
          additionalProperties: false,
        },
      },
    ],
  },
} satisfies Record<string, Question>;

export type Answers = Partial<Record<keyof typeof questions, Reply>>;

const saysWet = (value: unknown) =>
  typeof value === "object" && value !== null && "wet" in value && typeof value.wet === "boolean";

/** How many alternatives a reply told of each token. */
const toldOf = (reply: Reply | undefined) =>
  Math.max(0, ...(reply?.logprobs ?? []).map(({ top }) => top.length));

/** What a model can do, from what it answered. */
export function capabilitiesOf(
  { plain, system, logprobs, fewLogprobs, schema, tools }: Answers,
  context: number | null,
  embeddings: boolean,
): Capabilities {
  return {
    logprobs: toldOf(logprobs) || toldOf(fewLogprobs),
    schema: saysWet(jsonOrText(schema?.text ?? "")),
    tools: (tools?.toolCalls ?? []).some(
      (call) => call.name === "say" && saysWet(jsonOrText(call.arguments)),
    ),
    system: system !== undefined,
    temperature: !plain?.ignored?.includes("temperature"),
    continuations: false,
    rewards: false,
    embeddings,
    context,
  };
}

/** What it lacks, and what that means, as sentences. */
export function missingOf(can: Capabilities): string[] {
  return [
    can.logprobs === 0 &&
      "It tells no log-probabilities: a verdict is read from its text, without how sure it is.",
    !can.schema && "It keeps to no JSON schema: a verdict is asked for by a tool or by a marker in the text.",
    !can.tools && "It does not call the tool that it is told to call.",
    !can.system && "It takes no turn of the system: what would stand there is said by the user.",
    can.temperature === false &&
      "It takes no temperature: it draws its words by itself, so that the same question may be answered otherwise.",
    can.context === null && "It does not say how long a conversation may be.",
  ].filter((sentence) => sentence !== false);
}

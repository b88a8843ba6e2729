import type { Message } from "../../db/shape/content";
import { RowRefused } from "./problems";
import type { ImportedPrompt, ImportedResponse } from "./schema";
import { isRecord } from "./source/row";

type Role = Message["role"];

/** How the formats in use name the four roles. */
const roles: Readonly<Record<string, Role>> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  chatgpt: "assistant",
  bing: "assistant",
  bard: "assistant",
  bot: "assistant",
  agent: "assistant",
  model: "assistant",
  tool: "tool",
  function: "tool",
  observation: "tool",
};

/** A prompt, reply or conversation as files write it: text, or a list of turns under the names in use. */
export function toMessages(value: unknown, field: string, textRole: Role): Message[] {
  if (typeof value === "string") return [{ role: textRole, content: value }];
  if (isRecord(value)) return [toMessage(value, field)];
  if (!Array.isArray(value))
    throw new RowRefused({
      code: "wrong-type",
      field,
      message: `${field} is ${kindOf(value)}; it must be text or a list of messages.`,
    });
  return value.map((turn: unknown, index) => toMessage(turn, `${field}[${index}]`));
}

function toMessage(turn: unknown, field: string): Message {
  if (!isRecord(turn))
    throw new RowRefused({
      code: "wrong-type",
      field,
      message: `${field} is ${kindOf(turn)}; it must be a message.`,
    });
  const name = turn.role ?? turn.from ?? turn.name;
  const role = typeof name === "string" ? roles[name.toLowerCase()] : undefined;
  if (!role)
    throw new RowRefused({
      code: "wrong-role",
      field: `${field}.role`,
      message: `${field} has the role ${JSON.stringify(name ?? null)}.`,
    });
  const calls = turn.tool_calls;
  const message: Message = {
    role,
    content: contentOf(turn.content ?? turn.value ?? turn.text, field, Array.isArray(calls)),
  };
  if (turn.role !== undefined && typeof turn.name === "string") message.name = turn.name;
  if (typeof turn.tool_call_id === "string") message.tool_call_id = turn.tool_call_id;
  if (Array.isArray(calls) && calls.length > 0) message.tool_calls = calls;
  return message;
}

/** Text, or the text parts of an OpenAI content list; a call of a tool may have none. */
function contentOf(content: unknown, field: string, mayBeAbsent: boolean): string {
  if (typeof content === "string") return content;
  if (mayBeAbsent && (content === null || content === undefined)) return "";
  if (Array.isArray(content) && content.every((part) => isRecord(part) && typeof part.text === "string"))
    return content.map((part: { text: string }) => part.text).join("");
  throw new RowRefused({
    code: "wrong-type",
    field: `${field}.content`,
    message: `${field} has ${kindOf(content)} as its content; only text can be imported.`,
  });
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A reply of one or more turns; several turns are read as one exchange, and kept as messages beside it. */
export function toResponse(
  messages: readonly Message[],
  about: { source?: string | null; externalId?: string; metadata?: Record<string, unknown> } = {},
): ImportedResponse {
  const [first] = messages;
  const single = messages.length === 1 && first?.tool_calls === undefined;
  return {
    content: single && first ? first.content : renderTurns(messages),
    source: about.source ?? undefined,
    externalId: about.externalId,
    metadata: { ...about.metadata, ...(single ? {} : { messages: [...messages] }) },
  };
}

const speakers = { system: "System", user: "Human", assistant: "Assistant", tool: "Tool" } as const;

/** The turns after a prompt in the notation of Anthropic's transcripts; the first turn needs no speaker. */
function renderTurns(messages: readonly Message[]): string {
  return messages
    .map(({ role, content, tool_calls }, index) => {
      const body = tool_calls ? `${content}${content ? "\n" : ""}${JSON.stringify(tool_calls)}` : content;
      return index === 0 && role === "assistant" ? body : `${speakers[role]}: ${body}`;
    })
    .join("\n\n");
}

/** A transcript in Anthropic's notation: `\n\nHuman: …\n\nAssistant: …`. */
export function parseTranscript(text: string, field: string): Message[] {
  const parts = text.split(/\n\n(Human|Assistant):/);
  if (parts.length < 3 || parts[0].trim() !== "")
    throw new RowRefused({
      code: "wrong-type",
      field,
      message: `${field} does not start with "\\n\\nHuman:" as a transcript does.`,
    });
  const messages: Message[] = [];
  for (let at = 1; at + 1 < parts.length; at += 2)
    messages.push({
      role: parts[at] === "Human" ? "user" : "assistant",
      content: parts[at + 1].replace(/^ /, ""),
    });
  return messages;
}

/**
 * The turns that conversations share, and what each has after them. The shared part ends before a reply, so that
 * every rest starts with one.
 */
export function splitCommonPrompt(conversations: readonly Message[][]): {
  prompt: Message[];
  rests: Message[][];
} {
  const [first, ...others] = conversations;
  let shared = 0;
  while (
    shared < first.length - 1 &&
    others.every((other) => shared < other.length - 1 && sameTurn(first[shared], other[shared]))
  )
    shared++;
  while (shared > 0 && conversations.some((conversation) => conversation[shared].role !== "assistant"))
    shared--;
  return {
    prompt: first.slice(0, shared),
    rests: conversations.map((conversation) => conversation.slice(shared)),
  };
}

function sameTurn(a: Message, b: Message): boolean {
  return (
    a.role === b.role &&
    a.content === b.content &&
    (a.tool_calls === b.tool_calls || JSON.stringify(a.tool_calls) === JSON.stringify(b.tool_calls))
  );
}

/** The conversation up to the last reply, and that reply; no reply when the conversation ends with a user's turn. */
export function splitLastReply(messages: readonly Message[]): { prompt: Message[]; reply: Message | null } {
  const last = messages.at(-1);
  return last?.role === "assistant"
    ? { prompt: messages.slice(0, -1), reply: last }
    : { prompt: [...messages], reply: null };
}

/** Tools as chat templates take them: a list, which Parquet files carry as JSON text. */
export function toTools(value: unknown): unknown[] | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  try {
    const tools: unknown = typeof value === "string" ? JSON.parse(value) : value;
    if (Array.isArray(tools)) return tools.length > 0 ? tools : undefined;
  } catch {
    // Said below, in the same words as for a wrong type.
  }
  throw new RowRefused({
    code: "wrong-type",
    field: "tools",
    message: "tools is neither a list nor JSON text of one.",
  });
}

/** A prompt whose unnamed columns are kept as metadata. */
export function toPrompt(
  messages: Message[],
  about: Partial<Omit<ImportedPrompt, "messages">> = {},
): ImportedPrompt {
  return { ...about, messages, metadata: about.metadata ?? {} };
}

export const userTurn = (content: string): Message => ({ role: "user", content });
export const assistantTurn = (content: string): Message => ({ role: "assistant", content });

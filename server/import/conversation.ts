import type { Message } from "../../db/shape/content";
import { parseJson, parseRowJson, writeJson } from "../../db/shape/written-json";
import { RowRefused } from "./problems";
import type { ImportedPrompt, ImportedResponse } from "./schema";
import { isRecord, type RowValue } from "./source/row";

/** A turn as it was read: what the file says of it beyond a message's own fields is carried along in `details`. */
export interface Turn extends Message {
  details?: Record<string, unknown>;
}

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
  tool_response: "tool",
  tool_result: "tool",
  function_response: "tool",
  environment: "tool",
  ipython: "tool",
};

/** The role that a file means by a name; undefined for what is none. */
export const roleNamed = (name: string): Role | undefined =>
  Object.hasOwn(roles, name.toLowerCase()) ? roles[name.toLowerCase()] : undefined;

/** Turns of the assistant whose text is the JSON of the tools it calls: LLaMA-Factory, ms-swift. */
const callingRoles = new Set(["function_call", "tool_call"]);

/** Under these names a turn says its thoughts; chat templates read the first. */
const reasoningKeys = ["reasoning_content", "reasoning", "thinking"];

const turnKeys = new Set([
  "role",
  "from",
  "content",
  "value",
  "text",
  "name",
  "tool_calls",
  "tool_call_id",
  "function_call",
  "function_calls",
  "functions",
  ...reasoningKeys,
]);

/** A prompt, reply or conversation as files write it: text, or a list of turns under the names in use. */
export function toMessages(value: unknown, field: string, textRole: Role): Turn[] {
  if (typeof value === "string") {
    const written = turnsInText(value);
    if (written === "unreadable")
      throw new RowRefused({
        code: "wrong-type",
        field,
        message:
          `${field} is a list of messages written as text, but not as JSON. Write it with json.dumps, ` +
          "or export the rows as JSONL or Parquet.",
      });
    return written ? toMessages(written, field, textRole) : [{ role: textRole, content: value }];
  }
  if (isRecord(value)) return [toMessage(value, field)];
  if (!Array.isArray(value))
    throw new RowRefused({
      code: "wrong-type",
      field,
      message: `${field} is ${kindOf(value)}; it must be text or a list of messages.`,
    });
  const turns: Turn[] = [];
  for (const [index, given] of value.entries()) {
    const turn = toMessage(given, `${field}[${index}]`);
    const before = turns.at(-1);
    // Calls made at once are written one after the other, and are one turn.
    if (before?.tool_calls && turn.tool_calls && isCalling(given) && isCalling(value[index - 1]))
      before.tool_calls = [...before.tool_calls, ...turn.tool_calls];
    else turns.push(turn);
  }
  return turns;
}

/**
 * Messages that a table carries as JSON text; null for any other text, also JSON that is no list of turns, and
 * "unreadable" for Python's way of printing such a list, which is not JSON.
 */
function turnsInText(text: string): RowValue[] | "unreadable" | null {
  if (!/^\s*\[\s*\{/.test(text)) return null;
  try {
    const list: unknown = parseRowJson(text);
    return Array.isArray(list) && list.length > 0 && list.every(isTurn) ? list : null;
  } catch {
    return /^\s*\[\s*\{\s*['"](?:role|from|content|value)['"]\s*:/.test(text) ? "unreadable" : null;
  }
}

/** Whether text is meant as a list of messages, also one that will be refused when it is read. */
export const isTurnsAsText = (text: string): boolean => turnsInText(text) !== null;

const isTurn = (value: unknown): value is RowValue =>
  isRecord(value) &&
  typeof (value.role ?? value.from) === "string" &&
  ["content", "value", "tool_calls", "text"].some((name) => Object.hasOwn(value, name));

function parsedCall(call: unknown): unknown {
  if (typeof call !== "string") return call;
  try {
    return parseJson(call);
  } catch {
    return call;
  }
}

const isCalling = (turn: unknown): boolean => isRecord(turn) && callingRoles.has(String(roleNameOf(turn)));

const roleNameOf = (turn: RowValue): unknown => {
  const name = turn.role ?? turn.from ?? turn.name;
  return typeof name === "string" ? name.toLowerCase() : name;
};

function toMessage(turn: unknown, field: string): Turn {
  if (!isRecord(turn))
    throw new RowRefused({
      code: "wrong-type",
      field,
      message: `${field} is ${kindOf(turn)}; it must be a message.`,
    });
  const name = roleNameOf(turn);
  const calling = typeof name === "string" && callingRoles.has(name);
  const role = calling ? "assistant" : typeof name === "string" ? roleNamed(name) : undefined;
  if (!role)
    throw new RowRefused({
      code: "wrong-role",
      field: `${field}.role`,
      message: `${field} has the role ${JSON.stringify(name ?? null)}.`,
    });
  const written = turn.content ?? turn.value ?? turn.text;
  const calls = callsOf(turn, calling ? written : undefined);
  const thought = thoughtOf(turn, written);
  // In the order of the schema, as everybody writes turns: a version's hash is over their text.
  const message: Turn = {
    role,
    content:
      calling && calls
        ? ""
        : `${contentOf(written, field, calls !== undefined || thought !== undefined || typeof turn.refusal === "string")}${taggedPart(turn)}`,
  };
  if (turn.role !== undefined && typeof turn.name === "string") message.name = turn.name;
  if (calls) message.tool_calls = calls;
  if (typeof turn.tool_call_id === "string") message.tool_call_id = turn.tool_call_id;
  if (thought !== undefined) message.reasoning_content = thought;
  const details = Object.entries(turn).filter(
    ([key, value]) => !turnKeys.has(key) && value !== null && value !== undefined && value !== "",
  );
  if (details.length > 0) message.details = Object.fromEntries(details);
  return message;
}

/** The calls of a turn, under today's name, OpenAI's earlier one, or as the turn's own text. */
function callsOf(turn: RowValue, text: unknown): unknown[] | undefined {
  // A Parquet file has each call as JSON text.
  if (Array.isArray(turn.tool_calls) && turn.tool_calls.length > 0) return turn.tool_calls.map(parsedCall);
  if (isRecord(turn.function_call)) return [{ type: "function", function: turn.function_call }];
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = typeof text === "string" ? parseJson(text) : text;
    const calls = Array.isArray(parsed) ? parsed : [parsed];
    if (!calls.every((call) => isRecord(call) && typeof call.name === "string")) return undefined;
    return calls.map((call: unknown) => ({ type: "function", function: call }));
  } catch {
    // A call in some notation of its own stays the text it is.
    return undefined;
  }
}

function thoughtOf(turn: RowValue, content: unknown): string | undefined {
  const named = reasoningKeys.map((name) => turn[name]).find((value) => typeof value === "string" && value);
  if (typeof named === "string") return named;
  const parts = Array.isArray(content)
    ? content.flatMap((part) =>
        isRecord(part) && part.type === "thinking" && typeof part.thinking === "string"
          ? [part.thinking]
          : [],
      )
    : [];
  return parts.length > 0 ? parts.join("") : undefined;
}

/** Olmo's templates print what a turn calls, and which functions it knows, in tags after its text. */
function taggedPart(turn: RowValue): string {
  return (["function_calls", "functions"] as const)
    .map((name) => {
      const text = turn[name];
      return typeof text === "string" && text !== "" ? `<${name}>${text}</${name}>` : "";
    })
    .join("");
}

/** Text, or the text parts of an OpenAI content list; a call of a tool may have none. */
function contentOf(content: unknown, field: string, mayBeAbsent: boolean): string {
  if (typeof content === "string") return content;
  if (mayBeAbsent && (content === null || content === undefined)) return "";
  if (Array.isArray(content)) {
    const parts = content
      .filter((part: unknown) => !(isRecord(part) && part.type === "thinking"))
      .map((part: unknown) => (isRecord(part) ? part.text : part));
    if (parts.every((part) => typeof part === "string")) return parts.join("");
  }
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

/** A turn without what its file says beside it. */
function bare({ details: _, ...message }: Turn): Message {
  return message;
}

/** What files say of turns beside their text (weights, times, ids), each under the turn's number from 1. */
function detailsOf(turns: readonly Turn[], before = 0): Record<string, unknown> {
  const told = turns.flatMap(({ details }, index) =>
    details ? [{ turn: before + index + 1, ...details }] : [],
  );
  return told.length > 0 ? { turn_details: told } : {};
}

/** Whether a reply is a text and nothing else. */
const isText = ([first, ...others]: readonly Turn[]): boolean =>
  others.length === 0 &&
  first?.role === "assistant" &&
  first.tool_calls === undefined &&
  first.reasoning_content === undefined;

/** A reply as people read it, and its turns where it is more than one text. */
export function toReply(messages: readonly Turn[]): { text: string; turns?: Message[] } {
  return isText(messages)
    ? { text: messages[0].content }
    : { text: renderTurns(messages), turns: messages.map(bare) };
}

/** A reply of one or more turns; several turns are read as one exchange, and kept as messages beside it. */
export function toResponse(
  messages: readonly Turn[],
  about: { source?: string | null; externalId?: string; metadata?: Record<string, unknown> } = {},
): ImportedResponse {
  const { text, turns } = toReply(messages);
  return {
    content: text,
    source: about.source ?? undefined,
    externalId: about.externalId,
    metadata: { ...about.metadata, ...detailsOf(messages), ...(turns ? { messages: turns } : {}) },
  };
}

const speakers = { system: "System", user: "Human", assistant: "Assistant", tool: "Tool" } as const;

/** The turns after a prompt in the notation of Anthropic's transcripts; the first turn needs no speaker. */
function renderTurns(messages: readonly Message[]): string {
  return messages
    .map(({ role, content, tool_calls, reasoning_content }, index) => {
      const body = tool_calls ? `${content}${content ? "\n" : ""}${writeJson(tool_calls)}` : content;
      const said = index === 0 && role === "assistant" ? body : `${speakers[role]}: ${body}`;
      if (!reasoning_content) return said;
      return `Reasoning: ${reasoning_content}\n\n${index === 0 ? `${speakers[role]}: ${body}` : said}`;
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
export function splitCommonPrompt(conversations: readonly Turn[][]): {
  prompt: Turn[];
  rests: Turn[][];
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

/** Whether two turns say the same, whatever is told of them beside. */
export function sameTurn(a: Message, b: Message): boolean {
  return (
    a.role === b.role &&
    a.content === b.content &&
    a.reasoning_content === b.reasoning_content &&
    (a.tool_calls === b.tool_calls || writeJson(a.tool_calls) === writeJson(b.tool_calls))
  );
}

/** The conversation up to the last reply, and that reply; no reply when the conversation ends with a user's turn. */
export function splitLastReply(messages: readonly Turn[]): { prompt: Turn[]; reply: Turn | null } {
  const last = messages.at(-1);
  return last?.role === "assistant"
    ? { prompt: messages.slice(0, -1), reply: last }
    : { prompt: [...messages], reply: null };
}

/** Tools as chat templates take them: a list, which Parquet files carry as JSON text. */
export function toTools(value: unknown): unknown[] | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  try {
    const tools: unknown = typeof value === "string" ? parseJson(value) : value;
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

/** A prompt whose unnamed columns are kept as metadata, as is what the file says of single turns. */
export function toPrompt(
  messages: readonly Turn[],
  about: Partial<Omit<ImportedPrompt, "messages">> = {},
): ImportedPrompt {
  return {
    ...about,
    messages: messages.map(bare),
    metadata: { ...about.metadata, ...detailsOf(messages) },
  };
}

/** The prompt with what the file says of the turns of its reply, which a demonstration cannot keep. */
export function withReplyDetails(prompt: ImportedPrompt, reply: readonly Turn[]): ImportedPrompt {
  const { turn_details: own } = detailsOf(reply, prompt.messages.length);
  if (!Array.isArray(own)) return prompt;
  const known = prompt.metadata.turn_details;
  const all = [...(Array.isArray(known) ? known : []), ...own];
  return { ...prompt, metadata: { ...prompt.metadata, turn_details: all } };
}

export const userTurn = (content: string): Message => ({ role: "user", content });
export const assistantTurn = (content: string): Message => ({ role: "assistant", content });

import crypto from "node:crypto";
import type { Message } from "../../db/shape/content";

/** The same conversation with the same tools has the same key, however its file orders the fields. */
export function promptKey(messages: readonly Message[], tools: readonly unknown[] = []): string {
  const turns = messages.map(({ role, content, name, tool_calls, tool_call_id, reasoning_content }) => [
    role,
    content,
    name ?? null,
    tool_calls ?? null,
    tool_call_id ?? null,
    ...(reasoning_content === undefined ? [] : [reasoning_content]),
  ]);
  return sha256(JSON.stringify([turns, tools]));
}

/** The same text from two sources is two responses. */
export function responseKey(response: { source?: string | null; content: string }): string {
  return sha256(JSON.stringify([response.source ?? null, response.content]));
}

/** The same responses to the same prompt are one task, in whichever order they are listed. */
export function taskKey(prompt: string, responses: readonly string[]): string {
  return sha256(JSON.stringify([prompt, responses.toSorted()]));
}

/** The hash of a text in hexadecimal digits. In one call where Node has it, from 20.12 on: millions of them are made. */
export const sha256: (text: string) => string =
  typeof crypto.hash === "function"
    ? (text) => crypto.hash("sha256", text)
    : (text) => crypto.createHash("sha256").update(text).digest("hex");

/** A number that a text decides, uniform on [0, 1): a draw in which nothing hangs on how many others there are. */
export const uniformOf = (text: string): number => Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;

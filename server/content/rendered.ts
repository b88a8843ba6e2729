import { z } from "zod";
import { type Message, messageSchema } from "../../db/shape/content";
import { writeJson } from "../../db/shape/written-json";

/**
 * A prompt and its replies as the fields of a row that a chat template renders. Rows to train on, and prompts that a
 * model answers or whose replies it scores, are made here, so that a model reads what it was trained on.
 */
export const promptFields = ({ messages, tools }: { messages: Message[]; tools: unknown[] | null }) => ({
  prompt: messages,
  ...(tools ? { tools: writeJson(tools) } : {}),
});

/** The turns of a reply: those it was imported as, else one of its text. */
export const replyTurns = ({ turns, content }: { turns: Message[] | null; content: string }): Message[] =>
  turns ?? [{ role: "assistant", content }];

const turnsSchema = z.array(messageSchema).min(1);

/** The turns that an import keeps beside the text it shows; other metadata of that name is no conversation. */
export function storedTurns(stored: unknown): Message[] | null {
  if (stored === null || stored === undefined) return null;
  const turns = turnsSchema.safeParse(stored);
  return turns.success ? turns.data : null;
}

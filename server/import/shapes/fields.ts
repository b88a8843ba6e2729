import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { assistantTurn, toMessages, toPrompt, toTools, userTurn } from "../conversation";
import type { ImportedPrompt } from "../schema";
import type { RowValue } from "../source/row";
import { otherColumns } from "./shape";

/** An id as files give it; numbers become text. */
export const idSchema = z.union([z.string(), z.number().transform(String)]);

/** The columns in which the known formats put a prompt. */
export const promptFields = {
  prompt: z.unknown().optional(),
  instruction: z.string().nullish(),
  input: z.string().nullish(),
  question: z.string().nullish(),
  query: z.string().nullish(),
  context: z.unknown().optional(),
  conversations: z.unknown().optional(),
  history: z.array(z.tuple([z.string(), z.string()])).nullish(),
  system: z.string().nullish(),
  tools: z.unknown().optional(),
  language: z.string().nullish(),
  lang: z.string().nullish(),
  domain: z.string().nullish(),
  category: z.string().nullish(),
  source: z.string().nullish(),
  dataset: z.string().nullish(),
  id: idSchema.nullish(),
};
const promptColumns = Object.keys(promptFields);
type PromptRow = z.output<z.ZodObject<typeof promptFields>>;

/** Whether a row has a prompt under any of the names in use. */
export function hasPrompt(row: RowValue): boolean {
  return ["prompt", "instruction", "question", "query", "input", "context", "conversations"].some(
    (name) => row[name] !== undefined && row[name] !== null && row[name] !== "",
  );
}

/** The conversation up to the reply, from whichever of the usual columns a row has. */
export function promptMessages(row: PromptRow): Message[] {
  const system: Message[] = row.system ? [{ role: "system", content: row.system }] : [];
  const history = (row.history ?? []).flatMap(([asked, answered]) => [
    userTurn(asked),
    assistantTurn(answered),
  ]);
  return [...system, ...history, ...lastTurns(row)];
}

function lastTurns(row: PromptRow): Message[] {
  const whole = row.prompt ?? row.conversations ?? (Array.isArray(row.context) ? row.context : undefined);
  if (whole !== undefined && whole !== null && whole !== "")
    return toMessages(whole, row.prompt ? "prompt" : "conversations", "user");
  const text = row.instruction || row.question || row.query;
  if (text) return [userTurn(row.input ? `${text}\n\n${row.input}` : text)];
  return toMessages(row.input ?? row.context, "input", "user");
}

/**
 * The prompt with what the row tells about it.
 * @param used further columns that the shape reads; the rest becomes metadata
 */
export function describePrompt(
  messages: Message[],
  row: PromptRow & RowValue,
  used: readonly string[],
): ImportedPrompt {
  return toPrompt(messages, {
    tools: toTools(row.tools),
    language: row.language ?? row.lang ?? undefined,
    domain: row.domain ?? row.category ?? undefined,
    source: row.source ?? row.dataset ?? undefined,
    externalId: row.id ?? undefined,
    metadata: otherColumns(row, columnsOf(used)),
  });
}

const known = new WeakMap<readonly string[], Set<string>>();

/** Shapes pass the same list for every row, so the set is made once. */
function columnsOf(used: readonly string[]): Set<string> {
  const columns = known.get(used) ?? new Set([...promptColumns, ...used]);
  known.set(used, columns);
  return columns;
}

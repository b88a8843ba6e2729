import { z } from "zod";
import { parseRowJson } from "../../../db/shape/written-json";
import { assistantTurn, sameTurn, type Turn, toMessages, toPrompt, toTools, userTurn } from "../conversation";
import type { ImportedPrompt } from "../schema";
import { isRecord, type RowValue } from "../source/row";
import { otherColumns } from "./shape";
import { languageTag } from "./spelling";

/** An id as files give it; numbers become text. */
export const idSchema = z.union([z.string(), z.number().transform(String)]);

/** A number, also as a table writes it; null for what is none, as NaN. */
export function numberIn(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** Columns that hold the prompt as text, in the order in which they are read: what it is about before what is asked. */
const textColumns = ["instruction", "prompt", "context", "question", "query", "input"] as const;

/** Texts that a question is about, by whichever name; a file name or an address is none. */
const passageColumns = ["passage", "document", "article", "paragraph"] as const;

const systemColumns = ["system", "system_prompt", "system_message"] as const;

/** The names of facts about the prompt: its language, domain, source and id. What is no text or number stays metadata. */
const factNames = [["language", "lang"], ["domain", "category"], ["source", "dataset"], ["id"]] as const;

/** The columns in which the known formats put a prompt. They are read as they come: none refuses a row by its type. */
export const promptFields = {
  prompt: z.unknown().optional(),
  instruction: z.unknown().optional(),
  input: z.unknown().optional(),
  question: z.unknown().optional(),
  query: z.unknown().optional(),
  context: z.unknown().optional(),
  passage: z.unknown().optional(),
  document: z.unknown().optional(),
  article: z.unknown().optional(),
  paragraph: z.unknown().optional(),
  conversations: z.unknown().optional(),
  history: z.unknown().optional(),
  system: z.unknown().optional(),
  system_prompt: z.unknown().optional(),
  system_message: z.unknown().optional(),
  tools: z.unknown().optional(),
};
export type PromptRow = z.output<z.ZodObject<typeof promptFields>>;

/** Whether a row has a prompt under any of the names in use. */
export function hasPrompt(row: RowValue): boolean {
  return (
    [...textColumns, "conversations"].some((name) => isSomething(row[name])) ||
    passageColumns.some((name) => isPassage(row[name]))
  );
}

const isSomething = (value: unknown): boolean => value !== undefined && value !== null && value !== "";
const isPassage = (value: unknown): value is string => typeof value === "string" && /\s/.test(value.trim());

/**
 * The conversation up to the reply, from all of the usual columns that a row has: none of them is left out.
 * @param shared turns of the shape's own columns that come before the reply
 */
export function promptMessages(row: PromptRow, shared: readonly Turn[] = []): Turn[] {
  const history = isSomething(row.history) ? historyTurns(row.history) : [];
  let turns: Turn[] = [...shared];
  const texts: { name: string; text: string }[] = [];
  for (const name of ["conversations", ...textColumns, ...passageColumns] as const) {
    const said = saidIn(name, row[name]);
    if (typeof said === "string") texts.push({ name, text: said });
    else if (said) turns = joined(said, turns);
  }
  return withSystem(withTexts(joined(history, turns), texts, turns.length > 0), row);
}

/** A column's text or turns; null for what is neither, which stays with the other columns. */
function saidIn(name: string, value: unknown): string | Turn[] | null {
  if (!isSomething(value)) return null;
  if ((passageColumns as readonly string[]).includes(name)) return isPassage(value) ? value : null;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isRecord(value) && (value.role ?? value.from) === undefined) return null;
  if (Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === "string"))
    return value.join("\n\n");
  const turns = toMessages(value, name, "user");
  const [only, ...others] = turns;
  return typeof value === "string" && only && others.length === 0 && only.content === value ? value : turns;
}

/** Earlier turns as messages, or as LLaMA-Factory's pairs of what was asked and answered. */
function historyTurns(value: unknown): Turn[] {
  const pairs = z.array(z.tuple([z.string(), z.string()])).safeParse(parsedList(value));
  return pairs.success
    ? pairs.data.flatMap(([asked, answered]) => [userTurn(asked), assistantTurn(answered)])
    : toMessages(value, "history", "user");
}

/** A list, also where a table carries it as JSON text. */
export function parsedList(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*\[/.test(value)) return value;
  try {
    const list: unknown = parseRowJson(value);
    return Array.isArray(list) ? list : value;
  } catch {
    return value;
  }
}

/** Two stretches of one conversation: what the second repeats of the first is said once. */
function joined(first: readonly Turn[], second: readonly Turn[]): Turn[] {
  const most = Math.min(first.length, second.length);
  for (let length = most; length > 0; length--)
    if (second.slice(0, length).every((turn, i) => sameTurn(turn, first[first.length - length + i])))
      return [...first, ...second.slice(length)];
  const repeats = second.length > first.length && first.every((turn, i) => sameTurn(turn, second[i]));
  return repeats ? [...second] : [...first, ...second];
}

/**
 * The conversation with the texts that it does not hold yet.
 * @param isAsked whether the conversation asks something, which the texts come before; else they come after it
 */
function withTexts(
  conversation: readonly Turn[],
  given: readonly { name: string; text: string }[],
  isAsked: boolean,
): Turn[] {
  // A prompt is often made of the other columns; an instruction that happens to contain its input is not.
  const whole = given.find(({ name }) => name === "prompt")?.text ?? "";
  const fresh = given.filter(
    ({ name, text }, index) =>
      !conversation.some(({ content }) => contains(content, text)) &&
      given.findIndex((other) => squeezed(other.text) === squeezed(text)) === index &&
      (name === "prompt" || !contains(whole, text)),
  );
  const texts = fresh.map(({ text }) => text);
  if (texts.length === 0) return [...conversation];
  if (!isAsked) return [...conversation, userTurn(texts.join("\n\n"))];
  const asked = conversation.findIndex(({ role }) => role === "user");
  const answered = conversation.findIndex(({ role }) => role === "assistant");
  if (asked < 0 || (answered >= 0 && answered < asked)) {
    const start = conversation[0]?.role === "system" ? 1 : 0;
    return [...conversation.slice(0, start), userTurn(texts.join("\n\n")), ...conversation.slice(start)];
  }
  return conversation.map((turn, index) =>
    index === asked ? { ...turn, content: [...texts, turn.content].join("\n\n") } : turn,
  );
}

/** Whether a text is part of another; a word or two that occur in it are not. */
const contains = (whole: string, part: string): boolean =>
  squeezed(whole) === squeezed(part) ||
  (part.trim().length >= 12 && (whole.includes(part.trim()) || squeezed(whole).includes(squeezed(part))));
const squeezed = (text: string): string => text.replace(/\s+/g, " ").trim();

/** The conversation under what the columns say to its model: one system turn, whoever else wrote one. */
function withSystem(conversation: readonly Turn[], row: PromptRow): Turn[] {
  const [first, ...others] = conversation;
  const own = first?.role === "system" ? first.content : "";
  const texts = systemColumns.flatMap((name) => {
    const value = row[name];
    return typeof value === "string" && value !== "" && !contains(own, value) ? [value] : [];
  });
  if (texts.length === 0) return [...conversation];
  const told = [...new Set(texts), ...(own ? [own] : [])].join("\n\n");
  return own && first
    ? [{ ...first, content: told }, ...others]
    : [{ role: "system", content: told }, ...conversation];
}

/**
 * The prompt with what the row tells about it.
 * @param used further columns that the shape reads; the rest becomes metadata
 */
export function describePrompt(
  messages: readonly Turn[],
  row: PromptRow & RowValue,
  used: readonly string[],
): ImportedPrompt {
  const [language, domain, source, externalId] = factNames.map((names) =>
    names.find((name) => factIn(row[name]) !== undefined),
  );
  const metadata: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(otherColumns(row, columnsOf(used))))
    if (name !== language && name !== domain && name !== source && name !== externalId)
      metadata[name] = value;
  for (const name of [...textColumns, ...passageColumns])
    if (isSomething(row[name]) && !used.includes(name) && isAside(name, row[name]))
      metadata[name] = row[name];
  for (const name of systemColumns)
    if (isSomething(row[name]) && typeof row[name] !== "string") metadata[name] = row[name];
  return toPrompt(messages, {
    tools: toTools(row.tools),
    language: languageTag(factAt(row, language)),
    domain: factAt(row, domain),
    source: factAt(row, source),
    externalId: factAt(row, externalId),
    metadata,
  });
}

const factAt = (row: RowValue, name: string | undefined): string | undefined =>
  name === undefined ? undefined : factIn(row[name]);

const isAside = (name: string, value: unknown): boolean =>
  (passageColumns as readonly string[]).includes(name)
    ? !isPassage(value)
    : isRecord(value) && (value.role ?? value.from) === undefined;

/** A fact in words; null, lists and objects are none. */
const factIn = (value: unknown): string | undefined =>
  typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : typeof value === "string" && value !== ""
      ? value
      : undefined;

const known = new WeakMap<readonly string[], Set<string>>();

/** Shapes pass the same list for every row, so the set is made once. */
function columnsOf(used: readonly string[]): Set<string> {
  const columns = known.get(used) ?? new Set([...Object.keys(promptFields), ...used]);
  known.set(used, columns);
  return columns;
}

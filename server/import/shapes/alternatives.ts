import { z } from "zod";
import { toMessages, toPrompt, toResponse, userTurn } from "../conversation";
import type { ImportedPrompt, ImportedResponse } from "../schema";
import { isRecord, type RowValue } from "../source/row";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { otherColumns, parseRow } from "./shape";
import { languageTag, listOf, unpacked } from "./spelling";

/** The data of a task in an annotation tool, whose columns a team named as it liked. */
export interface TaskContent {
  prompt: ImportedPrompt;
  responses: ImportedResponse[];
  /** For each response, whatever an answer may call it. */
  names: string[][];
}

const promptRow = z.looseObject(promptFields);
const listed = listOf(z.union([z.string(), z.looseObject({})]));
const replyLists = [
  "responses",
  "completions",
  "candidates",
  "generations",
  "answers",
  "outputs",
  "items",
  "options",
];
const replyColumns = [
  "response",
  "completion",
  "output",
  "answer",
  "reply",
  "generation",
  "chosen",
  "summary",
];
const questionColumns = [
  "text",
  "message",
  "messages",
  "dialogue",
  "dialog",
  "conversation",
  "document",
  "passage",
];
const side = /^(.*?)[\s_.-]*(\d{1,2}|[a-dA-D]|left|right)$/;

/** @param data the columns of the task, without what annotators said @param extra what else is known of the prompt */
export function taskContent(data: RowValue, extra: Partial<ImportedPrompt> = {}): TaskContent {
  const { columns, replies } = listedReplies(data) ?? sidedReplies(data) ?? singleReply(data);
  const used = new Set(columns);
  const rest = otherColumns(data, used);
  const prompt = hasPrompt(rest) ? known(rest) : unknown(rest);
  return {
    prompt: { ...prompt, ...extra, metadata: { ...prompt.metadata, ...extra.metadata } },
    responses: replies.map(({ response }) => response),
    names: replies.map(({ names }, index) => [
      ...names,
      String(index + 1),
      String.fromCharCode(65 + index),
      ...(replies.length === 2 ? [index === 0 ? "left" : "right"] : []),
    ]),
  };
}

interface Replies {
  columns: readonly string[];
  replies: { names: string[]; response: ImportedResponse }[];
}

/** A list of texts, or of objects with an id and a text. */
function listedReplies(data: RowValue): Replies | null {
  for (const column of replyLists) {
    const list = listed.safeParse(data[column]);
    if (!list.success || list.data.length === 0) continue;
    const replies = list.data.flatMap((entry, index) => replyIn(entry, `${column}[${index}]`) ?? []);
    if (replies.length === list.data.length) return { columns: [column], replies };
  }
  return null;
}

function replyIn(entry: unknown, field: string): Replies["replies"][number] | null {
  if (typeof entry === "string") return { names: [], response: { content: entry, metadata: {} } };
  if (!isRecord(entry)) return null;
  const { id, title, body, text, content, html, response, completion, model, source, ...metadata } = entry;
  const said = [body, text, content, response, completion, html].find((value) => typeof value === "string");
  if (typeof said !== "string") return null;
  const by = model ?? source;
  if (title) metadata.title = title;
  return {
    names: [id, title].flatMap((name) => (name === undefined || name === "" ? [] : [String(name)])),
    response: toResponse(toMessages(said, field, "assistant"), {
      source: typeof by === "string" ? by : undefined,
      externalId: id === undefined ? undefined : String(id),
      metadata,
    }),
  };
}

/** Columns that are called alike but for a number, a letter or a side: `answer1` and `answer2`. */
function sidedReplies(data: RowValue): Replies | null {
  const groups = new Map<string, string[]>();
  for (const [column, value] of Object.entries(data)) {
    const stem = side.exec(column)?.[1];
    if (stem === undefined || !isReply(value)) continue;
    groups.set(stem, [...(groups.get(stem) ?? []), column]);
  }
  const sided = [...groups].filter(([, columns]) => columns.length > 1);
  const [, columns] =
    sided.find(([stem]) => replyColumns.some((name) => stem.toLowerCase().includes(name))) ??
    sided.find(([stem]) => !/model|source|id$|name/i.test(stem)) ??
    [];
  if (!columns) return null;
  columns.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const sources = columns.map((column) => sourceColumn(data, column));
  return {
    columns: [...columns, ...sources.filter((column) => column !== undefined)],
    replies: columns.map((column, index) => {
      const source = sources[index];
      return {
        names: [column],
        response: toResponse(toMessages(unpacked(data[column]), column, "assistant"), {
          source: source && String(data[source]),
        }),
      };
    }),
  };
}

const isReply = (value: unknown) =>
  (typeof value === "string" && value.trim() !== "" && Number.isNaN(Number(value))) || Array.isArray(value);

function sourceColumn(data: RowValue, column: string): string | undefined {
  const [, stem = "", token = ""] = side.exec(column) ?? [];
  return [
    `model_${token}`,
    `model${token}`,
    `${column}_model`,
    `${column}_source`,
    `${stem}_model_${token}`,
  ].find((name) => typeof data[name] === "string");
}

function singleReply(data: RowValue): Replies {
  const column = replyColumns.find((name) => isReply(data[name]));
  if (column === undefined) return { columns: [], replies: [] };
  const response = toResponse(toMessages(unpacked(data[column]), column, "assistant"), {
    source: typeof data.model === "string" ? data.model : undefined,
  });
  return {
    columns: typeof data.model === "string" ? [column, "model"] : [column],
    replies: [{ names: [column], response }],
  };
}

function known(rest: RowValue): ImportedPrompt {
  const row = parseRow(promptRow, rest);
  return describePrompt(promptMessages(row), row, []);
}

/** Without a column of a usual name, the first that holds a text is what the responses answer. */
function unknown(rest: RowValue): ImportedPrompt {
  const column =
    questionColumns.find((name) => isReply(rest[name])) ??
    Object.keys(rest).find((name) => typeof rest[name] === "string" && isReply(rest[name]));
  if (column === undefined) return toPrompt([], { metadata: rest });
  const { [column]: asked, lang, language, ...metadata } = rest;
  const turns = unpacked(asked);
  const tag = lang ?? language;
  return toPrompt(typeof turns === "string" ? [userTurn(turns)] : toMessages(turns, column, "user"), {
    language: typeof tag === "string" ? languageTag(tag) : undefined,
    metadata,
  });
}

/** The place of the response that an answer names; −1 when it names none. */
export function responseNamed(name: string, names: readonly (readonly string[])[]): number {
  return names.findIndex((known) => known.includes(name));
}

/** Ranks from names in their order, the best first; null unless every response is named once. */
export function ranksNamed(order: readonly string[], names: readonly (readonly string[])[]): number[] | null {
  const ranks = names.map(() => 0);
  for (const [place, name] of order.entries()) {
    const index = responseNamed(name, names);
    if (index < 0 || ranks[index] !== 0) return null;
    ranks[index] = place + 1;
  }
  return ranks.every((rank) => rank > 0) ? ranks : null;
}

import { entriesOf, WrittenObject } from "../../db/shape/written-json";
import { languageSchema } from "../content/schema";
import { answerProblems, textsOf } from "../form/answers";
import { limits } from "../limits";
import type { Finding } from "./problems";
import type { ImportRecord, ProblemCode } from "./schema";
import { isRecord } from "./source/row";

/** What speaks against a record, or is worth knowing about it. Pure: the record is not changed. */
export function checkRecord(record: ImportRecord): Finding[] {
  return [...checkPrompt(record), ...checkResponses(record), ...checkAnswers(record), ...checkTexts(record)];
}

function* checkPrompt({ prompt }: ImportRecord): Generator<Finding> {
  if (prompt.messages.length === 0)
    yield { code: "no-prompt", field: "prompt", message: "There is no prompt." };
  else if (prompt.messages.every(({ content, tool_calls }) => isBlank(content) && !tool_calls))
    yield { code: "empty-prompt", field: "prompt", message: "The prompt is empty." };
  if (prompt.language !== undefined && !languageSchema.safeParse(prompt.language).success)
    yield { code: "bad-language", field: "language", message: `"${prompt.language}" is not a language tag.` };
}

function* checkResponses({ responses, judgements }: ImportRecord): Generator<Finding> {
  const judgedByName = judgements.some(({ rater }) => rater.kind !== "label");
  const seen = new Map<string, number>();
  for (const [index, { content, source }] of responses.entries()) {
    const field = `response ${index + 1}`;
    const text = content.trim();
    if (text === "")
      yield {
        code: source || judgedByName ? "empty-model-reply" : "empty-reply",
        field,
        message: `${field}${source ? ` (${source})` : ""} is empty.`,
      };
    const other = seen.get(text);
    seen.set(text, index);
    if (other === undefined) continue;
    const alike = responses[other].source === source;
    yield {
      code: alike ? "identical-replies" : "same-text",
      field,
      message: `Responses ${other + 1} and ${index + 1} have the same text.`,
    };
  }
}

function* checkAnswers({ responses, judgements }: ImportRecord): Generator<Finding> {
  for (const { rater, questions, answers } of judgements) {
    const { demonstration } = answers;
    if (demonstration && textsOf(demonstration).some(isBlank))
      yield { code: "empty-reply", field: "reply", message: "The reply is empty." };
    else
      for (const { question, message } of answerProblems(questions, responses.length, answers))
        yield { code: "bad-answer", field: question, message: `${rater.id}: ${message}` };
  }
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

const specialToken =
  "<\\|[\\w▁]{1,40}\\|>|</?s>|\\[/?INST\\]|<</?SYS>>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>";

/** One pass over a text for everything below; texts with nothing suspicious, nearly all, need no second. */
const suspicious = new RegExp(`[\\0\\u2028\\u2029\\ufffd]|\\p{Cs}|${specialToken}`, "u");

const marks: readonly (readonly [code: ProblemCode, pattern: RegExp, says: (found: string) => string])[] = [
  ["nul-character", /\0/, () => "contains the character U+0000"],
  ["lone-surrogate", /\p{Cs}/u, (found) => `contains half a character (U+${hex(found)})`],
  ["line-separator", /[\u2028\u2029]/, (found) => `contains the line separator U+${hex(found)}`],
  ["replacement-character", /\ufffd/, () => "contains U+FFFD, which stands for lost bytes"],
  ["special-token", new RegExp(specialToken), (found) => `spells the special token ${found}`],
];

function* checkTexts({ prompt, responses, judgements }: ImportRecord): Generator<Finding> {
  for (const [index, { content }] of prompt.messages.entries()) yield* checkText(content, `prompt[${index}]`);
  for (const [index, { content }] of responses.entries()) yield* checkText(content, `response ${index + 1}`);
  for (const { answers } of judgements)
    for (const [id, answer] of Object.entries(answers))
      for (const text of textsOf(answer)) yield* checkText(text, id);
  if (isDeeper([prompt, responses, judgements], limits.rowDepth))
    yield {
      code: "nested-too-deep",
      message: `The row is nested deeper than ${limits.rowDepth} levels.`,
    };
  else yield* checkStorable({ prompt, responses, judgements });
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 ||
    Object.values(value instanceof WrittenObject ? [...value.values()] : value).some((part) =>
      isDeeper(part, levels - 1),
    ));

function* checkText(text: string, field: string): Generator<Finding> {
  if (!suspicious.test(text)) return;
  for (const [code, pattern, says] of marks) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) yield { code, field, message: `${field} ${says(found)}.` };
  }
}

/**
 * No text and no document of the database holds U+0000 or half a character, wherever in the row it stands: in a name,
 * an id, the arguments of a call, the name of a column.
 */
function* checkStorable({ prompt, responses, judgements }: ImportRecord): Generator<Finding> {
  const { messages, metadata, externalId, tools, ...facts } = prompt;
  for (const [index, { content: _, ...turn }] of messages.entries())
    yield* unstorableIn(turn, `prompt[${index}]`);
  yield* unstorableIn(tools, "tools");
  yield* unstorableIn(externalId, "id");
  for (const [name, fact] of Object.entries(facts)) yield* unstorableIn(fact, name);
  yield* unstorableIn(metadata, "");
  for (const [index, { content: _, ...about }] of responses.entries())
    yield* unstorableIn(about, `response ${index + 1}`);
  for (const { rater, answers } of judgements) {
    yield* unstorableIn(rater.id, "rater");
    for (const [id, answer] of Object.entries(answers))
      yield* unstorableIn("text" in answer ? { ...answer, text: "" } : answer, id);
  }
}

/** @param field where the value stands; "" for columns, which have names of their own */
function* unstorableIn(value: unknown, field: string): Generator<Finding> {
  if (typeof value === "string") {
    const code = unstorable(value);
    if (code) yield { code, field, message: `${field} ${unstorableSays[code]}.` };
  } else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* unstorableIn(item, `${field}[${index}]`);
  else if (isRecord(value))
    for (const [name, part] of entriesOf(value)) {
      const code = unstorable(name);
      const path = field === "" ? name : `${field}.${name}`;
      if (code) yield { code, field: path, message: `The name ${path} ${unstorableSays[code]}.` };
      else yield* unstorableIn(part, path);
    }
}

const unstorableSays = {
  "nul-character": "contains the character U+0000",
  "lone-surrogate": "contains half a character",
} as const;

function unstorable(text: string): keyof typeof unstorableSays | null {
  if (text.includes("\0")) return "nul-character";
  return /\p{Cs}/u.test(text) ? "lone-surrogate" : null;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

import { entriesOf, WrittenObject } from "../../db/shape/written-json";
import { languageSchema } from "../content/schema";
import { answerProblems, textsOf } from "../form/answers";
import { limits } from "../limits";
import type { Finding } from "./problems";
import type { ImportRecord, ProblemCode } from "./schema";
import { isRecord } from "./source/row";

/** Takes what was found: of most records nothing is, and a list for each step would be made for nothing. */
type Note = (finding: Finding) => void;

/** What speaks against a record, or is worth knowing about it. Pure: the record is not changed. */
export function checkRecord(record: ImportRecord): Finding[] {
  const findings: Finding[] = [];
  const note = findings.push.bind(findings);
  checkPrompt(record, note);
  checkResponses(record, note);
  checkAnswers(record, note);
  checkTexts(record, note);
  return findings;
}

function checkPrompt({ prompt }: ImportRecord, note: Note): void {
  if (prompt.messages.length === 0)
    note({ code: "no-prompt", field: "prompt", message: "There is no prompt." });
  else if (prompt.messages.every(({ content, tool_calls }) => isBlank(content) && !tool_calls))
    note({ code: "empty-prompt", field: "prompt", message: "The prompt is empty." });
  if (prompt.language !== undefined && !languageSchema.safeParse(prompt.language).success)
    note({ code: "bad-language", field: "language", message: `"${prompt.language}" is not a language tag.` });
}

function checkResponses({ responses, judgements }: ImportRecord, note: Note): void {
  const seen = new Map<string, number>();
  for (const [index, { content, source }] of responses.entries()) {
    const text = content.trim();
    const field = `response ${index + 1}`;
    if (text === "") {
      const isNamed = source || judgements.some(({ rater }) => rater.kind !== "label");
      note({
        code: isNamed ? "empty-model-reply" : "empty-reply",
        field,
        message: `${field}${source ? ` (${source})` : ""} is empty.`,
      });
    }
    const other = seen.get(text);
    seen.set(text, index);
    if (other === undefined) continue;
    note({
      code: responses[other].source === source ? "identical-replies" : "same-text",
      field,
      message: `Responses ${other + 1} and ${index + 1} have the same text.`,
    });
  }
}

function checkAnswers({ responses, judgements }: ImportRecord, note: Note): void {
  for (const { rater, questions, answers } of judgements) {
    const { demonstration } = answers;
    if (demonstration && textsOf(demonstration).some(isBlank))
      note({ code: "empty-reply", field: "reply", message: "The reply is empty." });
    else
      for (const { question, message } of answerProblems(questions, responses.length, answers))
        note({ code: "bad-answer", field: question, message: `${rater.id}: ${message}` });
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

function checkTexts({ prompt, responses, judgements }: ImportRecord, note: Note): void {
  for (const [index, { content }] of prompt.messages.entries()) checkText(content, `prompt[${index}]`, note);
  for (const [index, { content }] of responses.entries()) checkText(content, `response ${index + 1}`, note);
  for (const { answers } of judgements)
    for (const [id, answer] of Object.entries(answers))
      for (const text of textsOf(answer)) checkText(text, id, note);
  if (isDeeper([prompt, responses, judgements], limits.rowDepth))
    note({
      code: "nested-too-deep",
      message: `The row is nested deeper than ${limits.rowDepth} levels.`,
    });
  else checkStorable({ prompt, responses, judgements }, note);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const part of value instanceof WrittenObject ? value.values() : Object.values(value))
    if (isDeeper(part, levels - 1)) return true;
  return false;
}

function checkText(text: string, field: string, note: Note): void {
  if (!suspicious.test(text)) return;
  for (const [code, pattern, says] of marks) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) note({ code, field, message: `${field} ${says(found)}.` });
  }
}

/**
 * No text and no document of the database holds U+0000 or half a character, wherever in the row it stands: in a name,
 * an id, the arguments of a call, the name of a column.
 */
function checkStorable({ prompt, responses, judgements }: ImportRecord, note: Note): void {
  const { messages, metadata, externalId, tools, ...facts } = prompt;
  for (const [index, { content: _, ...turn }] of messages.entries())
    checkStored(turn, `prompt[${index}]`, note);
  checkStored(tools, "tools", note);
  checkStored(externalId, "id", note);
  for (const [name, fact] of Object.entries(facts)) checkStored(fact, name, note);
  checkStored(metadata, "", note);
  for (const [index, { content: _, ...about }] of responses.entries())
    checkStored(about, `response ${index + 1}`, note);
  for (const { rater, answers } of judgements) {
    checkStored(rater.id, "rater", note);
    for (const [id, answer] of Object.entries(answers))
      checkStored("text" in answer ? { ...answer, text: "" } : answer, id, note);
  }
}

/** @param field where the value stands; "" for columns, which have names of their own */
function checkStored(value: unknown, field: string, note: Note): void {
  if (typeof value === "string") {
    const code = unstorable(value);
    if (code) note({ code, field, message: `${field} ${unstorableSays[code]}.` });
  } else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkStored(item, `${field}[${index}]`, note);
  else if (isRecord(value))
    for (const [name, part] of entriesOf(value)) {
      if (part === undefined) continue;
      const code = unstorable(name);
      const path = field === "" ? name : `${field}.${name}`;
      if (code) note({ code, field: path, message: `The name ${path} ${unstorableSays[code]}.` });
      else checkStored(part, path, note);
    }
}

const unstorableSays = {
  "nul-character": "contains the character U+0000",
  "lone-surrogate": "contains half a character",
} as const;

function unstorable(text: string): keyof typeof unstorableSays | null {
  if (!/[\0\p{Cs}]/u.test(text)) return null;
  return text.includes("\0") ? "nul-character" : "lone-surrogate";
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

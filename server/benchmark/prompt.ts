/**
 * Prompts as lm-eval 0.4.13 builds them (`ConfigurableTask.fewshot_context`): description, shots, question, as one text
 * or as turns for a chat template.
 */

import { isSpace } from "./python/space";

/** A turn; what follows it in a plain text is no part of it. */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  readonly delimiter: string;
}

const startsWithSpace = (text: string) => isSpace(text[0]);
export const endsWithSpace = (text: string) => isSpace(text.at(-1));

/** Joins two texts, by the delimiter where there is no space between them yet. */
function joined(first: string, second: string, delimiter: string): string {
  if (first === "" || second === "") return first + second;
  return endsWithSpace(first) || startsWithSpace(second) ? first + second : first + delimiter + second;
}

export interface Asked {
  readonly question: string;
  /** The answer of a shot; null for the question itself. */
  readonly answer: string | null;
  /** What the answer is to begin with. */
  readonly prefix: string;
  readonly targetDelimiter: string;
  readonly fewshotDelimiter: string;
}

/** The turns of a question, or of a shot with its answer. */
export function turnsOf({ question, answer, prefix, targetDelimiter, fewshotDelimiter }: Asked): Turn[] {
  const answered = answer !== null && answer !== "";
  const apart =
    prefix !== "" ? question !== "" && !endsWithSpace(question) && !startsWithSpace(prefix) : answered;
  const user: Turn = { role: "user", content: question, delimiter: apart ? targetDelimiter : "" };
  if (answered)
    return [user, { role: "assistant", content: joined(prefix, answer, " "), delimiter: fewshotDelimiter }];
  return prefix === "" ? [user] : [user, { role: "assistant", content: prefix, delimiter: "" }];
}

export const plainText = (turns: readonly Turn[]) =>
  turns.map(({ content, delimiter }) => content + delimiter).join("");

/** All but the system turn and what the answer begins with, as one turn of the user. */
export function singleTurn(turns: readonly Turn[]): Turn[] {
  const system = turns[0]?.role === "system" ? turns.slice(0, 1) : [];
  const rest = turns.slice(system.length);
  const begun = rest.at(-1)?.role === "assistant" ? rest.slice(-1) : [];
  const asked = rest.slice(0, rest.length - begun.length);
  const last = asked.at(-1);
  const content = plainText(asked.slice(0, -1)) + (last?.content ?? "");
  return [...system, { role: "user", content, delimiter: "" }, ...begun];
}

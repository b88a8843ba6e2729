import { isDeepStrictEqual } from "node:util";
import { EngineError } from "../errors";
import type { Message, PreferenceExample, TemplateInputs, Text } from "./examples";
import type { ChatTokenizer } from "./tokenizer";

/** A row that cannot be trained on, and why, as a phrase that follows "dropped because". */
export interface Dropped {
  dropped: string;
}

/**
 * The prompt of rows that carry it inside chosen and rejected: their longest common beginning, by message or by
 * character, without the space before a differing word. Exported rows always state it.
 */
export function withPrompt(row: PreferenceExample): { prompt: Text; chosen: Text; rejected: Text } {
  const { prompt, chosen, rejected } = row;
  if (prompt !== undefined) return { prompt, chosen, rejected };
  if (typeof chosen === "string" && typeof rejected === "string") {
    const [a, b] = [[...chosen], [...rejected]];
    const common = commonLength(a, b);
    const differ = a[common] !== b[common];
    const length = differ && a[common - 1] === " " ? common - 1 : common;
    const take = (side: string[]) => side.slice(0, length).join("");
    const rest = (side: string[]) => side.slice(length).join("");
    return { prompt: take(a), chosen: rest(a), rejected: rest(b) };
  }
  const [a, b] = [asMessages(chosen), asMessages(rejected)];
  const length = commonLength(a, b);
  return { prompt: a.slice(0, length), chosen: a.slice(length), rejected: b.slice(length) };
}

/** How much two sides share; of sides that do not differ within the shorter one, its last item is kept out. */
function commonLength(a: readonly unknown[], b: readonly unknown[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (!isDeepStrictEqual(a[i], b[i])) return i;
  return Math.max(shorter - 1, 0);
}

/**
 * Tokenises prompt and prompt + each side. As in TRL the sides begin where prompt and prompt + side part: usually at the
 * prompt's end, earlier where a template writes a prompt alone differently or tokens merge where the two meet (`parted`).
 * All sides begin at the earliest such place.
 */
export function splitSides(
  tokenizer: ChatTokenizer,
  prompt: Text,
  sides: readonly Text[],
  options: TemplateInputs,
): { prompt_ids: number[]; completions: number[][]; parted: boolean } {
  const alone =
    typeof prompt === "string"
      ? tokenizer.encode(prompt)
      : tokenizer.encodeChat(prompt, { ...templateInputs(options), addGenerationPrompt: true });
  const wholes = sides.map((side) =>
    encode(tokenizer, join(prompt, closeText(side, tokenizer.eosToken)), options),
  );
  const shared = Math.min(...wholes.map((ids) => commonPrefix(alone, ids)));
  return {
    prompt_ids: alone.slice(0, shared),
    completions: wholes.map((ids) => ids.slice(shared)),
    parted: shared < alone.length,
  };
}

/** How many ids two sequences begin with in common. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}

export function encode(tokenizer: ChatTokenizer, text: Text, options: TemplateInputs): number[] {
  return typeof text === "string"
    ? tokenizer.encode(text)
    : tokenizer.encodeChat(text, templateInputs(options));
}

/** Only what a template may see of a row. */
export const templateInputs = ({ tools, chat_template_kwargs }: TemplateInputs): TemplateInputs => ({
  tools,
  chat_template_kwargs,
});

export function join(prompt: Text, side: Text): Text {
  return typeof prompt === "string" && typeof side === "string"
    ? prompt + side
    : [...asMessages(prompt), ...asMessages(side)];
}

export const closeText = (side: Text, eos: string): Text =>
  typeof side === "string" ? withEos(side, eos) : side;

export const withEos = (text: string, eos: string) => (text.endsWith(eos) ? text : text + eos);

export function asMessages(text: Text): Message[] {
  if (typeof text !== "string") return text;
  throw new EngineError("a row mixes plain text and messages; give all of its sides in the same form.");
}

import { isDeepStrictEqual } from "node:util";
import { EngineError } from "../errors";
import type { Message, PreferenceExample, TemplateInputs, Text } from "./examples";
import type { ChatTokenizer } from "./tokenizer";

/** A row that cannot be trained on, and why, as a phrase that follows "dropped because". */
export interface Dropped {
  dropped: string;
}

export const notAPrefix = (side: string): Dropped => ({
  dropped: `the tokenised prompt is not a prefix of prompt + ${side}`,
});

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

/** Tokenises prompt and prompt + each side and cuts the prompt off; a mismatch drops the row. */
export function splitSides(
  tokenizer: ChatTokenizer,
  prompt: Text,
  sides: Record<string, Text>,
  options: TemplateInputs,
): { prompt_ids: number[]; completions: number[][] } | Dropped {
  const prompt_ids =
    typeof prompt === "string"
      ? tokenizer.encode(prompt)
      : tokenizer.encodeChat(prompt, { ...templateInputs(options), addGenerationPrompt: true });
  const completions: number[][] = [];
  for (const [name, side] of Object.entries(sides)) {
    const ids = encode(tokenizer, join(prompt, closeText(side, tokenizer.eosToken)), options);
    if (!startsWith(ids, prompt_ids)) return notAPrefix(name);
    completions.push(ids.slice(prompt_ids.length));
  }
  return { prompt_ids, completions };
}

export const startsWith = (ids: readonly number[], prompt: readonly number[]) =>
  ids.length >= prompt.length && prompt.every((id, i) => ids[i] === id);

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

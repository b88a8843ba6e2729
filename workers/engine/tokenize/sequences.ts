import { isDeepStrictEqual } from "node:util";
import { EngineError } from "../errors";
import type {
  KtoExample,
  Message,
  PreferenceExample,
  RankedExample,
  RewardExample,
  TemplateInputs,
  Text,
} from "./examples";
import type { Demonstration } from "./feedback";
import type { KtoTokens, PreferenceTokens, RankedTokens, RewardTokens, SftTokens } from "./rows";
import type { ChatTokenizer } from "./tokenizer";

/** A row that cannot be trained on, and why, as a phrase that follows "dropped because". */
export interface Dropped {
  dropped: string;
}

export type MaxLength = number | null;

const tooLongPrompt = (maxLength: number): Dropped => ({
  dropped: `the prompt alone fills max_length (${maxLength} tokens)`,
});
const notAPrefix = (side: string): Dropped => ({
  dropped: `the tokenised prompt is not a prefix of prompt + ${side}`,
});

/** DPO and its family: completions are cut at `max_length`; a prompt that fills it drops the row. */
export function tokenizePreference(
  tokenizer: ChatTokenizer,
  row: PreferenceExample,
  maxLength: MaxLength,
): PreferenceTokens | Dropped {
  const { prompt, chosen, rejected } = withPrompt(row);
  const sides = splitSides(tokenizer, prompt, { chosen, rejected }, row);
  if ("dropped" in sides) return sides;
  const [chosen_ids = [], rejected_ids = []] = sides.completions;
  return fitToLength({ prompt_ids: sides.prompt_ids, chosen_ids, rejected_ids }, maxLength);
}

/** KTO: like preference, one answer a row. */
export function tokenizeKto(
  tokenizer: ChatTokenizer,
  row: KtoExample,
  maxLength: MaxLength,
): KtoTokens | Dropped {
  const sides = splitSides(tokenizer, row.prompt, { completion: row.completion }, row);
  if ("dropped" in sides) return sides;
  const [whole_ids = []] = sides.completions;
  const fitted = fitToLength({ prompt_ids: sides.prompt_ids, completion_ids: whole_ids }, maxLength);
  return "dropped" in fitted ? fitted : { ...fitted, whole_ids, label: row.label };
}

/** k-wise rows for RRHF, PRO and Plackett–Luce: answers are cut, as those of preference rows are. */
export function tokenizeRanked(
  tokenizer: ChatTokenizer,
  row: RankedExample,
  maxLength: MaxLength,
): RankedTokens | Dropped {
  const named = Object.fromEntries(row.completions.map((completion, i) => [`completions.${i}`, completion]));
  const sides = splitSides(tokenizer, row.prompt, named, row);
  if ("dropped" in sides) return sides;
  const { prompt_ids } = sides;
  if (maxLength !== null && prompt_ids.length >= maxLength) return tooLongPrompt(maxLength);
  const room = maxLength === null ? undefined : maxLength - prompt_ids.length;
  const responses = sides.completions.map((ids) => ids.slice(0, room));
  const ends = responses.map((ids) => pooledPosition([...prompt_ids, ...ids], tokenizer.padId));
  return { prompt_ids, responses, scores: row.scores, ends };
}

/** Reward models: prompt and answer in one sequence; a pair with a side beyond `max_length` is dropped whole. */
export function tokenizeReward(
  tokenizer: ChatTokenizer,
  row: RewardExample,
  maxLength: MaxLength,
): RewardTokens | Dropped {
  const { ids: chosen_ids, end: chosen_end } = tokenizeScored(tokenizer, row.prompt, row.chosen, row);
  const { ids: rejected_ids, end: rejected_end } = tokenizeScored(tokenizer, row.prompt, row.rejected, row);
  const sides = Object.entries({ chosen: chosen_ids, rejected: rejected_ids });
  const long = sides.find(([, side]) => maxLength !== null && side.length > maxLength);
  if (long !== undefined) {
    return { dropped: `${long[0]} is longer than max_length (${long[1].length} > ${maxLength} tokens)` };
  }
  return {
    chosen_ids,
    rejected_ids,
    chosen_end,
    rejected_end,
    ...(row.margin === undefined ? {} : { margin: row.margin }),
  };
}

/** Prompt and answer in one sequence, as a reward model reads them; `end` is the token it pools. */
export function tokenizeScored(
  tokenizer: ChatTokenizer,
  prompt: Text | undefined,
  answer: Text,
  inputs: TemplateInputs,
): { ids: number[]; end: number } {
  const closed = closeText(answer, tokenizer.eosToken);
  const ids = encode(tokenizer, prompt === undefined ? closed : join(prompt, closed), inputs);
  return { ids, end: pooledPosition(ids, tokenizer.padId) };
}

/**
 * The token that a sequence classifier reads its score from: the right-most one that is not padding. With
 * pad = eos that is the token before the closing EOS, as in transformers.
 */
export function pooledPosition(ids: readonly number[], padId: number): number {
  return Math.max(
    ids.findLastIndex((id) => id !== padId),
    0,
  );
}

export interface SftOptions {
  maxLength: MaxLength;
  assistantOnly: boolean;
  /** null: true for rows with prompt and completion. */
  completionOnly: boolean | null;
  /** Packing cuts by itself, so rows come out whole. */
  packing?: boolean;
}

/** SFT rows of all forms; cut at `max_length`, dropped where no labelled token is left. */
export function tokenizeSft(
  tokenizer: ChatTokenizer,
  row: Demonstration,
  options: SftOptions,
): SftTokens | Dropped {
  const masked = maskedTokens(tokenizer, row, options);
  if ("dropped" in masked) return masked;
  const { mask, ...tokens } = masked;
  const labels = tokens.input_ids.map((_, i) => i > 0 && (mask === null || mask[i] === 1));
  if (options.packing === true) return { ...tokens, labels };
  const end = options.maxLength ?? undefined;
  if (mask !== null && !mask.slice(0, end).includes(1)) {
    return { dropped: "no token that counts for the loss is left within max_length" };
  }
  return {
    input_ids: tokens.input_ids.slice(0, end),
    labels: labels.slice(0, end),
    ...(tokens.completion_mask && { completion_mask: tokens.completion_mask.slice(0, end) }),
    ...(tokens.assistant_mask && { assistant_mask: tokens.assistant_mask.slice(0, end) }),
  };
}

/** Ids, the masks that are shown, and the one that the loss uses (null: every token counts). */
type MaskedTokens = Omit<SftTokens, "labels"> & { mask: number[] | null };

function maskedTokens(
  tokenizer: ChatTokenizer,
  row: Demonstration,
  options: SftOptions,
): MaskedTokens | Dropped {
  if ("parts" in row)
    return tokenizer.encodeParts(row.parts) ?? { dropped: "its tokens cannot be aligned with its text" };
  if ("text" in row) {
    if (options.assistantOnly) throw plainTextWithAssistantOnly();
    return { input_ids: tokenizer.encode(withEos(row.text, tokenizer.eosToken)), mask: null };
  }
  if ("messages" in row)
    return conversation(tokenizer, row.messages, row, options.assistantOnly || "assistantOnly" in row);
  return promptCompletion(tokenizer, row, options);
}

function conversation(
  tokenizer: ChatTokenizer,
  messages: Message[],
  inputs: TemplateInputs,
  assistantOnly: boolean,
): MaskedTokens | Dropped {
  if (!assistantOnly && !tokenizer.marksAssistant) {
    return { input_ids: tokenizer.encodeChat(messages, templateInputs(inputs)), mask: null };
  }
  const { ids, mask, problem } = tokenizer.encodeChatWithMask(messages, templateInputs(inputs));
  if (!assistantOnly) return { input_ids: ids, mask: null, ...(mask && { assistant_mask: mask }) };
  if (mask === null) return { dropped: problem };
  return mask.includes(1) ? { input_ids: ids, assistant_mask: mask, mask } : noAssistant;
}

const noAssistant: Dropped = { dropped: "it has no token written by the assistant" };

function promptCompletion(
  tokenizer: ChatTokenizer,
  row: { prompt: Text; completion: Text } & TemplateInputs,
  options: SftOptions,
): MaskedTokens | Dropped {
  if (options.assistantOnly) return assistantsCompletion(tokenizer, row, options);
  const sides = splitSides(tokenizer, row.prompt, { completion: row.completion }, row);
  if ("dropped" in sides) return sides;
  const input_ids = [...sides.prompt_ids, ...(sides.completions[0] ?? [])];
  const completion_mask = maskAfter(sides.prompt_ids, input_ids);
  return { input_ids, completion_mask, mask: options.completionOnly === false ? null : completion_mask };
}

/** What the assistant wrote within the completion: both masks ANDed. */
function assistantsCompletion(
  tokenizer: ChatTokenizer,
  row: { prompt: Text; completion: Text } & TemplateInputs,
  options: SftOptions,
): MaskedTokens | Dropped {
  if (typeof row.prompt === "string") throw plainTextWithAssistantOnly();
  const inputs = templateInputs(row);
  const prompt_ids = tokenizer.encodeMaskedPrompt(row.prompt, inputs);
  const { ids, mask, problem } = tokenizer.encodeChatWithMask(
    [...row.prompt, ...asMessages(row.completion)],
    inputs,
  );
  if (!startsWith(ids, prompt_ids)) return notAPrefix("completion");
  if (mask === null) return { dropped: problem };
  if (!mask.includes(1)) return noAssistant;
  const completion_mask = maskAfter(prompt_ids, ids).map((bit, i) => bit & (mask[i] ?? 0));
  return { input_ids: ids, completion_mask, mask: options.completionOnly === false ? mask : completion_mask };
}

const maskAfter = (prompt: readonly number[], ids: readonly number[]) =>
  ids.map((_, i) => (i < prompt.length ? 0 : 1));

const startsWith = (ids: readonly number[], prompt: readonly number[]) =>
  ids.length >= prompt.length && prompt.every((id, i) => ids[i] === id);

const plainTextWithAssistantOnly = () =>
  new EngineError("assistant_only_loss needs conversations but the row is plain text; turn it off.");

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
function splitSides(
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

function fitToLength<Ids extends { prompt_ids: number[] }>(ids: Ids, maxLength: MaxLength): Ids | Dropped {
  if (maxLength === null) return ids;
  const { prompt_ids } = ids;
  if (prompt_ids.length >= maxLength) return tooLongPrompt(maxLength);
  const room = maxLength - prompt_ids.length;
  const cut = Object.entries(ids).map(([name, list]) => [
    name,
    name === "prompt_ids" ? list : list.slice(0, room),
  ]);
  return { ...ids, ...Object.fromEntries(cut) };
}

function encode(tokenizer: ChatTokenizer, text: Text, options: TemplateInputs): number[] {
  return typeof text === "string"
    ? tokenizer.encode(text)
    : tokenizer.encodeChat(text, templateInputs(options));
}

/** Only what a template may see of a row. */
const templateInputs = ({ tools, chat_template_kwargs }: TemplateInputs): TemplateInputs => ({
  tools,
  chat_template_kwargs,
});

function join(prompt: Text, side: Text): Text {
  return typeof prompt === "string" && typeof side === "string"
    ? prompt + side
    : [...asMessages(prompt), ...asMessages(side)];
}

const closeText = (side: Text, eos: string): Text => (typeof side === "string" ? withEos(side, eos) : side);

const withEos = (text: string, eos: string) => (text.endsWith(eos) ? text : text + eos);

function asMessages(text: Text): Message[] {
  if (typeof text !== "string") return text;
  throw new EngineError("a row mixes plain text and messages; give all of its sides in the same form.");
}

import { EngineError } from "../errors";
import type { Message, TemplateInputs, Text } from "./examples";
import type { Demonstration } from "./feedback";
import type { SftTokens } from "./rows";
import type { MaxLength } from "./sequences";
import { asMessages, commonPrefix, type Dropped, splitSides, templateInputs, withEos } from "./sides";
import type { ChatTokenizer } from "./tokenizer";

interface SftOptions {
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
    ...(tokens.parted && { parted: true }),
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
  if (!assistantOnly && (!tokenizer.marksAssistant || tokenizer.sanitizes(inputs))) {
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
  const { prompt_ids, completions, parted } = splitSides(tokenizer, row.prompt, [row.completion], row);
  const input_ids = [...prompt_ids, ...(completions[0] ?? [])];
  const completion_mask = maskAfter(prompt_ids.length, input_ids);
  const mask = options.completionOnly === false ? null : completion_mask;
  return { input_ids, completion_mask, mask, parted };
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
  if (mask === null) return { dropped: problem };
  if (!mask.includes(1)) return noAssistant;
  const shared = commonPrefix(prompt_ids, ids);
  const completion_mask = maskAfter(shared, ids).map((bit, i) => bit & (mask[i] ?? 0));
  return {
    input_ids: ids,
    completion_mask,
    mask: options.completionOnly === false ? mask : completion_mask,
    parted: shared < prompt_ids.length,
  };
}

const maskAfter = (length: number, ids: readonly number[]) => ids.map((_, i) => (i < length ? 0 : 1));

const plainTextWithAssistantOnly = () =>
  new EngineError("assistant_only_loss needs conversations but the row is plain text; turn it off.");

import type {
  KtoExample,
  PreferenceExample,
  RankedExample,
  RewardExample,
  TemplateInputs,
  Text,
} from "./examples";
import type { KtoTokens, PreferenceTokens, RankedTokens, RewardTokens } from "./rows";
import { closeText, type Dropped, encode, join, splitSides, withPrompt } from "./sides";
import type { ChatTokenizer } from "./tokenizer";

export type MaxLength = number | null;

const tooLongPrompt = (maxLength: number): Dropped => ({
  dropped: `the prompt alone fills max_length (${maxLength} tokens)`,
});
/** DPO and its family: completions are cut at `max_length`; a prompt that fills it drops the row. */
export function tokenizePreference(
  tokenizer: ChatTokenizer,
  row: PreferenceExample,
  maxLength: MaxLength,
): PreferenceTokens | Dropped {
  const { prompt, chosen, rejected } = withPrompt(row);
  const { prompt_ids, completions, parted } = splitSides(tokenizer, prompt, [chosen, rejected], row);
  const [chosen_ids = [], rejected_ids = []] = completions;
  const fitted = fitToLength({ prompt_ids, chosen_ids, rejected_ids }, maxLength);
  return "dropped" in fitted ? fitted : { ...fitted, parted };
}

/** KTO: like preference, one answer a row. */
export function tokenizeKto(
  tokenizer: ChatTokenizer,
  row: KtoExample,
  maxLength: MaxLength,
): KtoTokens | Dropped {
  const { prompt_ids, completions, parted } = splitSides(tokenizer, row.prompt, [row.completion], row);
  const [whole_ids = []] = completions;
  const fitted = fitToLength({ prompt_ids, completion_ids: whole_ids }, maxLength);
  return "dropped" in fitted ? fitted : { ...fitted, whole_ids, label: row.label, parted };
}

/** k-wise rows for RRHF, PRO and Plackett–Luce: answers are cut, as those of preference rows are. */
export function tokenizeRanked(
  tokenizer: ChatTokenizer,
  row: RankedExample,
  maxLength: MaxLength,
): RankedTokens | Dropped {
  const { prompt_ids, completions, parted } = splitSides(tokenizer, row.prompt, row.completions, row);
  if (maxLength !== null && prompt_ids.length >= maxLength) return tooLongPrompt(maxLength);
  const room = maxLength === null ? undefined : maxLength - prompt_ids.length;
  const responses = completions.map((ids) => ids.slice(0, room));
  const ends = responses.map((ids) => pooledPosition([...prompt_ids, ...ids], tokenizer.padId));
  return { prompt_ids, responses, scores: row.scores, ends, parted };
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
function pooledPosition(ids: readonly number[], padId: number): number {
  return Math.max(
    ids.findLastIndex((id) => id !== padId),
    0,
  );
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

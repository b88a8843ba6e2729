import { wordsOf } from "../benchmark/words";

/** An instruction that a model made harder or rarer, with the answer that was written for it. */
export interface Evolved {
  readonly instruction: string;
  readonly reply: string;
  /** Whether a judge found that it asks the same as its parent. */
  readonly isEqual: boolean;
}

/** Words of the operators' templates: an instruction that has them repeats its own prompt. */
const leaks = /#?(?:given|rewritten|created) prompt#?|new prompt:/iu;

export const repeatsOperator = (instruction: string): boolean => leaks.test(instruction);

/** Words without meaning of their own; a reply of nothing else says nothing. */
const empty = new Set(
  "a an and are as at be but by for from has have he her his i if in is it its me my no not of on or our she so that the their them there they this to us was we were will with you your".split(
    " ",
  ),
);

/**
 * Why an evolution failed, or null; a failed one leaves its parent to the next round.
 * Source: C. Xu et al., WizardLM, arXiv 2304.12244, section 3.2, elimination evolving.
 */
export function evolutionFault({ instruction, reply, isEqual }: Evolved): string | null {
  if (isEqual) return "asks the same as its parent";
  if (repeatsOperator(instruction)) return "repeats the operator's words";
  const words = wordsOf(reply);
  if (words.length < 80 && words.includes("sorry")) return "the reply declines";
  if (words.every((word) => empty.has(word))) return "the reply says nothing";
  return null;
}

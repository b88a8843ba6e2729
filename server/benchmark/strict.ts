/**
 * How we score beside lm-eval, where it is wrong: a NaN is a failed item and no right one, k choices that tie earn 1/k
 * each, and an answer is read as a reader would (signs and digits of any script, the last of several answers, nothing of a
 * next question that the model began). ../shared/traps has what lm-eval makes of these.
 */
import { type ChoiceItem, choiceScores, softmax } from "./metrics";

export interface Strict {
  /** From 0 to 1; a failed item has 0. */
  readonly credit: number;
  /** Whether nothing could be read of what the model gave. */
  readonly failed: boolean;
  /** Whether several choices were equally likely. */
  readonly tied: boolean;
}

/** The credit of a choice by one of the `choiceScores`; null where the metric is none of them. */
export function strictChoice(metric: string, item: ChoiceItem): Strict | null {
  const scores = choiceScores[metric]?.(item);
  if (scores === undefined) return null;
  if (scores.some(Number.isNaN) || scores.every((score) => score === Number.NEGATIVE_INFINITY))
    return { credit: 0, failed: true, tied: false };
  const highest = Math.max(...scores);
  const best = scores.flatMap((score, index) => (score === highest ? [index] : []));
  const right = best.filter((index) => [item.gold].flat().includes(index));
  return { credit: right.length / best.length, failed: false, tied: best.length > 1 };
}

/** MC2's share of probability on true answers, also where every answer is too unlikely for e^x to be above 0. */
export function strictShare({ scored }: ChoiceItem, labels: readonly number[]): Strict {
  const likelihoods = scored.map(([likelihood]) => likelihood);
  if (!likelihoods.every(Number.isFinite)) return { credit: 0, failed: true, tied: false };
  const credit = softmax(likelihoods).reduce(
    (sum, share, index) => sum + (labels[index] === 1 ? share : 0),
    0,
  );
  return { credit, failed: false, tied: false };
}

/** The credit of an answer as it was written, before any filter; null where it can only be compared letter by letter. */
export function strictText(answer: string, gold: string | readonly string[]): Strict | null {
  const golds = [gold].flat().map((one) => (one.split("####").at(-1) ?? "").trim());
  const own = ownPart(answer);
  const results = golds.map((one) => {
    const number = wholeNumber(one);
    if (number !== null) return compared(numberOf(own), number);
    const letter = /^\(?([A-Z])\)?$/.exec(one)?.[1];
    if (letter !== undefined) return compared(letterOf(own), letter);
    const text = plain(one);
    return text === "" ? null : compared(plain(concluded(own) ?? own) || null, text);
  });
  const known = results.filter((result) => result !== null);
  if (known.length === 0) return null;
  return known.reduce((best, one) => (one.credit > best.credit ? one : best));
}

const compared = <Kind>(said: Kind | null, gold: Kind): Strict => ({
  credit: said === gold ? 1 : 0,
  failed: said === null,
  tied: false,
});

/** What the model says of this question: after its thoughts, before a question that it asks itself. */
function ownPart(answer: string): string {
  const said = answer.split("</think>").at(-1) ?? "";
  return said.split(/\n\s*(?:Question|Q|Problem)\s*:/)[0];
}

/** What follows the last "the answer is", up to the end of its sentence or line. */
function concluded(text: string): string | null {
  const found = [...text.matchAll(/\banswer\s*(?:is|:)\s*:?\s*([^\n]*?)(?=\.?\s*(?:\n|$)|\.\s)/gi)].at(-1);
  return found?.[1] ?? null;
}

/** Without case, punctuation at its ends and space between. */
const plain = (text: string) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/^[\p{P}\s]+|[\p{P}\s]+$/gu, "")
    .replace(/\s+/g, " ");

const fractions: Readonly<Record<string, string>> = { "½": "0.5", "¼": "0.25", "¾": "0.75" };

/** Digits of any script as 0 to 9, any minus as -, and separators of thousands gone. */
function ascii(text: string): string {
  return text
    .replace(/(?<![\p{Nd}])[½¼¾]/gu, (one) => fractions[one] ?? one)
    .replace(/\p{Nd}/gu, (digit) => String(digitOf(digit)))
    .replace(/[\u2212\u2010-\u2013\uff0d\ufe63](?=\s?[$€£¥]?\d)/g, "-")
    .replace(/[\uff0c]/g, ",")
    .replace(/[\uff0e]/g, ".")
    .replace(/(?<=\d)[,\u00a0\u202f'’](?=\d{3}(?!\d))/g, "");
}

/** Every script's digits stand in a row of ten whose first is zero. */
export function digitOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let start = code;
  while (code - start < 9 && /\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--;
  return code < 0x80 ? code - 0x30 : (code - start) % 10;
}

const numeral =
  /(?<![\w.])(-?)\s?[$€£¥]?\s?(-?)(\d+(?:\.\d+)?|\.\d+)(?:[eE]([+-]?\d+))?(?:\s?\/\s?(\d+(?:\.\d+)?))?(?![\d])/g;

function numbersIn(text: string): number[] {
  return [...ascii(text).matchAll(numeral)].map(([, before, after, digits, power, below]) => {
    const value = Number(digits) * 10 ** Number(power ?? 0);
    return (before || after ? -value : value) / (below === undefined ? 1 : Number(below));
  });
}

/** The number that a text is, and nothing else; null otherwise. */
function wholeNumber(text: string): number | null {
  return /^-?[$€£¥]?-?[\d.,]*\d[.%]?$/.test(ascii(text)) ? (numbersIn(text).at(-1) ?? null) : null;
}

/** The number of the last answer that is marked as one, else the last of all. */
function numberOf(text: string): number | null {
  const marked = text.includes("####")
    ? text.slice(text.lastIndexOf("####") + 4).split("\n")[0]
    : concluded(text);
  const first = marked === null ? undefined : numbersIn(marked)[0];
  return first ?? numbersIn(text).at(-1) ?? null;
}

/** The letter of the last answer that is marked as one, else the only one there is. */
function letterOf(text: string): string | null {
  const letters = (part: string) =>
    [...part.matchAll(/\(([A-Z])\)|(?<![\w'’])([B-HJ-Z]|A(?!\s[a-z]))(?![\w'’])/g)].map(
      ([, bracketed, bare]) => bracketed ?? bare,
    );
  const marked = concluded(text);
  const said = marked === null ? [] : letters(marked);
  if (said.length > 0) return said[0];
  const all = new Set(letters(text));
  return all.size === 1 ? ([...all][0] ?? null) : null;
}

/** What no translation may change: code, addresses, placeholders, tags, numbers. */
const frozen =
  /```[\s\S]*?```|`[^`\n]+`|https?:\/\/\S+|\{\{?[\w .-]+\}?\}|%[sdif]|<\/?[a-z][^<>\n]*>|\d+(?:[.,:]\d+)*/giu;
const mask = /⟦(\d+)⟧/gu;

export interface Masked {
  readonly text: string;
  /** What stood at each mask, in the order of their numbers from 1. */
  readonly kept: readonly string[];
}

/** Puts masks in place of what no translation may change. */
export function masked(text: string): Masked {
  const kept: string[] = [];
  return { text: text.replace(frozen, (found) => `⟦${kept.push(found)}⟧`), kept };
}

/** Puts it back, wherever the masks have moved; null where one is missing, double or made up. */
export function unmasked(text: string, kept: readonly string[]): string | null {
  const numbers = [...text.matchAll(mask)].map(([, number]) => Number(number));
  const isWhole = numbers.length === kept.length && kept.every((_, at) => numbers.includes(at + 1));
  return isWhole ? text.replace(mask, (_, number: string) => kept[Number(number) - 1]) : null;
}

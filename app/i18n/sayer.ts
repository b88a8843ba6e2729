import type { Said } from "../messages/said";

/** A sentence in English, with `{names}` where something differs, and the same in another language. */
export type Pair = readonly [english: Said, own: string];

/** Finds a sentence by its English. */
export function sayer(pairs: readonly Pair[]): (english: string) => string {
  const whole = new Map<string, string>(pairs);
  const open = pairs
    .filter(([english]) => english.includes("{"))
    .map(([english, own]) => ({
      pattern: new RegExp(`^${escaped(english).replaceAll(/\\\{(\w+)\\\}/g, "(?<$1>.+)")}$`, "s"),
      own,
    }));
  return (english) => {
    const known = whole.get(english);
    if (known) return known;
    for (const { pattern, own } of open) {
      const found = pattern.exec(english)?.groups;
      if (found) return own.replaceAll(/\{(\w+)\}/g, (_, name: string) => found[name] ?? "");
    }
    return english;
  };
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

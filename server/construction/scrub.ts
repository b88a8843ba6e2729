import { WrittenObject } from "../../db/shape/written-json";
import { textsIn } from "../benchmark/contamination";
import { digitOf } from "../benchmark/strict";
import { AROUND, noPersonal, type PersonalKind, patterns, personalKinds } from "./personal";

const placeholders = new RegExp(
  `\\[(${personalKinds.map((kind) => kind.toUpperCase()).join("|")})_(\\d{1,6})\\]`,
  "g",
);

export interface Scrubbed<T> {
  readonly value: T;
  /** How many different ones of each kind were replaced. */
  readonly counts: Readonly<Record<PersonalKind, number>>;
}

/**
 * Personal data of patterned kinds in a conversation, replaced by typed placeholders: the same address is the same
 * `[EMAIL_1]` everywhere in it, so that who is meant can still be followed, and what it stood for is kept nowhere. Names
 * of persons have no pattern, nor has an address that is told in words: they need a person's eyes.
 *
 * @param conversation whatever its form: every text in it, however deep, is scrubbed; names of fields, and numbers that
 * are no text, stay
 */
export function scrub<T>(conversation: T): Scrubbed<T>;
export function scrub(conversation: unknown): Scrubbed<unknown> {
  const known = new Map<string, string>();
  const counts = noPersonal();
  // A conversation that was scrubbed before has placeholders; new ones are numbered on.
  const last = noPersonal();
  for (const text of textsIn(conversation))
    for (const [, name, number] of text.matchAll(placeholders))
      for (const kind of personalKinds)
        if (kind.toUpperCase() === name) last[kind] = Math.max(last[kind], Number(number));
  const placeholder = (kind: PersonalKind, key: string): string => {
    const id = `${kind} ${key}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const made = `[${kind.toUpperCase()}_${++last[kind]}]`;
    counts[kind]++;
    known.set(id, made);
    return made;
  };
  const value = eachText(conversation, (given) =>
    personalKinds.reduce((text, kind) => {
      const { sought, key } = patterns[kind];
      // Digits of every script are sought as 0–9; both spellings have the same places.
      const plain = asciiDigits(text);
      let scrubbed = "";
      let at = 0;
      for (const { 0: found, index } of plain.matchAll(sought)) {
        const after = index + found.length;
        const id = key(
          found,
          plain.slice(Math.max(0, index - AROUND), index),
          plain.slice(after, after + AROUND),
        );
        if (id === null) continue;
        scrubbed += text.slice(at, index) + placeholder(kind, id);
        at = after;
      }
      return scrubbed + text.slice(at);
    }, given),
  );
  return { value, counts };
}

/** Every text in a value is replaced; what has none is the same value. */
function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => eachText(item, change));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof WrittenObject)
    return new WrittenObject([...value].map(([name, item]) => [name, eachText(item, change)]));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, eachText(item, change)]));
}

/** The decimal digits of other scripts within the basic plane as 0–9, one unit for one, and a wide @ and + as the usual. */
function asciiDigits(text: string): string {
  if (/^[\0-\u05ff]*$/.test(text)) return text;
  return text
    .replace(/[\u0600-\uffff]/g, (letter) => (/\p{Nd}/u.test(letter) ? String(digitOf(letter)) : letter))
    .replaceAll("＠", "@")
    .replaceAll("＋", "+");
}

const ownAge = [
  /(?<!like )\bI(?:['’]?m| am| just turned| turned) (?:only )?(\d{1,2})(?: years? old| yrs?\b| y\/o|,? and (?:I|in)\b|[.,!]|$)/i,
  /\bmy age is (\d{1,2})\b/i,
  /\bas an? (\d{1,2})[- ]year[- ]old\b/i,
  /\bich bin (?:erst |gerade )?(\d{1,2})(?: Jahre(?: alt)?\b|[.,!]|$)/i,
  /\bj[’']ai (\d{1,2}) ans\b/i,
  /\btengo (\d{1,2}) años/i,
];

/**
 * Whether somebody says of themselves, in a usual phrase of English, German, French or Spanish, that they are younger
 * than 18. It is a net with wide meshes: what it finds goes, what it does not find has not been checked.
 */
export const saysMinor = (text: string): boolean =>
  ownAge.some((pattern) => {
    const [, age] = pattern.exec(text) ?? [];
    return age !== undefined && Number(age) >= 5 && Number(age) < 18;
  });

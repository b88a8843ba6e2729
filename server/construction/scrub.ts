import { isIP, isIPv6 } from "node:net";
import { WrittenObject } from "../../db/shape/written-json";
import { textsIn } from "../benchmark/contamination";
import { digitOf } from "../benchmark/strict";

/**
 * Personal data of patterned kinds in a conversation, replaced by typed placeholders: the same address is the same
 * `[EMAIL_1]` everywhere in it, so that who is meant can still be followed, and what it stood for is kept nowhere. Names
 * and postal addresses have no pattern: they need a person's eyes.
 */

export const personalKinds = ["email", "iban", "card", "ip", "phone"] as const;
type PersonalKind = (typeof personalKinds)[number];

interface Pattern {
  readonly sought: RegExp;
  /** What makes two spellings one, or null where it only looks like one. Digits come as 0–9. */
  key(found: string, before: string, after: string): string | null;
}

/** What separates groups of digits: spaces of any width, dots, hyphens and dashes. */
const gap = "[\\s.\\-\\u2010-\\u2015\\u2212\\uff0d]";
/** Neither in the middle of a word or number, nor of a path, a version or an identifier. */
const outside = "(?<![\\p{L}\\p{N}_./@#=$-])";
const end = "(?![\\p{L}\\p{N}_])";
const fileEndings =
  /\.(?:png|jpe?g|gif|svg|webp|js|ts|css|html|json|md|py|sh|txt|conf|service|target|socket|timer)$/i;

const patterns: Record<PersonalKind, Pattern> = {
  email: {
    sought:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}_][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.){1,10}(?:\p{L}{2,24}|xn--[a-z0-9-]+)(?![\p{L}\p{N}_])/gu,
    key(found, _before, after) {
      // git@host.org:path names a repository, x@w.sum() multiplies, icon@2x.png is a file.
      if (/^(?:git|hg|svn)@/.test(found) && after.startsWith(":")) return null;
      if (after.startsWith("(") || fileEndings.test(found)) return null;
      return found.toLowerCase();
    },
  },
  iban: {
    sought: new RegExp(`${outside}[A-Z]{2}\\d{2}(?:[ \\u00a0-]?[A-Z0-9]){11,30}${end}`, "giu"),
    key(found) {
      const compact = found.replace(/[^A-Z0-9]/gi, "").toUpperCase();
      return ibanLength[compact.slice(0, 2)] === compact.length && remainder97(compact) === 1
        ? compact
        : null;
    },
  },
  card: {
    sought: new RegExp(`${outside}\\d(?:[ \\u00a0-]?\\d){12,18}${end}(?!\\.\\d)`, "gu"),
    key(found) {
      const digits = found.replace(/\D/g, "");
      return isCardNumber(digits) && passesLuhn(digits) ? digits : null;
    },
  },
  ip: {
    sought:
      /(?<![\p{L}\p{N}_.:-])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)|(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3}|(?<=::)))(?![\p{L}\p{N}_:])/giu,
    key(found, before) {
      if (isIP(found) === 0) return null;
      // Versions, enzymes and sections have four numbers too; a mask, and the machine itself, are nobody's.
      if (
        /(?:version|release|build|\bv|\bEC|section|chapter|§|firefox|chrome|edge|windows|kernel|driver|firmware|==|>=|<=|~=|\^)[\s:="']*$/i.test(
          before,
        )
      )
        return null;
      if (/^(?:127|255)\.|^0\.0\.0\.0$|^::1?$/.test(found)) return null;
      // a::b is a name in C++ and a slice in Python.
      if (isIPv6(found) && found.split(":").filter((part) => part !== "").length < 3) return null;
      return found.toLowerCase();
    },
  },
  phone: {
    sought: new RegExp(
      `(?:${[
        // +49 (0)30 1234567, 0049 30 1234567
        `(?<![\\p{L}\\p{N}_])(?:\\+|00(?=[1-9]))\\d(?:${gap}?(?:\\(0\\))?${gap}?[()]?\\d){6,13}`,
        // (415) 555-2671
        `${outside}\\(\\d{2,5}\\)${gap}?\\d{2,4}(?:${gap}?\\d{2,4}){1,3}`,
        // 415-555-2671, 415.555.2671
        `${outside}(?:1${gap})?\\d{3}(${gap})\\d{3}\\1\\d{4}`,
        // 030 1234567, 0171-2345678, 030/1234567, 01 23 45 67 89, 090-1234-5678
        `${outside}0\\d{1,4}(?:${gap}|/)\\d{2,4}(?:${gap}?\\d{2,4}){1,4}`,
        `${outside}0[1-9]\\d{8,9}`,
      ].join("|")})${end}(?!${gap}?\\d|\\.\\d)`,
      "gu",
    ),
    key(found) {
      const digits = found.replace("(0)", "").replace(/\D/g, "");
      if (digits.length < 8 || digits.length > 15) return null;
      // 01.02.2026 and 01-02-2026 are days.
      if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(found)) return null;
      return digits;
    },
  },
};

/** IBANs by country. Source: the registry of ISO 13616 (SWIFT). */
const ibanLength: Readonly<Record<string, number>> = Object.fromEntries(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** ISO 7064, mod 97-10: the country and check digits behind, letters as 10 to 35. */
function remainder97(iban: string): number {
  let rest = 0;
  for (const letter of iban.slice(4) + iban.slice(0, 4))
    for (const digit of String(Number.parseInt(letter, 36))) rest = (10 * rest + Number(digit)) % 97;
  return rest;
}

/** Lengths and beginnings that issuers use: a number of a database with a good check sum is rarely among them. */
const isCardNumber = (digits: string): boolean =>
  /^(?:4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6\d{15}|6\d{18}|35\d{14})$/.test(
    digits,
  );

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

export interface Scrubbed<T> {
  readonly value: T;
  /** How many different ones of each kind were replaced. */
  readonly counts: Readonly<Record<PersonalKind, number>>;
}

/**
 * @param conversation whatever its form: every text in it, however deep, is scrubbed; names of fields, and numbers that
 * are no text, stay
 */
export function scrub<T>(conversation: T): Scrubbed<T>;
export function scrub(conversation: unknown): Scrubbed<unknown> {
  const known = new Map<string, string>();
  const counts = { email: 0, iban: 0, card: 0, ip: 0, phone: 0 };
  // A conversation that was scrubbed before has placeholders; new ones are numbered on.
  const next = { email: 1, iban: 1, card: 1, ip: 1, phone: 1 };
  for (const text of textsIn(conversation))
    for (const [, name, number] of text.matchAll(/\[(EMAIL|IBAN|CARD|IP|PHONE)_(\d{1,6})\]/g))
      for (const kind of personalKinds)
        if (kind.toUpperCase() === name) next[kind] = Math.max(next[kind], Number(number) + 1);
  const placeholder = (kind: PersonalKind, key: string): string => {
    const id = `${kind} ${key}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const made = `[${kind.toUpperCase()}_${next[kind]++}]`;
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
        const id = key(found, plain.slice(Math.max(0, index - 20), index), plain.slice(after, after + 1));
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

const secrets: readonly (readonly [string, RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ["a key of AWS", /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/],
  ["a token of GitHub", /(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/],
  ["a token of GitLab", /(?<![\w-])glpat-[\w-]{20,}/],
  ["a key of a model's provider", /(?<![\w-])sk-(?:[a-z]+-)*[A-Za-z0-9_-]{32,}/],
  ["a token of Slack", /(?<![\w-])xox[abprs]-[\w-]{10,}/],
  ["a key of Google", /(?<![\w-])AIza[\w-]{35}(?![\w-])/],
  ["a token of Hugging Face", /(?<![\w-])hf_[A-Za-z0-9]{30,}/],
  ["a key of Stripe", /(?<![\w-])[rs]k_live_[A-Za-z0-9]{20,}/],
  ["a signed token", /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ["a password in an address", /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]+:[^\s/@]{3,}@[^\s/]/i],
];

/** What kind of secret a text holds, or null. Where it holds one the conversation is dropped: who has it can act with it. */
export const secretIn = (text: string): string | null =>
  secrets.find(([, pattern]) => pattern.test(text))?.[0] ?? null;

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

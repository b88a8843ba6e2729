/** What a browser says of a key that goes down. */
export interface KeyPress {
  /** `KeyboardEvent.key`: what the key types on this person's layout. */
  key: string;
  /** `KeyboardEvent.code`: where the key lies, named after the US layout. */
  code: string;
  shift: boolean;
  /** Ctrl or ⌘ is held. */
  control: boolean;
  /** Alt, Option or AltGr is held: the key types a character of the third level. */
  alt: boolean;
  /** The caret is in a text. */
  typing: boolean;
}

const decimal = /^\p{Nd}$/u;

/** ٣, ३ and ３ are 3: every script's decimal digits stand in a row of ten, from zero up. */
function numberOf(key: string): number | null {
  const point = key.codePointAt(0);
  if (point === undefined || !decimal.test(key)) return null;
  let zero = point;
  while (decimal.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (point - zero) % 10;
}

const symbols: Readonly<Record<string, string>> = {
  Backquote: "`",
  Backslash: "\\",
  BracketLeft: "[",
  BracketRight: "]",
  Comma: ",",
  Equal: "=",
  Minus: "-",
  Period: ".",
  Quote: "'",
  Semicolon: ";",
  Slash: "/",
};

/** What the key at a place of the keyboard types on a US layout. */
const atPlace = (code: string): string | undefined =>
  /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] ??
  /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ??
  symbols[code];

/** Where the key lies that types this on a US layout. */
export const placeOf = (name: string): string | undefined =>
  /^[a-z]$/.test(name)
    ? `Key${name.toUpperCase()}`
    : Object.entries(symbols).find(([, symbol]) => symbol === name)?.[0];

/**
 * The names under which a key may be bound: what it types, then what lies at its place. A place counts for digits
 * wherever the row types something else without Shift (AZERTY, Czech), and for letters and signs where the layout
 * types no ASCII (Cyrillic, Greek, Arabic, Hebrew, Devanagari; ü beside P on QWERTZ). Dead keys and what an input
 * method still composes have no name.
 */
export function namesOf({ key, code, shift }: Pick<KeyPress, "key" | "code" | "shift">): readonly string[] {
  if (key === "Dead" || key === "Process" || key === "Unidentified") return [];
  if (/^[A-Z][A-Za-z0-9]+$/.test(key)) return [key];
  const digit = numberOf(key);
  if (digit !== null) return [String(digit)];
  const typed = key.toLowerCase();
  const place = atPlace(code);
  const counts =
    place !== undefined &&
    (/[0-9]/.test(place) ? !shift : /[^\p{ASCII}]/u.test(key) && (!shift || /[a-z]/.test(place)));
  return counts && place !== typed ? [typed, place] : [typed];
}

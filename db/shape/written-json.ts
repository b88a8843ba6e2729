/**
 * JSON as it was written. A JSON number is not a JavaScript number: 1.0 and 1 are two texts to a chat template, 1e3
 * prints as 1000.0 in Python, and whole numbers beyond 2^53 lose their last digits; and JavaScript moves keys that look
 * like whole numbers to the front. What JavaScript would change is kept here in a form of its own, from the file to
 * the tokens: the engine, the database and the browser read and write it alike.
 */

/** How often a value was met that JSON.stringify writes otherwise than it was written. */
let met = 0;

/** A number that JavaScript would print otherwise than it was written, or otherwise than Python. */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isInteger(): boolean {
    return !/[.eE]/.test(this.text);
  }

  get value(): number {
    return Number(this.text);
  }

  /** Its value, for keys that say what is meant: the digits as text where two numbers would become one. */
  toJSON(): number | string {
    met++;
    const { value } = this;
    return Number.isFinite(value) && (!this.isInteger || Number.isSafeInteger(value)) ? value : this.text;
  }
}

/** An object whose keys JavaScript would put in another order. */
export class WrittenObject extends Map<string, unknown> {
  toJSON(): Record<string, unknown> {
    met++;
    return Object.fromEntries(this);
  }
}

/**
 * Parses a document: every number and every order of keys stays. What JavaScript cannot keep becomes a
 * `WrittenNumber` or a `WrittenObject`; the rest is JSON's own kinds.
 * @throws SyntaxError where it is not JSON.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return isKept(text) ? value : new Reader(text).read(true);
}

/** Under these names a row holds documents, which pass through it: tools, calls of them, what templates are told. */
const documents: ReadonlySet<string> = new Set([
  "tools",
  "tool_calls",
  "arguments",
  "functions",
  "function_call",
  "functionCall",
  "functionResponse",
  "functionDeclarations",
  "chat_template_kwargs",
]);
/** Whether what a row holds under this name is a document. */
export const isDocumentName = (name: string): boolean => documents.has(name);
const documentName = new RegExp(`"(?:${[...documents].join("|")})"\\s*:\\s*[[{]`);

/**
 * Parses a row: the documents in it as `parseJson` does, everything else for computing with. Integers beyond 2^53
 * become the text of their digits, as Parquet's are: ids of which two become one number would be one id.
 * @throws SyntaxError where it is not JSON.
 */
export function parseRowJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const needsReading = /\d{16}/.test(text) || (documentName.test(text) && !isKept(text));
  return needsReading ? new Reader(text).read(false) : value;
}

const string = /"(?:[^"\\]|\\.)*"/g;
const oddNumber = /(?:^|[[:,])\s*-?(?:\d+[.eE]|\d{16}|0(?![.\d]))/;
const wholeKey = /"(?:0|[1-9]\d*)"\s*:/;

/** Whether JavaScript keeps everything in a JSON text as it is written. */
function isKept(text: string): boolean {
  if (wholeKey.test(text)) return false;
  // Only a text that looks as if it had such a number is looked at without what it quotes.
  if (!oddNumber.test(text)) return true;
  const numbers = text.replace(string, '""').match(/-?\d[\d.eE+-]*/g);
  return numbers?.every(isKeptNumber) ?? true;
}

function isKeptNumber(written: string): boolean {
  const value = Number(written);
  if (String(value) !== written) return false;
  return Number.isInteger(value) ? Number.isSafeInteger(value) : pythonFloat(value) === written;
}

/** Reads a text that is known to be JSON. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param exact whether it is a document, or part of one */
  read(exact: boolean): unknown {
    const start = this.#next();
    switch (this.#text[start]) {
      case "{":
        return this.#object(exact);
      case "[":
        return this.#list(exact);
      case '"':
        return this.#string();
      case "t":
        this.#at += 4;
        return true;
      case "f":
        this.#at += 5;
        return false;
      case "n":
        this.#at += 4;
        return null;
      default:
        return this.#number(exact);
    }
  }

  #list(exact: boolean): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    while (this.#text[this.#next()] !== "]") {
      if (this.#text[this.#at] === ",") this.#at++;
      else items.push(this.read(exact));
    }
    this.#at++;
    return items;
  }

  #object(exact: boolean): unknown {
    const names: string[] = [];
    const values: unknown[] = [];
    let isOdd = false;
    this.#at++;
    while (this.#text[this.#next()] !== "}") {
      if (this.#text[this.#at] === ",") this.#at++;
      this.#next();
      const name = this.#string();
      this.#next();
      this.#at++; // the colon
      const nested = this.#text[this.#next()];
      names.push(name);
      values.push(this.read(exact || ((nested === "{" || nested === "[") && documents.has(name))));
      isOdd ||= oddName.test(name);
    }
    this.#at++;
    if (isOdd) return inOrder(new Map(names.map((name, i) => [name, values[i]])), exact);
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) object[names[i]] = values[i];
    return object;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    const plain = this.#text.slice(start + 1, end);
    if (!plain.includes("\\")) {
      this.#at = end + 1;
      return plain;
    }
    while (this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return String(JSON.parse(this.#text.slice(start, this.#at)));
  }

  /** Whether an odd number of backslashes stands before a place. */
  #isEscaped(place: number): boolean {
    let before = place;
    while (this.#text[before - 1] === "\\") before--;
    return (place - before) % 2 === 1;
  }

  #number(exact: boolean): unknown {
    numberAt.lastIndex = this.#at;
    const written = numberAt.exec(this.#text)?.[0] ?? "";
    this.#at = numberAt.lastIndex;
    if (isKeptNumber(written)) return Number(written);
    if (exact) return new WrittenNumber(written);
    const isLong = /^-?\d+$/.test(written) && !Number.isSafeInteger(Number(written));
    return isLong ? written : Number(written);
  }

  /** The place of the next character that is no white space. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return this.#at;
      this.#at++;
    }
  }
}

const numberAt = /-?\d[\d.eE+-]*/y;
/** A name that JavaScript may put in another place, or that means something to it. */
const oddName = /^(?:\d|__proto__$)/;

function inOrder(entries: ReadonlyMap<string, unknown>, exact: boolean): unknown {
  const object = Object.fromEntries(entries);
  const names = Object.keys(object);
  const isKeptOrder = [...entries.keys()].every((name, i) => name === names[i]);
  return isKeptOrder || !exact ? object : new WrittenObject(entries);
}

/**
 * The text of a value that `parseJson` or `parseRowJson` may have given, with its numbers and keys as they were
 * written.
 * @param indent spaces a level; 0 for one line
 */
export function writeJson(value: unknown, indent = 0): string {
  const before = met;
  const text = JSON.stringify(value, null, indent);
  return met === before ? text : write(value, indent, "\n");
}

/** @param line what a new line at this level begins with */
function write(value: unknown, indent: number, line: string): string {
  if (value instanceof WrittenNumber) return value.text;
  if (typeof value !== "object" || value === null || value instanceof Date) return JSON.stringify(value);
  const deeper = line + " ".repeat(indent);
  const block = (open: string, parts: readonly string[], close: string): string => {
    if (indent === 0 || parts.length === 0) return open + parts.join(",") + close;
    return open + deeper + parts.join(`,${deeper}`) + line + close;
  };
  if (Array.isArray(value))
    return block(
      "[",
      value.map((item) => write(item ?? null, indent, deeper)),
      "]",
    );
  const colon = indent === 0 ? ":" : ": ";
  const entries = entriesOf(value).filter(([, item]) => item !== undefined);
  return block(
    "{",
    entries.map(([name, item]) => JSON.stringify(name) + colon + write(item, indent, deeper)),
    "}",
  );
}

/** What PostgreSQL cannot store as text; its code is the one that `jsonb` refuses it with. */
class UnstorableText extends Error {
  readonly code = "22P05";
}

/** U+0000, or half of a character, as JSON spells them: behind an even number of backslashes. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * A document for a `json` column, which takes every text that is JSON, and fails whoever reads a text of it later.
 * @throws UnstorableText for texts that are none to PostgreSQL, as `jsonb` does
 */
export function storedJson(value: unknown): string {
  const text = writeJson(value);
  if (text.includes("\\u") && UNSTORABLE.test(text))
    throw new UnstorableText("The document holds U+0000 or half a character.");
  return text;
}

/** A text as PostgreSQL can hold it: U+0000 and halves of characters become U+FFFD. */
export const storable = (text: string): string => text.replace(/\0|\p{Cs}/gu, "\ufffd");

/** The same of the text of a JSON document, in which they stand as escapes. */
export const storableJson = (text: string): string =>
  text.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, "$1\\ufffd");

/** Numbers as JavaScript has them, for what is computed with instead of printed. */
export function plainNumbers(value: unknown): unknown {
  if (value instanceof WrittenNumber) return value.value;
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(entriesOf(value).map(([name, item]) => [name, plainNumbers(item)]));
}

/** Names and values of an object of either kind, in their order. */
export const entriesOf = (value: object): [string, unknown][] =>
  value instanceof WrittenObject ? [...value] : Object.entries(value);

/** A float as Python prints it: 1.0, 1e-07, 1e+16. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 16)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

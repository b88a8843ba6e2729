/**
 * JSON as it was written. A JSON number is not a JavaScript number: 1.0 and 1 are two texts to a chat template, 1e3
 * prints as 1000.0 in Python, and whole numbers beyond 2^53 lose their last digits; and JavaScript moves keys that look
 * like whole numbers to the front. What JavaScript would change is kept here in a form of its own.
 */

/** A number that JavaScript would print otherwise than Python. */
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
}

/** What `parseJson` gives: JSON's own kinds, with a Map for an object whose keys JavaScript would put in another order. */
const string = /"(?:[^"\\]|\\.)*"/g;
const writtenNumber = /\d[.eE]|\d{16}|-0(?![.\d])/;
const wholeKey = /"(?:0|[1-9]\d*)"\s*:/;

/**
 * Parses a JSON text. Numbers and objects that JavaScript cannot keep become a `WrittenNumber` or a Map.
 * @throws SyntaxError where it is not JSON.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!wholeKey.test(text) && !writtenNumber.test(text.replace(string, '""'))) return value;
  return new Reader(text).read();
}

/** Reads a text that is known to be JSON. */
class Reader {
  readonly #tokens: IterableIterator<RegExpMatchArray>;
  #token = "";

  constructor(text: string) {
    this.#tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g);
    this.#advance();
  }

  read(): unknown {
    const token = this.#advance();
    if (token === "[") return this.#list();
    if (token === "{") return this.#object();
    if (!/^[-\d]/.test(token)) return JSON.parse(token);
    const value = Number(token);
    const kept = /[.eE]/.test(token)
      ? !Number.isInteger(value) && pythonFloat(value) === String(value)
      : Number.isSafeInteger(value) && !Object.is(value, -0);
    return kept ? value : new WrittenNumber(token);
  }

  #list(): unknown[] {
    const items: unknown[] = [];
    while (this.#token !== "]") {
      items.push(this.read());
      if (this.#token === ",") this.#advance();
    }
    this.#advance();
    return items;
  }

  #object(): unknown {
    const entries = new Map<string, unknown>();
    while (this.#token !== "}") {
      const name = String(JSON.parse(this.#advance()));
      this.#advance(); // the colon
      entries.set(name, this.read());
      if (this.#token === ",") this.#advance();
    }
    this.#advance();
    const object = Object.fromEntries(entries);
    const names = Object.keys(object);
    return [...entries.keys()].every((name, i) => name === names[i]) ? object : entries;
  }

  /** The token at hand; the next one takes its place. */
  #advance(): string {
    const token = this.#token;
    this.#token = this.#tokens.next().value?.[0] ?? "";
    return token;
  }
}

/** The text of a value that `parseJson` may have given, with its numbers and keys as they were written. */
export function writeJson(value: unknown): string {
  return isPlain(value) ? JSON.stringify(value) : write(value);
}

function write(value: unknown): string {
  if (value instanceof WrittenNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => write(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = entriesOf(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${write(item)}`).join(",")}}`;
}

/** Whether JavaScript's own kinds are enough for it. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (value instanceof WrittenNumber || value instanceof Map) return false;
  return Object.values(value).every(isPlain);
}

/** Numbers as JavaScript has them, for what is computed with instead of printed. */
export function plainNumbers(value: unknown): unknown {
  if (value instanceof WrittenNumber) return value.value;
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(entriesOf(value).map(([name, item]) => [name, plainNumbers(item)]));
}

/** Names and values of an object of either kind, in their order. */
export const entriesOf = (value: object): [string, unknown][] =>
  value instanceof Map
    ? [...value].map(([name, item]): [string, unknown] => [String(name), item])
    : Object.entries(value);

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

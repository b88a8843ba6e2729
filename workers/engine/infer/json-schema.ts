import { EngineError } from "../errors";
import { Automaton, Grammar, TooLarge } from "./automaton";

/**
 * JSON that keeps to a schema, as an automaton over its bytes. Written are objects whose keys come in the order of
 * `properties`, maps, arrays, texts, numbers, booleans, null, `enum`, `const`, `anyOf` and `$ref` to a definition that
 * does not hold itself; every text that is written keeps to the schema, and not every text that keeps to it may be
 * written: no key that is not named, no other order of keys, at most one blank or line break between values.
 */

/** Says something about what is written and nothing about its form. */
const SAID = new Set(
  [
    ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"],
    ["$schema", "$id", "$comment", "$defs", "definitions"],
  ].flat(),
);
/** What each type has that may be asked of it. */
const OF_TYPE = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength"],
  integer: ["minimum", "maximum"],
  number: [],
  boolean: [],
  null: [],
} as const;
type Type = keyof typeof OF_TYPE;
const TYPES: readonly string[] = Object.keys(OF_TYPE);
const KEPT = new Set(["type", "enum", "const", "anyOf", "$ref", ...Object.values(OF_TYPE).flat()]);
const isType = (value: unknown): value is Type => typeof value === "string" && TYPES.includes(value);

/** Where a schema asks for anything: how deep that is nested. */
const ANY_DEPTH = 3;
/** Blanks at the beginning of a line. */
const MOST_INDENT = 20;
/** Digits of a number that is not whole, before its point and after. */
const MOST_DIGITS = 15;

/** Steps into a schema: each is a call within a call. */
const MOST_NESTED = 200;

type Schema = Record<string, unknown>;
const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What may be written to keep to a schema.
 * @param text the schema as JSON: its order of keys is that of what is written
 * @throws EngineError naming the place and the keyword that cannot be kept to
 */
export function automatonOf(text: string): Automaton {
  const schema = parsed(text);
  const grammar = new Grammar();
  try {
    const value = new Writing(grammar, schema).value(grammar.skip(grammar.start), schema, [], []);
    return new Automaton(grammar, value);
  } catch (error) {
    if (error instanceof TooLarge)
      throw new EngineError(
        "The JSON schema is too large to keep to: ask for less at once, or give smaller bounds of lengths.",
      );
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineError("The JSON schema is not JSON.");
  }
}

class Writing {
  readonly #grammar: Grammar;
  readonly #root: unknown;

  constructor(grammar: Grammar, root: unknown) {
    this.#grammar = grammar;
    this.#root = root;
  }

  /** @param within the definitions that hold this one */
  value(from: number, schema: unknown, path: readonly string[], within: readonly string[]): number {
    if (path.length > MOST_NESTED) throw refused(path.slice(0, 4), "is nested too deeply");
    if (schema === true) return this.#any(from, ANY_DEPTH);
    if (!isSchema(schema)) throw refused(path, "is not a schema: write an object");
    const asked = Object.keys(schema).filter((key) => !SAID.has(key));
    const alone = (keyword: string, ...beside: string[]) => {
      const other = asked.find((key) => key !== keyword && !beside.includes(key));
      if (other !== undefined)
        throw unkept(path, other, KEPT.has(other) ? ` beside ${JSON.stringify(keyword)}` : "");
    };
    if (asked.length === 0) return this.#any(from, ANY_DEPTH);
    if ("$ref" in schema) {
      alone("$ref");
      return this.#definition(from, schema.$ref, path, within);
    }
    if ("anyOf" in schema) {
      alone("anyOf");
      const { anyOf } = schema;
      if (!Array.isArray(anyOf) || anyOf.length === 0)
        throw refused(path, '"anyOf" must be a list of schemas');
      const end = this.#grammar.state();
      for (const [index, one] of anyOf.entries())
        this.#grammar.skip(this.value(from, one, [...path, "anyOf", String(index)], within), end);
      return end;
    }
    const types = typesOf(schema, path);
    if ("const" in schema) {
      alone("const", "type");
      return this.#literals(from, [schema.const], types, path);
    }
    if ("enum" in schema) {
      alone("enum", "type");
      if (!Array.isArray(schema.enum)) throw refused(path, '"enum" must be a list');
      return this.#literals(from, schema.enum, types, path);
    }
    const known = types.flatMap((type): readonly string[] => OF_TYPE[type]);
    alone("type", ...known);
    const end = this.#grammar.state();
    for (const type of types) this.#grammar.skip(this.#typed(from, type, schema, path, within), end);
    return end;
  }

  #typed(
    from: number,
    type: Type,
    schema: Schema,
    path: readonly string[],
    within: readonly string[],
  ): number {
    const grammar = this.#grammar;
    switch (type) {
      case "null":
        return grammar.text(from, "null");
      case "boolean":
        return grammar.text(from, "true", grammar.text(from, "false"));
      case "number":
        return this.#number(from);
      case "integer": {
        const bound = (name: string, none: number) => {
          const { [name]: value = none } = schema;
          if (typeof value !== "number") throw refused(path, `"${name}" must be a number`);
          return value;
        };
        const low = Math.ceil(Math.max(bound("minimum", -Infinity), Number.MIN_SAFE_INTEGER));
        const high = Math.floor(Math.min(bound("maximum", Infinity), Number.MAX_SAFE_INTEGER));
        if (low > high) throw refused(path, "no whole number lies between its bounds");
        return this.#whole(from, low, high);
      }
      case "string": {
        const { least, most } = boundsOf(schema, "Length", path);
        return this.#string(from, least, most);
      }
      case "array": {
        const { least, most } = boundsOf(schema, "Items", path);
        const { items } = schema;
        return this.#list(from, "[]", { least, most }, (at) =>
          items === undefined
            ? this.#any(at, ANY_DEPTH - 1)
            : this.value(at, items, [...path, "items"], within),
        );
      }
      case "object":
        return this.#object(from, schema, path, within);
    }
  }

  #object(from: number, schema: Schema, path: readonly string[], within: readonly string[]): number {
    const grammar = this.#grammar;
    const { properties = {}, required = [], additionalProperties: other = false } = schema;
    if (!isSchema(properties)) throw refused(path, '"properties" must be an object');
    if (!Array.isArray(required)) throw refused(path, '"required" must be a list');
    const missing: unknown = required.find(
      (name) => typeof name !== "string" || !Object.hasOwn(properties, name),
    );
    if (missing !== undefined)
      throw refused(path, `${JSON.stringify(missing)} is required and not among "properties"`);
    const fields = Object.entries(properties);
    if (!("properties" in schema) && !("additionalProperties" in schema))
      return this.#map(from, (at) => this.#any(at, ANY_DEPTH - 1));
    if (fields.length === 0 && other !== false)
      return this.#map(from, (at) => this.value(at, other, [...path, "additionalProperties"], within));
    // After a field, and where none was written yet.
    let after: number | null = null;
    let before: number | null = this.#blank(grammar.text(from, "{"));
    for (const [name, field] of fields) {
      const isRequired = required.includes(name);
      const key = grammar.state();
      if (before !== null) grammar.skip(before, key);
      if (after !== null) grammar.skip(this.#blank(grammar.text(after, ",")), key);
      const value = this.#blank(grammar.text(key, `${JSON.stringify(name)}:`));
      const end = this.value(value, field, [...path, "properties", name], within);
      if (isRequired) [before, after] = [null, end];
      else after = after === null ? end : grammar.skip(end, grammar.skip(after));
    }
    const end = grammar.state();
    if (before !== null) grammar.text(before, "}", end);
    if (after !== null) grammar.text(this.#blank(after), "}", end);
    return end;
  }

  #map(from: number, value: (from: number) => number): number {
    const bounds = { least: 0, most: Number.POSITIVE_INFINITY };
    return this.#list(from, "{}", bounds, (at) => {
      const key = this.#grammar.text(this.#string(at, 0, Number.POSITIVE_INFINITY), ":");
      return value(this.#blank(key));
    });
  }

  #list(
    from: number,
    [opening, closing]: string,
    { least, most }: { least: number; most: number },
    item: (from: number) => number,
  ): number {
    const grammar = this.#grammar;
    const end = grammar.state();
    const opened = this.#blank(grammar.text(from, opening));
    if (least === 0) grammar.text(opened, closing, end);
    if (most === 0) return end;
    // Apart from where the list opened: after a comma it may not be closed.
    let start = grammar.skip(opened);
    for (let count = 1; ; count++) {
      const after = item(start);
      if (count >= least) grammar.text(this.#blank(after), closing, end);
      if (count === most) return end;
      const again = this.#blank(grammar.text(after, ","));
      if (most === Number.POSITIVE_INFINITY && count >= least) {
        grammar.skip(again, start);
        return end;
      }
      start = again;
    }
  }

  #any(from: number, depth: number): number {
    const grammar = this.#grammar;
    const end = grammar.state();
    for (const simple of ["null", "true", "false"]) grammar.text(from, simple, end);
    grammar.skip(this.#number(from), end);
    grammar.skip(this.#string(from, 0, Number.POSITIVE_INFINITY), end);
    if (depth > 0) {
      const bounds = { least: 0, most: Number.POSITIVE_INFINITY };
      grammar.skip(
        this.#list(from, "[]", bounds, (at) => this.#any(at, depth - 1)),
        end,
      );
      grammar.skip(
        this.#map(from, (at) => this.#any(at, depth - 1)),
        end,
      );
    }
    return end;
  }

  #definition(from: number, ref: unknown, path: readonly string[], within: readonly string[]): number {
    const [, list, name = ""] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(ref)) ?? [];
    const lists = isSchema(this.#root) && list !== undefined ? this.#root[list] : undefined;
    const definition = isSchema(lists) ? lists[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
    if (definition === undefined)
      throw refused(path, `"$ref" ${JSON.stringify(ref)} names no definition of this schema ("#/$defs/…")`);
    if (within.includes(String(ref)))
      throw refused(path, `${JSON.stringify(ref)} holds itself, which is not kept to here: name each level`);
    return this.value(from, definition, path, [...within, String(ref)]);
  }

  #literals(
    from: number,
    values: readonly unknown[],
    types: readonly Type[],
    path: readonly string[],
  ): number {
    const fitting = values.filter((value) => types.some((type) => isOfType(value, type)));
    if (fitting.length === 0) throw refused(path, "no value is allowed");
    const end = this.#grammar.state();
    for (const value of fitting) this.#grammar.text(from, JSON.stringify(value), end);
    return end;
  }

  /** A blank, or a line break and its indentation, or nothing. */
  #blank(from: number): number {
    const grammar = this.#grammar;
    const end = grammar.oneOf(from, " ", grammar.skip(from));
    let at = grammar.oneOf(from, "\n");
    for (let count = 0; count < MOST_INDENT; count++) {
      grammar.skip(at, end);
      at = grammar.oneOf(at, " ");
    }
    return grammar.skip(at, end);
  }

  #string(from: number, least: number, most: number): number {
    const grammar = this.#grammar;
    const end = grammar.state();
    let at = grammar.text(from, '"');
    for (let count = 0; ; count++) {
      if (count >= least) grammar.text(at, '"', end);
      if (count === most) return end;
      if (most === Number.POSITIVE_INFINITY && count >= least) {
        this.#character(at, at);
        return end;
      }
      at = this.#character(at, grammar.state());
    }
  }

  /** A character of a text: UTF-8 or escaped. Half a character that is escaped stands for none. */
  #character(from: number, to: number): number {
    const grammar = this.#grammar;
    const rest = [to];
    const tail = (count: number): number => {
      if (rest[count] === undefined) {
        rest[count] = grammar.state();
        grammar.range(rest[count], 0x80, 0xbf, tail(count - 1));
      }
      return rest[count];
    };
    const then = (lead: number, low: number, high: number, more: number) =>
      grammar.range(grammar.range(from, lead, lead), low, high, tail(more));
    for (const [low, high] of [
      [0x20, 0x21],
      [0x23, 0x5b],
      [0x5d, 0x7f],
    ])
      grammar.range(from, low, high, to);
    grammar.range(from, 0xc2, 0xdf, tail(1));
    then(0xe0, 0xa0, 0xbf, 1);
    grammar.range(from, 0xe1, 0xec, tail(2));
    then(0xed, 0x80, 0x9f, 1);
    grammar.range(from, 0xee, 0xef, tail(2));
    then(0xf0, 0x90, 0xbf, 2);
    grammar.range(from, 0xf1, 0xf3, tail(3));
    then(0xf4, 0x80, 0x8f, 2);
    const escaped = grammar.text(from, "\\");
    grammar.oneOf(escaped, '"\\/bfnrt', to);
    const digits = "0123456789abcefABCEF";
    const hex = `${digits}dD`;
    const unicode = grammar.text(escaped, "u");
    const second = grammar.oneOf(unicode, digits);
    const third = grammar.oneOf(second, hex);
    grammar.oneOf(grammar.oneOf(unicode, "dD"), "01234567", third);
    return grammar.oneOf(grammar.oneOf(third, hex), hex, to);
  }

  #number(from: number): number {
    const grammar = this.#grammar;
    const end = grammar.state();
    const unsigned = grammar.text(from, "-", grammar.skip(from));
    const whole = grammar.text(unsigned, "0");
    this.#digits(grammar.oneOf(unsigned, "123456789"), MOST_DIGITS - 1, whole);
    const fraction = this.#digits(
      grammar.oneOf(grammar.text(whole, "."), "0123456789"),
      MOST_DIGITS - 1,
      grammar.state(),
    );
    grammar.skip(whole, fraction);
    grammar.skip(fraction, end);
    const exponent = grammar.oneOf(fraction, "eE");
    const first = grammar.oneOf(grammar.oneOf(exponent, "+-", grammar.skip(exponent)), "0123456789");
    this.#digits(first, 1, end);
    return end;
  }

  /** At most so many digits. */
  #digits(from: number, most: number, end: number): number {
    let at = from;
    for (let count = 0; count < most; count++) {
      this.#grammar.skip(at, end);
      at = this.#grammar.oneOf(at, "0123456789");
    }
    return this.#grammar.skip(at, end);
  }

  /** A whole number between bounds, inclusive. */
  #whole(from: number, low: number, high: number): number {
    const end = this.#grammar.state();
    if (low < 0) this.#lengths(this.#grammar.text(from, "-"), Math.max(1, -high), -low, end);
    if (high >= 0) this.#lengths(from, Math.max(0, low), high, end);
    return end;
  }

  /** Whole numbers from 0 on between bounds, one length of digits after the other. */
  #lengths(from: number, low: number, high: number, end: number): void {
    for (let length = String(low).length; length <= String(high).length; length++) {
      const least = Math.max(low, length === 1 ? 0 : 10 ** (length - 1));
      const most = Math.min(high, 10 ** length - 1);
      this.#between(from, String(least), String(most), end);
    }
  }

  /** Digits between two of the same length. */
  #between(from: number, low: string, high: string, end: number): void {
    const grammar = this.#grammar;
    const [first, last] = [Number(low[0]), Number(high[0])];
    const [zeros, nines] = ["0", "9"].map((digit) => digit.repeat(Math.max(0, low.length - 1)));
    if (/^0*$/.test(low) && /^9*$/.test(high)) {
      let at = from;
      for (let count = 0; count < low.length; count++) at = grammar.oneOf(at, "0123456789");
      grammar.skip(at, end);
    } else if (first === last) {
      this.#between(grammar.text(from, low[0]), low.slice(1), high.slice(1), end);
    } else {
      this.#between(grammar.text(from, low[0]), low.slice(1), nines, end);
      this.#between(grammar.text(from, high[0]), zeros, high.slice(1), end);
      const between = "0123456789".slice(first + 1, last);
      if (between) this.#between(grammar.oneOf(from, between), zeros, nines, end);
    }
  }
}

function typesOf({ type, ...schema }: Schema, path: readonly string[]): readonly Type[] {
  if (type === undefined) {
    if ("enum" in schema || "const" in schema) return TYPES.filter(isType);
    const [implied] = Object.entries(OF_TYPE).filter(([, asks]) => asks.some((name) => name in schema));
    throw implied
      ? refused(path, `says no "type": write "type": ${JSON.stringify(implied[0])}`)
      : unkept(path, Object.keys(schema).find((key) => !SAID.has(key)) ?? "type");
  }
  const types: unknown[] = Array.isArray(type) ? type : [type];
  if (types.length === 0 || !types.every(isType))
    throw refused(path, `"type" must be of ${TYPES.join(", ")}`);
  return types;
}

function boundsOf(schema: Schema, of: "Length" | "Items", path: readonly string[]) {
  const { [`min${of}`]: least = 0, [`max${of}`]: most = Number.POSITIVE_INFINITY } = schema;
  if (typeof least !== "number" || typeof most !== "number" || least < 0 || least > most)
    throw refused(path, `"min${of}" and "max${of}" must be numbers, the first not above the second`);
  return { least, most };
}

const isOfType = (value: unknown, type: Type): boolean => {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isSchema(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
};

function refused(path: readonly string[], problem: string): EngineError {
  const place = path.length === 0 ? "" : ` at ${path.join(".")}`;
  return new EngineError(`The JSON schema${place}: ${problem}.`);
}

const unkept = (path: readonly string[], keyword: string, beside = "") =>
  refused(
    path,
    `${JSON.stringify(keyword)}${beside} is not kept to here: leave it out, and check what comes`,
  );

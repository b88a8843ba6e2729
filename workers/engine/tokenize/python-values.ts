import { Environment } from "@huggingface/jinja";
import { entriesOf, pythonFloat, WrittenNumber } from "../../../db/shape/written-json";

/** A value as a running template holds it. */
export type TemplateValue = ReturnType<Environment["set"]>;

/** A JSON value as a template's: numbers keep how they were written, objects their order. */
export function templateValue(value: unknown): TemplateValue {
  if (value instanceof WrittenNumber) return written(value);
  if (typeof value !== "object" || value === null) return converted(value);
  if (Array.isArray(value)) {
    const list = converted([]);
    if (Array.isArray(list.value)) list.value.push(...value.map(templateValue));
    return list;
  }
  const object = converted({});
  if (object.value instanceof Map) {
    for (const [name, item] of entriesOf(value)) {
      if (item !== undefined) object.value.set(name, templateValue(item));
    }
  }
  return object;
}

const scratch = new Environment();

/** The library's own conversion, which its environment does in passing. */
function converted(value: unknown): TemplateValue {
  scratch.variables.delete("value");
  return scratch.set("value", value);
}

function written(number: WrittenNumber): TemplateValue {
  // The library tells whole numbers and floats by their value; ours is told by how it is written.
  const value = converted(number.isInteger ? 0 : 0.5);
  value.value = number.value;
  const text = number.isInteger ? number.text.replace(/^-0$/, "0") : pythonFloat(number.value);
  value.toString = () => text;
  return value;
}

/** `str(value)`. */
export function pythonText(value: TemplateValue): string {
  const { type } = value;
  if (type === "StringValue") return String(value.value);
  return type === "UndefinedValue" ? "" : pythonRepr(value);
}

/** `repr(value)`. */
function pythonRepr(value: TemplateValue): string {
  const inner = value.value;
  switch (value.type) {
    case "NullValue":
      return "None";
    case "BooleanValue":
      return inner === true ? "True" : "False";
    case "FloatValue":
    case "IntegerValue":
      return numberText(value);
    case "StringValue":
      return quoted(String(inner));
    case "UndefinedValue":
      return "Undefined";
    case "ArrayValue":
    case "TupleValue": {
      const items = Array.isArray(inner) ? inner.map(pythonRepr) : [];
      if (value.type === "ArrayValue") return `[${items.join(", ")}]`;
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
    }
    case "ObjectValue":
      if (inner instanceof Map) {
        return `{${[...inner].map(([name, item]) => `${quoted(name)}: ${pythonRepr(item)}`).join(", ")}}`;
      }
  }
  throw new Error(`a template prints a value that is no text, number, list or mapping (${value.type})`);
}

const numberText = (value: TemplateValue) =>
  value.type === "FloatValue" && !Object.hasOwn(value, "toString")
    ? pythonFloat(Number(value.value))
    : value.toString();

/** A text in quotes, with what cannot be printed escaped. */
function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\'"\t\n\r]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    if (character === "'" || character === '"') return character === mark ? `\\${character}` : character;
    const short = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }[character];
    if (short !== undefined) return short;
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  });
  return mark + body + mark;
}

interface JsonStyle {
  ensureAscii: boolean;
  indent: string | null;
  separators: readonly [string, string];
  sortKeys: boolean;
}

/** `json.dumps(value, …)` as transformers' `tojson` calls it; arguments by place or by name. */
export function pythonJson(value: TemplateValue, given: readonly unknown[]): string {
  const named = given.find((argument) => argument instanceof Map);
  const places = given.filter((argument) => argument !== named);
  const argument = (place: number, name: string): unknown => {
    const found: unknown = named instanceof Map ? named.get(name)?.value : undefined;
    return places[place] ?? found;
  };
  const indent = argument(1, "indent");
  const separators = argument(2, "separators");
  const [item, key] = Array.isArray(separators) ? separators.map(pythonText) : [];
  return dumped(
    value,
    {
      ensureAscii: argument(0, "ensure_ascii") === true,
      indent: typeof indent === "number" ? " ".repeat(indent) : typeof indent === "string" ? indent : null,
      separators: [item ?? (indent == null ? ", " : ","), key ?? ": "],
      sortKeys: argument(3, "sort_keys") === true,
    },
    0,
  );
}

function dumped(value: TemplateValue, style: JsonStyle, depth: number): string {
  const inner = value.value;
  const nested = (item: TemplateValue) => dumped(item, style, depth + 1);
  const text = (written: string) => {
    const json = JSON.stringify(written);
    if (!style.ensureAscii) return json;
    return json.replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  };
  const block = (open: string, items: readonly string[], close: string) => {
    if (items.length === 0 || style.indent === null) return open + items.join(style.separators[0]) + close;
    const line = (level: number) => `\n${(style.indent ?? "").repeat(level)}`;
    const body = items.join(style.separators[0] + line(depth + 1));
    return open + line(depth + 1) + body + line(depth) + close;
  };
  switch (value.type) {
    case "NullValue":
      return "null";
    case "BooleanValue":
      return String(inner);
    case "FloatValue":
    case "IntegerValue":
      return numberText(value).replace("inf", "Infinity").replace("nan", "NaN");
    case "StringValue":
      return text(String(inner));
    case "ArrayValue":
    case "TupleValue":
      return block("[", Array.isArray(inner) ? inner.map(nested) : [], "]");
    case "ObjectValue":
      if (inner instanceof Map) {
        const entries = [...inner];
        if (style.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1));
        return block(
          "{",
          entries.map(([name, item]) => text(name) + style.separators[1] + nested(item)),
          "}",
        );
      }
  }
  throw new Error(`tojson needs a JSON value (${value.type})`);
}

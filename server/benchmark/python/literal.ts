/** What `ast.literal_eval` reads of texts, numbers, lists, tuples and mappings. */
export type Literal = string | number | boolean | null | Literal[] | { [name: string]: Literal };

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\n": "",
};

/** @throws SyntaxError where the text is no Python literal. */
export function pythonLiteral(text: string): Literal {
  let at = 0;
  const fail = (): never => {
    throw new SyntaxError(`no Python literal at character ${at + 1}`);
  };
  const space = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const take = (token: string) => {
    space();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const string = (): string => {
    const quote = text[at++];
    let out = "";
    for (;;) {
      const character = text[at++];
      if (character === undefined || character === "\n") return fail();
      if (character === quote) return out;
      if (character !== "\\") {
        out += character;
        continue;
      }
      const kind = text[at++] ?? "";
      const digits = { x: 2, u: 4, U: 8 }[kind];
      if (digits === undefined) {
        out += escapes[kind] ?? `\\${kind}`;
        continue;
      }
      const code = Number.parseInt(text.slice(at, at + digits), 16);
      if (Number.isNaN(code) || code > 0x10ffff) return fail();
      out += String.fromCodePoint(code);
      at += digits;
    }
  };
  const items = (close: string): { values: Literal[]; comma: boolean } => {
    const values: Literal[] = [];
    let comma = false;
    while (!take(close)) {
      if (values.length > 0 && !comma) fail();
      values.push(value());
      comma = take(",");
    }
    return { values, comma };
  };
  const value = (): Literal => {
    space();
    const character = text[at] ?? "";
    if (character === "'" || character === '"') {
      let joined = string();
      for (space(); text[at] === "'" || text[at] === '"'; space()) joined += string();
      return joined;
    }
    if (take("[")) return items("]").values;
    if (take("(")) {
      const { values, comma } = items(")");
      return values.length === 1 && !comma ? values[0] : values;
    }
    if (take("{")) {
      const entries: [string, Literal][] = [];
      while (!take("}")) {
        const name = value();
        if (!take(":")) fail();
        entries.push([String(name), value()]);
        if (!take(",")) {
          if (!take("}")) fail();
          break;
        }
      }
      return Object.fromEntries(entries);
    }
    const word = /^(?:True|False|None)\b/.exec(text.slice(at))?.[0];
    if (word !== undefined) {
      at += word.length;
      return word === "None" ? null : word === "True";
    }
    const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text.slice(at))?.[0];
    if (number === undefined) return fail();
    at += number.length;
    return Number(number);
  };
  const read = value();
  space();
  if (at < text.length) fail();
  return read;
}

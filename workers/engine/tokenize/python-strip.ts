/**
 * `strip`, `lstrip`, `rstrip` and `trim` as Python has them. The JavaScript Jinja ignores the characters to
 * strip, so Qwen 3's `content.lstrip('\n')` would eat spaces too, and its idea of whitespace differs
 * (U+FEFF, U+0085 and the separators U+001C–U+001F). The calls are replaced in the parsed template.
 */

type Sides = { start: boolean; end: boolean };

const methods: Readonly<Record<string, Sides>> = {
  strip: { start: true, end: true },
  trim: { start: true, end: true },
  lstrip: { start: true, end: false },
  rstrip: { start: false, end: true },
};

const functionName = (method: string) => `concord_python_${method}`;

/** What a rewritten template calls, to be given to every rendering. */
export const pythonStripFunctions: Readonly<Record<string, (text: unknown, characters?: unknown) => string>> =
  Object.fromEntries(
    Object.entries(methods).map(([method, sides]) => [
      functionName(method),
      (text: unknown, characters?: unknown) => strip(method, sides, text, characters),
    ]),
  );

function strip(method: string, { start, end }: Sides, text: unknown, characters: unknown): string {
  if (typeof text !== "string")
    throw new Error(`${method} needs a text but got ${text === undefined ? "nothing" : typeof text}`);
  const drops = (c: string) => (typeof characters === "string" ? characters.includes(c) : isWhitespace(c));
  const all = [...text];
  let [from, to] = [0, all.length];
  while (start && from < to && drops(all[from] ?? "")) from++;
  while (end && to > from && drops(all[to - 1] ?? "")) to--;
  return all.slice(from, to).join("");
}

/** `str.rstrip()`. */
export const rstrip = (text: string): string => strip("rstrip", methods.rstrip, text, undefined);

const isWhitespace = (c: string) => (/\s/.test(c) && c !== "\ufeff") || "\x1c\x1d\x1e\x1f\x85".includes(c);

interface Identifier {
  type: "Identifier";
  value: string;
}
export interface Call {
  type: "CallExpression";
  callee: unknown;
  args: unknown[];
}

/** Shows every node of a parsed template, what is below it first, so that it may be changed in place. */
export function eachNode(node: unknown, change: (node: object) => void): void {
  if (node instanceof Map || Array.isArray(node)) {
    for (const entry of node) eachNode(entry, change);
  } else if (typeof node === "object" && node !== null) {
    for (const part of Object.values(node)) eachNode(part, change);
    change(node);
  }
}

/** Replaces the calls everywhere in the parsed template, in place. */
export function stripAsPython(program: unknown): void {
  eachNode(program, (node) => {
    if (isCall(node)) replaceMethod(node);
    else if (isTrimFilter(node)) Object.assign(node, callOf("trim", [node.operand]));
  });
}

/** `text.lstrip("x")` becomes a call of our function with the text in front. */
function replaceMethod(node: Call): void {
  const { callee } = node;
  if (!isMethod(callee) || !isIdentifier(callee.property) || callee.computed) return;
  const method = callee.property.value;
  if (method in methods && method !== "trim")
    Object.assign(node, callOf(method, [callee.object, ...node.args]));
}

const callOf = (method: string, args: unknown[]): Call => ({
  type: "CallExpression",
  callee: { type: "Identifier", value: functionName(method) },
  args,
});

export const hasType = (node: unknown, type: string): node is { type: string } =>
  typeof node === "object" && node !== null && "type" in node && node.type === type;

export const isCall = (node: unknown): node is Call => hasType(node, "CallExpression");

export const isIdentifier = (node: unknown): node is Identifier => hasType(node, "Identifier");

const isMethod = (node: unknown): node is { object: unknown; property: unknown; computed: boolean } =>
  hasType(node, "MemberExpression");

const isTrimFilter = (node: unknown): node is { operand: unknown } =>
  hasType(node, "FilterExpression") &&
  "filter" in node &&
  isIdentifier(node.filter) &&
  node.filter.value === "trim";

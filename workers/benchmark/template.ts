/**
 * Templates of tasks as lm-eval renders them: Jinja with Python's printing, a field that a document lacks is an error
 * (StrictUndefined), the last line feed stays, `regex_replace` is a filter.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { entriesOf } from "../../db/shape/written-json";
import type { Document } from "../../server/benchmark/document";
import { pythonRegex } from "../../server/benchmark/python/regex";
import { InputError } from "../../server/statistics/estimate";
import { pythonGlobals } from "../engine/tokenize/python-globals";
import { printAsPython, pythonOutputFunctions } from "../engine/tokenize/python-output";
import {
  type Call,
  eachNode,
  hasType,
  isCall,
  isIdentifier,
  stripAsPython,
} from "../engine/tokenize/python-strip";
import { pythonText, templateValue } from "../engine/tokenize/python-values";

/** A parsed template: from a document to its text. */
export type Template = (document: Document) => string;

/**
 * @param field what the template is given as in the task file, for errors
 * @throws InputError naming the field where the template is no Jinja
 */
export function template(source: string, field: string): Template {
  // The library drops one line feed at the end, as Jinja does unless it is told to keep it, which lm-eval does.
  const kept = withKnownEscapes(source.endsWith("\n") ? `${source}\n` : source);
  const program = attempt(
    () => parse(tokenize(kept)),
    (reason) => `${field} is not a Jinja template: ${reason}`,
  );
  stripAsPython(program);
  callMethods(program);
  printAsPython(program);
  return (document) =>
    attempt(
      () => {
        const environment = new Environment();
        for (const [name, value] of Object.entries(functions)) environment.set(name, value);
        for (const [name, value] of entriesOf(document)) environment.setVariable(name, templateValue(value));
        return new Interpreter(environment).run(program).toString();
      },
      (reason) =>
        `${field} cannot be rendered: ${reason}. The document's fields are ${entriesOf(document)
          .map(([name]) => name)
          .join(", ")}`,
    );
}

/** The library refuses `'\\d'` in an expression, which Python leaves as it is. */
const withKnownEscapes = (source: string) =>
  source.replace(/\{[{%][\s\S]*?[%}]\}/g, (block) =>
    block.replace(/\\([\s\S])/g, (whole, next) => (/[nrtbfvxu'"\\\n]/.test(next) ? whole : `\\${whole}`)),
  );

function attempt<Result>(work: () => Result, message: (reason: string) => string): Result {
  try {
    return work();
  } catch (cause) {
    throw new InputError(`${message(cause instanceof Error ? cause.message : String(cause))}.`, { cause });
  }
}

const plain = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "value" in value ? value.value : value;
const text = (value: unknown): string => String(plain(value));

/** Methods of Python's texts and lists that the JavaScript Jinja has not, or has otherwise; the object comes first. */
const methods: Readonly<Record<string, (of: unknown, ...given: unknown[]) => unknown>> = {
  index(of, sought) {
    const at = Array.isArray(of)
      ? of.findIndex((item) => plain(item) === plain(sought))
      : text(of).indexOf(text(sought));
    if (at < 0) throw new Error(`${JSON.stringify(plain(sought))} is not in what .index looks through`);
    return at;
  },
  find: (of, sought) => text(of).indexOf(text(sought)),
  count: (of, sought) =>
    Array.isArray(of)
      ? of.filter((item) => plain(item) === plain(sought)).length
      : text(of).split(text(sought)).length - 1,
  join: (of, parts) => (Array.isArray(parts) ? parts.map(text).join(text(of)) : text(parts)),
  removeprefix: (of, prefix) =>
    text(of).startsWith(text(prefix)) ? text(of).slice(text(prefix).length) : text(of),
  removesuffix: (of, suffix) =>
    text(suffix) !== "" && text(of).endsWith(text(suffix))
      ? text(of).slice(0, -text(suffix).length)
      : text(of),
  splitlines: (of) =>
    text(of)
      .replace(/\r?\n$/, "")
      .split(/\r\n|\n|\r/),
  capitalize: (of) => text(of).charAt(0).toUpperCase() + text(of).slice(1).toLowerCase(),
  isdigit: (of) => /^\p{Nd}+$/u.test(text(of)),
  isupper: (of) => text(of) !== text(of).toLowerCase() && text(of) === text(of).toUpperCase(),
  islower: (of) => text(of) !== text(of).toUpperCase() && text(of) === text(of).toLowerCase(),
  zfill: (of, width) => text(of).padStart(Number(plain(width)), "0"),
};
const methodName = (method: string) => `concord_method_${method}`;
const regexReplace = "concord_regex_replace";

const functions: Readonly<Record<string, unknown>> = {
  ...pythonGlobals,
  ...Object.fromEntries(
    Object.keys(pythonOutputFunctions)
      .filter((name) => /_(text|concatenation)$/.test(name))
      .map((name) => [name, strictText]),
  ),
  ...Object.fromEntries(Object.entries(methods).map(([method, run]) => [methodName(method), run])),
  [regexReplace]: (of: unknown, pattern: unknown, by: unknown, count: unknown) => {
    let left = typeof plain(count) === "number" && Number(plain(count)) > 0 ? Number(plain(count)) : Infinity;
    return text(of).replace(pythonRegex(text(pattern), "regex_replace"), (whole, ...groups) => {
      if (left-- <= 0) return whole;
      return text(by).replace(/\\(\d)/g, (_, group) => String(groups[Number(group) - 1] ?? ""));
    });
  },
};

/** Text as Python prints it; what is not there is an error and not an empty text. */
function strictText(values: unknown): string {
  const given: Parameters<typeof pythonText>[0][] = Array.isArray(values) ? values : [];
  if (given.some(({ type }) => type === "UndefinedValue")) {
    throw new Error("it prints something that the document does not have");
  }
  return given.map(pythonText).join("");
}

/** `answers.index(answer)` becomes a call of our function with the list in front; `regex_replace` likewise. */
function callMethods(program: unknown): void {
  eachNode(program, (node) => {
    if (isCall(node)) callOne(node);
    else if (hasType(node, "FilterExpression") && "filter" in node && "operand" in node) {
      const { filter, operand } = node;
      if (isCall(filter) && isIdentifier(filter.callee) && filter.callee.value === "regex_replace") {
        Object.assign(node, callOf(regexReplace, [operand, ...filter.args]));
      }
    }
  });
}

function callOne(node: Call): void {
  const { callee, args } = node;
  if (!hasType(callee, "MemberExpression") || !("property" in callee) || !("object" in callee)) return;
  const { property, object } = callee;
  if (!isIdentifier(property) || ("computed" in callee && callee.computed === true)) return;
  if (Object.hasOwn(methods, property.value)) {
    Object.assign(node, callOf(methodName(property.value), [object, ...args]));
  }
}

const callOf = (name: string, args: unknown[]): Call => ({
  type: "CallExpression",
  callee: { type: "Identifier", value: name },
  args,
});

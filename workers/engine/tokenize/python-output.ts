import { type Call, eachNode, hasType, isCall, isIdentifier } from "./python-strip";
import { pythonJson, pythonText, type TemplateValue } from "./python-values";

/**
 * What a template prints and tests, as Python does it: `{{ none }}` is None, a list has Python's quotes, 1.0 its point. The
 * JavaScript Jinja has texts of its own for them, so what turns a value into text (an output, `~`, the filters string
 * and tojson) is replaced in the parsed template by calls of the functions here. A value is handed over in a list, which
 * keeps it as the template has it. Of the tests, `is number` is true of truth values and `is iterable` of mappings.
 */

const text = "concord_python_text";
const concatenation = "concord_python_concatenation";
const json = "concord_python_json";
const tests: Readonly<Record<string, { name: string; types: readonly string[] }>> = {
  number: { name: "concord_python_number", types: ["IntegerValue", "FloatValue", "BooleanValue"] },
  iterable: {
    name: "concord_python_iterable",
    types: ["StringValue", "ArrayValue", "TupleValue", "ObjectValue"],
  },
};

/** What a rewritten template calls, to be given to every rendering. */
export const pythonOutputFunctions: Readonly<Record<string, (...given: unknown[]) => string | boolean>> = {
  [text]: (values) => valuesOf(values).map(pythonText).join(""),
  [concatenation]: (values) => valuesOf(values).map(pythonText).join(""),
  [json]: (values, ...given) =>
    valuesOf(values)
      .map((value) => pythonJson(value, given))
      .join(""),
  ...Object.fromEntries(
    Object.values(tests).map(({ name, types }) => [
      name,
      (values: unknown) => valuesOf(values).every(({ type }) => types.includes(type)),
    ]),
  ),
};

const valuesOf = (values: unknown): TemplateValue[] => (Array.isArray(values) ? values : []);

/** Replaces what prints, everywhere in the parsed template, in place. */
export function printAsPython(program: unknown): void {
  eachNode(program, (node) => {
    replaceFilter(node);
    replaceConcatenation(node);
    replaceTest(node);
    for (const block of ["body", "alternate", "defaultBlock"]) {
      const statements: unknown = Reflect.get(node, block);
      if (Array.isArray(statements)) Reflect.set(node, block, statements.map(printed));
    }
  });
}

function replaceFilter(node: object): void {
  if (!hasType(node, "FilterExpression") || !("filter" in node) || !("operand" in node)) return;
  const { filter, operand } = node;
  const called = isCall(filter) ? filter.callee : filter;
  if (!isIdentifier(called)) return;
  const name = { string: text, tojson: json }[called.value];
  if (name !== undefined) Object.assign(node, callOf(name, [operand], isCall(filter) ? filter.args : []));
}

function replaceConcatenation(node: object): void {
  if (!hasType(node, "BinaryExpression") || !("left" in node) || !("right" in node)) return;
  const operator: unknown = Reflect.get(node, "operator");
  if (typeof operator !== "object" || operator === null || Reflect.get(operator, "value") !== "~") return;
  Object.assign(node, callOf(concatenation, [node.left, node.right]));
}

function replaceTest(node: object): void {
  if (!hasType(node, "TestExpression") || !("operand" in node) || !("test" in node)) return;
  const known = isIdentifier(node.test) ? tests[node.test.value] : undefined;
  if (known === undefined) return;
  const call = callOf(known.name, [node.operand]);
  const not = { type: "UnaryExpression", operator: { type: "UnaryOperator", value: "not" }, argument: call };
  Object.assign(node, Reflect.get(node, "negate") === true ? not : call);
}

const silent = [
  "If",
  "For",
  "Set",
  "Macro",
  "Comment",
  "Break",
  "Continue",
  "CallStatement",
  "FilterStatement",
];

/** A statement of a block: an expression there is an output. */
function printed(statement: unknown): unknown {
  const quiet = [...silent, "StringLiteral"].some((type) => hasType(statement, type));
  return quiet ? statement : callOf(text, [statement]);
}

const callOf = (name: string, values: unknown[], args: unknown[] = []): Call => ({
  type: "CallExpression",
  callee: { type: "Identifier", value: name },
  args: [{ type: "ArrayLiteral", value: values }, ...args],
});

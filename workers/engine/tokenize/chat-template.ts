import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { entriesOf, writeJson } from "../../../db/shape/written-json";
import type { Message, TemplateInputs } from "./examples";
import { pythonGlobals } from "./python-globals";
import { printAsPython } from "./python-output";
import { hasType, stripAsPython } from "./python-strip";
import { templateValue } from "./python-values";

export interface RenderOptions extends TemplateInputs {
  addGenerationPrompt?: boolean;
}

/** A stretch of rendered text that the assistant wrote, in UTF-16 units, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/**
 * A chat template as transformers runs it. The JavaScript Jinja drops `{% generation %}` tags, so they are
 * rewritten before parsing to expressions that print two marker variables: empty for plain rendering,
 * noncharacters that the conversation does not contain when the assistant's spans are wanted.
 */
export class ChatTemplate {
  /** Whether the template marks the assistant's text with `{% generation %}`. */
  readonly tagged: boolean;
  readonly source: string;
  /** Every text that stands in the template itself. */
  readonly literals: string;
  readonly #program: ReturnType<typeof parse>;
  readonly #variables: Record<string, unknown>;

  /** @param variables what every rendering sees: bos_token, eos_token and so on. */
  constructor(source: string, variables: Record<string, unknown>) {
    this.source = source;
    this.tagged = /\{%-?\s*generation\s*-?%\}/.test(source);
    // Jinja reads every line ending as \n, GLM 4's template has \r\n.
    const marked = printGenerationMarkers(source.replace(/\r\n?/g, "\n"));
    this.#program = parse(tokenize(marked, { lstrip_blocks: true, trim_blocks: true }));
    this.literals = [...literalsOf(this.#program)].join("\0");
    stripAsPython(this.#program);
    printAsPython(this.#program);
    this.#variables = variables;
  }

  render(messages: readonly Message[], options: RenderOptions = {}): string {
    return this.#run(messages, options, "", "");
  }

  /** Rendered text and the spans between `{% generation %}` and `{% endgeneration %}`, in order. */
  renderWithSpans(
    messages: readonly Message[],
    options: RenderOptions = {},
  ): { text: string; spans: Span[] } {
    const [open, close] = unusedMarkers(writeJson([messages, options]));
    const pieces = this.#run(messages, options, open, close).split(new RegExp(`([${open}${close}])`));
    let text = "";
    const spans: Span[] = [];
    for (const piece of pieces) {
      if (piece === open) spans.push({ start: text.length, end: text.length });
      else if (piece === close) spans.push({ start: spans.pop()?.start ?? text.length, end: text.length });
      else text += piece;
    }
    return { text, spans };
  }

  #run(messages: readonly Message[], options: RenderOptions, open: string, close: string): string {
    const environment = new Environment();
    for (const [name, value] of Object.entries(functions)) environment.set(name, value);
    const variables = {
      ...this.#variables,
      documents: null,
      ...Object.fromEntries(entriesOf(options.chat_template_kwargs ?? {})),
      messages: messages.map(asRead),
      tools: options.tools ?? null,
      add_generation_prompt: options.addGenerationPrompt ?? false,
      [markers.open]: open,
      [markers.close]: close,
    };
    for (const [name, value] of Object.entries(variables)) {
      environment.setVariable(name, templateValue(value));
    }
    return new Interpreter(environment).run(this.#program).toString();
  }
}

/** What every template may use, as transformers gives it. */
const functions: Readonly<Record<string, unknown>> = {
  ...pythonGlobals,
  raise_exception(message: unknown) {
    throw new Error(String(message));
  },
  strftime_now: (format: string) => timeText(new Date(), format),
};

/** Python's strftime in English, for the fields that templates ask for. */
function timeText(time: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const named = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-US", options).format(time);
  const fields: Readonly<Record<string, () => string>> = {
    "%": () => "%",
    Y: () => String(time.getFullYear()),
    y: () => two(time.getFullYear() % 100),
    m: () => two(time.getMonth() + 1),
    d: () => two(time.getDate()),
    "-d": () => String(time.getDate()),
    "-m": () => String(time.getMonth() + 1),
    B: () => named({ month: "long" }),
    b: () => named({ month: "short" }),
    A: () => named({ weekday: "long" }),
    a: () => named({ weekday: "short" }),
    H: () => two(time.getHours()),
    M: () => two(time.getMinutes()),
    S: () => two(time.getSeconds()),
  };
  return format.replace(/%(-?[A-Za-z%])/g, (field, name) => {
    const value = fields[name];
    if (value === undefined) throw new Error(`strftime_now does not know ${field}`);
    return value();
  });
}

const reasoningKeys = ["reasoning_content", "thinking", "reasoning"];

/**
 * A message as transformers (5.23 and later) hands it to a template: keys that are null are not there, and a thought is
 * found under `reasoning_content` and `thinking` whatever it is called.
 */
function asRead(message: Message): Record<string, unknown> {
  const told = Object.fromEntries(Object.entries(message).filter(([, value]) => value != null));
  const thought = reasoningKeys.map((key) => told[key]).find((value) => value !== undefined);
  if (thought === undefined) return told;
  return { thinking: thought, ...told, reasoning_content: thought };
}

function* literalsOf(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  if (hasType(node, "StringLiteral") && "value" in node) yield String(node.value);
  const inner = node instanceof Map ? [...node.keys(), ...node.values()] : Object.values(node);
  for (const child of inner) yield* literalsOf(child);
}

const markers = { open: "concord_generation_open", close: "concord_generation_close" } as const;

/**
 * Turns generation tags into `{{ marker }}`, keeping what Jinja's trim_blocks and lstrip_blocks do around a
 * statement: indentation before it and one newline after it vanish unless `+` asks to keep them.
 */
function printGenerationMarkers(source: string): string {
  return source.replace(
    /(^[ \t]*)?\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}(\n)?/gm,
    (_tag, indent = "", before, end, after, newline = "") => {
      const left = before === "+" ? indent : "";
      const right = after === "" ? "" : newline;
      const strip = (sign: string) => (sign === "-" ? "-" : "");
      return `${left}{{${strip(before)} ${end ? markers.close : markers.open} ${strip(after)}}}${right}`;
    },
  );
}

/** Two of Unicode's noncharacters U+FDD0–U+FDEF that the conversation does not contain. */
function unusedMarkers(conversation: string): [string, string] {
  const free = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i)).filter(
    (character) => !conversation.includes(character),
  );
  const [open, close] = free;
  if (open === undefined || close === undefined) throw new Error("the conversation uses every noncharacter");
  return [open, close];
}

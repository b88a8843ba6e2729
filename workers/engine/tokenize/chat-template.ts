import { Template } from "@huggingface/jinja";
import type { Message, TemplateInputs } from "./examples";
import { pythonStripFunctions, stripAsPython } from "./python-strip";

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
  readonly #template: Template;
  readonly #variables: Record<string, unknown>;

  /** @param variables what every rendering sees: bos_token, eos_token and so on. */
  constructor(source: string, variables: Record<string, unknown>) {
    this.source = source;
    this.tagged = /\{%-?\s*generation\s*-?%\}/.test(source);
    // Jinja reads every line ending as \n, GLM 4's template has \r\n.
    this.#template = new Template(printGenerationMarkers(source.replace(/\r\n?/g, "\n")));
    stripAsPython(this.#template.parsed);
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
    const [open, close] = unusedMarkers(JSON.stringify([messages, options]));
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
    return this.#template.render({
      ...pythonStripFunctions,
      ...this.#variables,
      ...options.chat_template_kwargs,
      messages,
      tools: options.tools ?? null,
      documents: null,
      add_generation_prompt: options.addGenerationPrompt ?? false,
      [markers.open]: open,
      [markers.close]: close,
    });
  }
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

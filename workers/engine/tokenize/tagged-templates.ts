import { ChatTemplate } from "./chat-template";
import type { Message, TemplateInputs } from "./examples";

/**
 * Our own chat templates with `{% generation %}` for the families whose published templates lack it. One of
 * them stands in for a model's template only where both render the same text, which is checked once on probes
 * and again on every row; so a wrong guess can never move a mask. (Qwen 3 is the exception that TRL makes.)
 * Boundaries of the masks are those of TRL's
 * training templates where TRL has one (Qwen 2.5, Qwen 3, Llama 3, Phi-3, Gemma).
 */
interface Family {
  name: string;
  /** `systemText` is the system prompt that the model's template adds by itself, "" if none. */
  template(systemText: string): string;
  /** Families that differ only in where the mask ends are told apart by how they render tools. */
  rendersTools?: boolean;
  /** Conversations on which this template and the model's must agree; usually one with several turns. */
  probes?: readonly (readonly Message[])[];
  /** Used for the tokens too, although it renders longer conversations differently. */
  replaces?: boolean;
}

const question: readonly Message[] = [{ role: "user", content: "A\nB" }];
const exchange: readonly Message[] = [
  ...question,
  { role: "assistant", content: "C d" },
  { role: "user", content: "E" },
  { role: "assistant", content: "F" },
];

const literal = (text: string) => JSON.stringify(text);

/** Function calls as Qwen's templates render them, shared by both of its generations. */
const toolPreamble = `{{- "# Tools\\n\\nYou may call one or more functions to assist with the user query.\\n\\nYou are provided with function signatures within <tools></tools> XML tags:\\n<tools>" }}
{%- for tool in tools %}{{- "\\n" + (tool | tojson) }}{%- endfor %}
{{- "\\n</tools>\\n\\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\\n<tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}`;

const toolResponse = `{%- if loop.first or messages[loop.index0 - 1].role != "tool" %}{{- "<|im_start|>user" }}{%- endif %}
{{- "\\n<tool_response>\\n" + message.content + "\\n</tool_response>" }}
{%- if loop.last or messages[loop.index0 + 1].role != "tool" %}{{- "<|im_end|>\\n" }}{%- endif %}`;

const toolCall = (
  quoteText: boolean,
) => `{%- set call = tool_call.function if tool_call.function else tool_call %}
{{- '<tool_call>\\n{"name": "' + call.name + '", "arguments": ' }}
{%- if call.arguments is string and ${!quoteText} %}{{- call.arguments }}{%- else %}{{- call.arguments | tojson }}{%- endif %}
{{- "}\\n</tool_call>" }}`;

const families: readonly Family[] = [
  {
    name: "qwen2.5",
    rendersTools: true,
    template: (systemText) => `{%- set first = messages[0] %}
{%- set system = first.content if first.role == "system" else ${literal(systemText)} %}
{%- if tools %}{{- "<|im_start|>system\\n" + system + "\\n\\n" }}${toolPreamble}
{%- else %}{{- "<|im_start|>system\\n" + system + "<|im_end|>\\n" }}{%- endif %}
{%- for message in messages %}
{%- if message.role == "user" or (message.role == "system" and not loop.first) %}
{{- "<|im_start|>" + message.role + "\\n" + message.content + "<|im_end|>\\n" }}
{%- elif message.role == "assistant" %}
{{- "<|im_start|>assistant" }}{%- generation %}
{%- if message.content or not message.tool_calls %}{{- "\\n" + message.content }}{%- endif %}
{%- for tool_call in message.tool_calls or [] %}{{- "\\n" }}${toolCall(true)}{%- endfor %}
{{- "<|im_end|>\\n" }}{%- endgeneration %}
{%- elif message.role == "tool" %}${toolResponse}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}`,
  },
  {
    name: "qwen3",
    rendersTools: true,
    // Qwen 3 leaves the thoughts of earlier turns out; TRL trains with them, even where they are empty.
    probes: [question, exchange.slice(0, 2)],
    replaces: true,
    template: () => `{%- if tools %}{{- "<|im_start|>system\\n" }}
{%- if messages[0].role == "system" %}{{- messages[0].content + "\\n\\n" }}{%- endif %}${toolPreamble}
{%- elif messages[0].role == "system" %}{{- "<|im_start|>system\\n" + messages[0].content + "<|im_end|>\\n" }}{%- endif %}
{%- for message in messages %}
{%- set content = message.content if message.content is string else "" %}
{%- if message.role == "user" or (message.role == "system" and not loop.first) %}
{{- "<|im_start|>" + message.role + "\\n" + content + "<|im_end|>\\n" }}
{%- elif message.role == "assistant" %}
{%- set thought = message.reasoning_content if message.reasoning_content is string else "" %}
{%- if message.reasoning_content is not string and "</think>" in content %}
{%- set thought = content.split("</think>")[0].rstrip("\\n").split("<think>")[-1].lstrip("\\n") %}
{%- set content = content.split("</think>")[-1].lstrip("\\n") %}
{%- endif %}
{{- "<|im_start|>assistant\\n" }}{%- generation %}
{{- "<think>\\n" + thought.strip("\\n") + "\\n</think>\\n\\n" + content.lstrip("\\n") }}
{%- for tool_call in message.tool_calls or [] %}
{%- if content or not loop.first %}{{- "\\n" }}{%- endif %}${toolCall(false)}{%- endfor %}
{{- "<|im_end|>\\n" }}{%- endgeneration %}
{%- elif message.role == "tool" %}${toolResponse}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}
{%- if enable_thinking is defined and enable_thinking is false %}{{- "<think>\\n\\n</think>\\n\\n" }}{%- endif %}{%- endif %}`,
  },
  {
    name: "qwen3-instruct-2507",
    rendersTools: true,
    template: () => `{%- if tools %}{{- "<|im_start|>system\\n" }}
{%- if messages[0].role == "system" %}{{- messages[0].content + "\\n\\n" }}{%- endif %}${toolPreamble}
{%- elif messages[0].role == "system" %}{{- "<|im_start|>system\\n" + messages[0].content + "<|im_end|>\\n" }}{%- endif %}
{%- for message in messages %}
{%- set content = message.content if message.content is string else "" %}
{%- if message.role == "user" or (message.role == "system" and not loop.first) %}
{{- "<|im_start|>" + message.role + "\\n" + content + "<|im_end|>\\n" }}
{%- elif message.role == "assistant" %}
{{- "<|im_start|>assistant\\n" }}{%- generation %}{{- content }}
{%- for tool_call in message.tool_calls or [] %}
{%- if content or not loop.first %}{{- "\\n" }}{%- endif %}${toolCall(false)}{%- endfor %}
{{- "<|im_end|>\\n" }}{%- endgeneration %}
{%- elif message.role == "tool" %}${toolResponse}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}`,
  },
  {
    name: "chatml",
    template: (
      systemText,
    ) => `{%- if messages[0].role != "system" and ${literal(systemText)} %}{{- "<|im_start|>system\\n" + ${literal(systemText)} + "<|im_end|>\\n" }}{%- endif %}
{%- for message in messages %}
{{- "<|im_start|>" + message.role + "\\n" }}
{%- if message.role == "assistant" %}{%- generation %}{{- message.content + "<|im_end|>" }}{%- endgeneration %}{{- "\\n" }}
{%- else %}{{- message.content + "<|im_end|>\\n" }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|im_start|>assistant\\n" }}{%- endif %}`,
  },
  {
    name: "llama3",
    template: () => `{%- for message in messages %}
{%- if loop.first %}{{- bos_token }}{%- endif %}
{{- "<|start_header_id|>" + message.role + "<|end_header_id|>\\n\\n" }}
{%- if message.role == "assistant" %}{%- generation %}{{- message.content | trim + "<|eot_id|>" }}{%- endgeneration %}
{%- else %}{{- message.content | trim + "<|eot_id|>" }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|start_header_id|>assistant<|end_header_id|>\\n\\n" }}{%- endif %}`,
  },
  {
    name: "gemma",
    template: () => `{{- bos_token }}
{%- set system = messages[0].content + "\\n\\n" if messages[0].role == "system" else "" %}
{%- set turns = messages[1:] if messages[0].role == "system" else messages %}
{%- for message in turns %}
{%- if message.role == "assistant" %}
{{- "<start_of_turn>model\\n" }}{%- generation %}{{- message.content | trim + "<end_of_turn>\\n" }}{%- endgeneration %}
{%- else %}{{- "<start_of_turn>" + message.role + "\\n" + (system if loop.first else "") + message.content | trim + "<end_of_turn>\\n" }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<start_of_turn>model\\n" }}{%- endif %}`,
  },
  {
    name: "phi3",
    template: () => `{%- for message in messages %}
{{- "<|" + message.role + "|>\\n" }}
{%- if message.role == "assistant" %}{%- generation %}{{- message.content + "<|end|>\\n" }}{%- endgeneration %}
{%- else %}{{- message.content + "<|end|>\\n" }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|assistant|>\\n" }}
{%- elif messages[-1].role == "assistant" %}{%- generation %}{{- eos_token }}{%- endgeneration %}
{%- else %}{{- eos_token }}{%- endif %}`,
  },
];

const probeTool = { type: "function", function: { name: "probe", parameters: { type: "object" } } };

/**
 * The tagged template that renders what the model's own does, or null if no known family fits.
 * @param template the model's template, without generation tags
 */
export function taggedTemplateFor(
  template: ChatTemplate,
  variables: Record<string, unknown>,
): { template: ChatTemplate; replaces: boolean } | null {
  const systemText = defaultSystemText(template);
  for (const family of families) {
    const candidate = new ChatTemplate(family.template(systemText), variables);
    const inputs = family.rendersTools ? [{}, { tools: [probeTool] }] : [{}];
    const probes = family.probes ?? [question, exchange];
    if (
      probes.every((probe) => inputs.every((options) => sameRendering(template, candidate, probe, options)))
    ) {
      return { template: candidate, replaces: family.replaces ?? false };
    }
  }
  return null;
}

function sameRendering(
  one: ChatTemplate,
  other: ChatTemplate,
  probe: readonly Message[],
  options: TemplateInputs,
): boolean {
  return [true, false].every((addGenerationPrompt) => {
    const asked = { ...options, addGenerationPrompt };
    try {
      return one.render(probe, asked) === other.render(probe, asked);
    } catch {
      // A template may refuse a probe (roles that must alternate, …): then it is not this family.
      return false;
    }
  });
}

/** The system prompt that a ChatML template writes when the conversation has none. */
function defaultSystemText(template: ChatTemplate): string {
  try {
    const text = template.render([{ role: "user", content: "A" }]);
    return /^<\|im_start\|>system\n(.*?)<\|im_end\|>/s.exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}

import {
  beyondText,
  column,
  conversation,
  identity,
  type Layout,
  lastText,
  messages,
  pairColumns,
  systemText,
  toolsText,
} from "./layout";

export const axolotl: Layout = {
  title: "Axolotl",
  formats: ["parquet", "jsonl"],
  kinds: {
    preference: {
      // It takes the last turn of a reply, looks for its text in a rendered dialogue, and knows no tools.
      cannot: ["several_turn_reply", "empty_reply", "reasoning", "tools", "tool_calls"],
      columns: (held) => [
        ...identity,
        column("prompt", messages(held), ({ prompt }) => prompt),
        ...pairColumns(held),
      ],
      use: "`type: chat_template.default` and `field_messages: prompt`, with `rl: dpo`.",
    },
    reward: {
      cannot: beyondText,
      columns: () => [
        ...identity,
        // Always there: Axolotl looks for it in every row.
        column("system", "string", systemText),
        column("input", "string", ({ prompt }) => lastText(prompt)),
        column("chosen", "string", ({ chosen }) => lastText(chosen)),
        column("rejected", "string", ({ rejected }) => lastText(rejected)),
      ],
      use: "`type: bradley_terry.chat_template`, with `reward_model: true`. It has no place for margins.",
    },
    sft: {
      cannot: ["reasoning", "tool_calls"],
      columns: (held) => [...identity, ...toolsText(held), column("messages", messages(held), conversation)],
      use: "`type: chat_template` and `field_messages: messages`. It learns every turn of the assistant, those of the prompt too.",
    },
    unpaired: {
      cannot: beyondText,
      columns: () => [
        ...identity,
        column("system", "string", systemText),
        column("prompt", "string", ({ prompt }) => lastText(prompt)),
        column("completion", "string", ({ completion }) => lastText(completion)),
        column("label", "boolean", ({ label }) => label),
      ],
      use: "`type: llama3.ultra` or `chatml.ultra`, with `rl: kto`.",
    },
  },
};

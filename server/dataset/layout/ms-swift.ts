import {
  column,
  conversation,
  type Held,
  identity,
  type Layout,
  marginOf,
  messages,
  toolsText,
} from "./layout";

const use = (method: string) => `\`--dataset\` a file, with \`swift ${method}\`.`;

const pairs = (method: string): NonNullable<Layout["kinds"]["preference"]> => ({
  cannot: ["reasoning", "tool_calls"],
  columns: (held: Held) => [
    ...identity,
    ...toolsText(held),
    column("messages", messages(held), ({ prompt, chosen }) => [...prompt, ...chosen]),
    column("rejected_messages", messages(held), ({ prompt, rejected }) => [...prompt, ...rejected]),
    ...marginOf(held),
  ],
  use: use(method),
});

export const msSwift: Layout = {
  title: "ms-swift",
  formats: ["jsonl", "parquet"],
  kinds: {
    preference: pairs("rlhf --rlhf_type dpo"),
    reward: pairs("rlhf --rlhf_type rm"),
    sft: {
      cannot: ["reasoning", "tool_calls"],
      columns: (held) => [...identity, ...toolsText(held), column("messages", messages(held), conversation)],
      use: use("sft --loss_scale last_round"),
    },
    unpaired: {
      cannot: ["reasoning", "tool_calls"],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("messages", messages(held), conversation),
        column("label", "boolean", ({ label }) => label),
      ],
      use: use("rlhf --rlhf_type kto"),
    },
  },
};

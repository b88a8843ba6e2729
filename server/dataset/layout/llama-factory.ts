import type { RowTrait, SftRow } from "../../../db/shape/dataset";
import {
  column,
  conversation,
  type Held,
  identity,
  type Layout,
  message,
  messages,
  pairColumns,
  promptColumns,
  toolsText,
} from "./layout";

/** Turns alternate between user and assistant, after a system turn at most; a row that does not is dropped unseen. */
const uneven = [
  "late_system_turn",
  "starts_with_reply",
  "repeated_role",
  "ends_without_reply",
  "reasoning",
  "tool_calls",
] as const satisfies readonly RowTrait[];

const tags = {
  role_tag: "role",
  content_tag: "content",
  user_tag: "user",
  assistant_tag: "assistant",
  system_tag: "system",
};

const info =
  (columns: Record<string, string>, ranking: boolean) =>
  ({ tools }: Held) => ({
    formatting: "sharegpt",
    ...(ranking ? { ranking } : {}),
    columns: { ...columns, ...(tools ? { tools: "tools" } : {}) },
    tags,
  });

const use = "`--dataset_dir` the folder, `--dataset` a name of its `dataset_info.json`.";
const wholeConversation = (held: Held) => [
  ...identity,
  ...toolsText(held),
  column<SftRow>("messages", messages(held), conversation),
];

const pairs: NonNullable<Layout["kinds"]["preference"]> = {
  cannot: [...uneven, "several_turn_reply"],
  columns: (held) => [
    ...promptColumns(held),
    ...pairColumns(held),
    column("chosen_message", message(held), ({ chosen }) => chosen[0]),
    column("rejected_message", message(held), ({ rejected }) => rejected[0]),
  ],
  use,
  datasetInfo: info({ messages: "prompt", chosen: "chosen_message", rejected: "rejected_message" }, true),
};

export const llamaFactory: Layout = {
  title: "LLaMA-Factory",
  formats: ["parquet", "jsonl"],
  kinds: {
    preference: pairs,
    reward: pairs,
    sft: {
      cannot: uneven,
      columns: wholeConversation,
      use,
      datasetInfo: info({ messages: "messages" }, false),
    },
    unpaired: {
      // An empty reply is its sign for "no such reply": the label would turn round.
      cannot: [...uneven, "several_turn_reply", "empty_reply"],
      columns: (held) => [...wholeConversation(held), column("label", "boolean", ({ label }) => label)],
      use,
      datasetInfo: info({ messages: "messages", kto_tag: "label" }, false),
    },
  },
};

import { beyondText, column, conversation, identity, type Layout, lastText, messages } from "./layout";

/** verl's RMDataset: texts, tokenised as they stand. */
const pairs: NonNullable<Layout["kinds"]["preference"]> = {
  cannot: [...beyondText, "system_turn"],
  columns: () => [
    ...identity,
    column("prompt", "string", ({ prompt }) => lastText(prompt)),
    column("chosen", "string", ({ chosen }) => lastText(chosen)),
    column("rejected", "string", ({ rejected }) => lastText(rejected)),
  ],
  use: "`RMDataset(parquet_files=…)`, which renders no chat template and has no place for margins.",
};

export const verl: Layout = {
  title: "verl",
  formats: ["parquet"],
  kinds: {
    preference: pairs,
    reward: pairs,
    sft: {
      // It wants tools as lists, whose shapes a Parquet column would have to share.
      cannot: ["tools", "tool_calls"],
      columns: (held) => [...identity, column("messages", messages(held), conversation)],
      use: "`data.train_files=` the files, `data.messages_key=messages` of sft_trainer. It learns every turn of the assistant.",
    },
  },
};

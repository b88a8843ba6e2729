import { column, type Layout, messages, pairColumns, promptColumns, weightOf } from "./layout";

/** Our own rows: conversations with an explicit prompt. Speakers' names and tool calls have their places in them. */
export const trl: Layout = {
  title: "TRL",
  formats: ["parquet", "jsonl", "csv"],
  weights: true,
  kinds: {
    preference: {
      cannot: [],
      asFrozen: true,
      columns: (held) => [...promptColumns(held), ...pairColumns(held), ...weightOf(held)],
      use: "DPOTrainer, CPOTrainer and ORPOTrainer take the rows of `load_dataset` as they are.",
    },
    reward: {
      cannot: [],
      asFrozen: true,
      columns: (held) => [...promptColumns(held), ...pairColumns(held), ...weightOf(held)],
      use: "RewardTrainer takes the rows of `load_dataset` as they are, the margin included.",
    },
    sft: {
      cannot: [],
      asFrozen: true,
      columns: (held) => [
        ...promptColumns(held),
        column("completion", messages(held), ({ completion }) => completion),
      ],
      use: "SFTTrainer takes the rows of `load_dataset` as they are; it learns the completions alone.",
    },
    unpaired: {
      cannot: [],
      asFrozen: true,
      columns: (held) => [
        ...promptColumns(held),
        column("completion", messages(held), ({ completion }) => completion),
        column("label", "boolean", ({ label }) => label),
      ],
      use: "KTOTrainer takes the rows of `load_dataset` as they are.",
    },
    ranked: {
      cannot: [],
      asFrozen: true,
      columns: (held) => [
        ...promptColumns(held),
        column("completions", { list: messages(held) }, ({ completions }) => completions),
        column("ranks", { list: "number" }, ({ ranks }) => ranks),
      ],
      use: "Rows for k-wise losses: `completions`, best first, and their `ranks`.",
    },
  },
};

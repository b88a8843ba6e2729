import { column, identity, type Layout, marginOf, messages, toolsText } from "./layout";

/** Our own rows: conversations with an explicit prompt. Speakers' names and tool calls have their places in them. */
export const trl: Layout = {
  title: "TRL",
  formats: ["parquet", "jsonl", "csv"],
  kinds: {
    preference: {
      cannot: [],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("prompt", messages(held), ({ prompt }) => prompt),
        column("chosen", messages(held), ({ chosen }) => chosen),
        column("rejected", messages(held), ({ rejected }) => rejected),
        ...marginOf(held),
      ],
      use: "DPOTrainer, CPOTrainer and ORPOTrainer take the rows of `load_dataset` as they are.",
    },
    reward: {
      cannot: [],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("prompt", messages(held), ({ prompt }) => prompt),
        column("chosen", messages(held), ({ chosen }) => chosen),
        column("rejected", messages(held), ({ rejected }) => rejected),
        ...marginOf(held),
      ],
      use: "RewardTrainer takes the rows of `load_dataset` as they are, the margin included.",
    },
    sft: {
      cannot: [],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("prompt", messages(held), ({ prompt }) => prompt),
        column("completion", messages(held), ({ completion }) => completion),
      ],
      use: "SFTTrainer takes the rows of `load_dataset` as they are; it learns the completions alone.",
    },
    unpaired: {
      cannot: [],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("prompt", messages(held), ({ prompt }) => prompt),
        column("completion", messages(held), ({ completion }) => completion),
        column("label", "boolean", ({ label }) => label),
      ],
      use: "KTOTrainer takes the rows of `load_dataset` as they are.",
    },
    ranked: {
      cannot: [],
      columns: (held) => [
        ...identity,
        ...toolsText(held),
        column("prompt", messages(held), ({ prompt }) => prompt),
        column("completions", { list: messages(held) }, ({ completions }) => completions),
        column("ranks", { list: "number" }, ({ ranks }) => ranks),
      ],
      use: "Rows for k-wise losses: `completions`, best first, and their `ranks`.",
    },
  },
};

import type { Message } from "../../../db/shape/content";
import { column, conversation, type Held, identity, type Layout, messages } from "./layout";

/** A context and two completions, of which the better has the lower rank. */
const completions = (held: Held) =>
  ({
    list: {
      struct: [
        { name: "rank", type: "integer" },
        { name: "completion", type: messages(held) },
      ],
    },
  }) as const;

const ranked = (replies: readonly Message[][], rank: (index: number) => number) =>
  replies.map((completion, index) => ({ rank: rank(index), completion }));

const use = "`data.train.dataset_name: PreferenceDataset` and `data_path:` a file.";

const pairs: NonNullable<Layout["kinds"]["preference"]> = {
  cannot: ["tools", "tool_calls"],
  columns: (held) => [
    ...identity,
    column("context", messages(held), ({ prompt }) => prompt),
    column("completions", completions(held), ({ chosen, rejected }) =>
      ranked([chosen, rejected], (index) => index),
    ),
  ],
  use,
};

export const nemoRl: Layout = {
  title: "NeMo-RL",
  formats: ["jsonl", "parquet"],
  kinds: {
    preference: pairs,
    reward: pairs,
    ranked: {
      cannot: ["over_two_replies", "tied_replies", "tools", "tool_calls"],
      columns: (held) => [
        ...identity,
        column("context", messages(held), ({ prompt }) => prompt),
        column("completions", completions(held), (row) =>
          ranked(row.completions, (index) => row.ranks[index] - 1),
        ),
      ],
      use,
    },
    sft: {
      cannot: ["ends_without_reply", "tools", "tool_calls"],
      columns: (held) => [...identity, column("messages", messages(held), conversation)],
      use: "`data.train.dataset_name: ResponseDataset` and `data_path:` a file. It learns every turn of the assistant.",
    },
  },
};

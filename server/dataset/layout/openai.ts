import type { Message } from "../../../db/shape/content";
import { parseJson } from "../../../db/shape/written-json";
import { column, type Layout } from "./layout";

/** Tools go in as the list that the text is; a row without tools has no such key. */
const toolsOf = (tools: string | undefined): object =>
  tools === undefined ? {} : { tools: parseJson(tools) };

/** Turns of the assistant in the prompt were said and are not to be learnt. */
const unlearnt = (turn: Message) => (turn.role === "assistant" ? { ...turn, weight: 0 } : turn);

/** OpenAI's fine-tuning files, read by Azure, Together and Fireworks too. They refuse keys that they do not know. */
export const openAi: Layout = {
  title: "OpenAI fine-tuning",
  formats: ["jsonl"],
  kinds: {
    preference: {
      cannot: ["user_turn_in_reply", "ends_without_reply", "empty_reply", "reasoning"],
      columns: () => [
        column("input", "json", ({ prompt, tools }) => ({ messages: prompt, ...toolsOf(tools) })),
        column("preferred_output", { list: "json" }, ({ chosen }) => chosen),
        column("non_preferred_output", { list: "json" }, ({ rejected }) => rejected),
      ],
      use: "Upload with the purpose `fine-tune`, then a job with `method.type: dpo`.",
    },
    sft: {
      cannot: ["ends_without_reply", "empty_reply", "reasoning"],
      sparse: true,
      columns: ({ tools }) => [
        column("messages", { list: "json" }, ({ prompt, completion }) => [
          ...prompt.map(unlearnt),
          ...completion,
        ]),
        ...(tools
          ? [column("tools", "json", (row: { tools?: string }) => row.tools && parseJson(row.tools))]
          : []),
      ],
      use: "Upload with the purpose `fine-tune`, then a job with `method.type: supervised`.",
    },
  },
};

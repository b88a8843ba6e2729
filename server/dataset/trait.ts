import type { Message } from "../../db/shape/content";
import { type DatasetRow, type RowTrait, rowTraits } from "../../db/shape/dataset";

/** The replies of a row, whatever its kind. */
function repliesOf(row: DatasetRow): Message[][] {
  if ("chosen" in row) return [row.chosen, row.rejected];
  return "completions" in row ? row.completions : [row.completion];
}

/** The turns of a row, taken apart once for all traits. */
interface Turns {
  prompt: readonly Message[];
  replies: readonly (readonly Message[])[];
  /** Every turn. */
  all: readonly Message[];
  /** Where the prompt begins after a system turn at its head. */
  begins: number;
}

/** What has a trait. Rules of their own, and no closures: a version of 100,000 rows asks each as often. */
const rules: Readonly<Record<RowTrait, (turns: Turns, row: DatasetRow) => boolean>> = {
  system_turn: ({ all }) => all.some(({ role }) => role === "system"),
  late_system_turn: ({ all, prompt: [first] }) =>
    all.some((turn) => turn.role === "system" && turn !== first),
  starts_with_reply: ({ prompt, begins }) => prompt[begins]?.role === "assistant",
  repeated_role: ({ prompt, replies }) => replies.some((reply) => repeats(prompt, reply)),
  ends_without_reply: ({ replies }) => replies.some((reply) => reply.at(-1)?.role !== "assistant"),
  user_turn_in_reply: ({ replies }) => replies.some((reply) => reply.some(({ role }) => role === "user")),
  several_turn_prompt: ({ prompt, begins }) => prompt.length - begins > 1,
  several_turn_reply: ({ replies }) => replies.some((reply) => reply.length !== 1),
  empty_reply: ({ replies }) =>
    replies.some((reply) => reply.every(({ content, tool_calls }) => content.trim() === "" && !tool_calls)),
  tools: (_, row) => row.tools !== undefined,
  tool_calls: ({ all }) =>
    all.some(({ role, tool_calls, tool_call_id }) => Boolean(role === "tool" || tool_calls || tool_call_id)),
  speaker_names: ({ all }) => all.some(({ name }) => name !== undefined),
  reasoning: ({ all }) => all.some(({ reasoning_content }) => reasoning_content !== undefined),
  over_two_replies: ({ replies }) => replies.length > 2,
  tied_replies: (_, row) => "ranks" in row && new Set(row.ranks).size < row.ranks.length,
};

/** What a row has that some format cannot hold, in the order of `rowTraits`. */
export function traitsOf(row: DatasetRow): RowTrait[] {
  const { prompt } = row;
  const replies = repliesOf(row);
  const turns: Turns = {
    prompt,
    replies,
    all: prompt.concat(...replies),
    begins: prompt[0]?.role === "system" ? 1 : 0,
  };
  return rowTraits.filter((trait) => rules[trait](turns, row));
}

/** Whether two turns of one speaker follow each other, the end of the prompt and the reply included. */
function repeats(prompt: readonly Message[], reply: readonly Message[]): boolean {
  let before: Message["role"] | undefined;
  for (const turns of [prompt, reply])
    for (const { role } of turns) {
      if (role !== "tool" && role === before) return true;
      before = role;
    }
  return false;
}

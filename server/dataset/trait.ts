import type { Message } from "../../db/shape/content";
import { type DatasetRow, type RowTrait, rowTraits } from "../../db/shape/dataset";

/** The replies of a row, whatever its kind. */
function repliesOf(row: DatasetRow): Message[][] {
  if ("chosen" in row) return [row.chosen, row.rejected];
  return "completions" in row ? row.completions : [row.completion];
}

/** What a row has that some format cannot hold, in the order of `rowTraits`. */
export function traitsOf(row: DatasetRow): RowTrait[] {
  const { prompt } = row;
  const replies = repliesOf(row);
  const begins = prompt[0]?.role === "system" ? 1 : 0;
  const some = (holds: (turn: Message) => boolean) =>
    prompt.some(holds) || replies.some((reply) => reply.some(holds));
  const has: Record<RowTrait, boolean> = {
    system_turn: some(({ role }) => role === "system"),
    late_system_turn: replies
      .flat()
      .concat(prompt.slice(1))
      .some(({ role }) => role === "system"),
    starts_with_reply: prompt[begins]?.role === "assistant",
    repeated_role: replies.some((reply) => repeats(prompt, reply)),
    ends_without_reply: replies.some((reply) => reply.at(-1)?.role !== "assistant"),
    user_turn_in_reply: replies.some((reply) => reply.some(({ role }) => role === "user")),
    several_turn_prompt: prompt.length - begins > 1,
    several_turn_reply: replies.some((reply) => reply.length !== 1),
    empty_reply: replies.some((reply) =>
      reply.every(({ content, tool_calls }) => content.trim() === "" && !tool_calls),
    ),
    tools: row.tools !== undefined,
    tool_calls: some(({ role, tool_calls, tool_call_id }) =>
      Boolean(role === "tool" || tool_calls || tool_call_id),
    ),
    speaker_names: some(({ name }) => name !== undefined),
    reasoning: some(({ reasoning_content }) => reasoning_content !== undefined),
    over_two_replies: replies.length > 2,
    tied_replies: "ranks" in row && new Set(row.ranks).size < row.ranks.length,
  };
  return rowTraits.filter((trait) => has[trait]);
}

/** Whether two turns of one speaker follow each other, the end of the prompt and the reply included. */
function repeats(prompt: readonly Message[], reply: readonly Message[]): boolean {
  const turns = [...prompt, ...reply];
  return turns.some(({ role }, i) => role !== "tool" && role === turns[i - 1]?.role);
}

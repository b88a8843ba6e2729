import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { assistantTurn, toPrompt, userTurn } from "../conversation";
import { fileLabel, judgement, ranked, ranksByScore } from "../questions";
import type { ImportRecord } from "../schema";
import { columnsOf, defineShape, eachRow, otherColumns } from "./shape";

const node = z.looseObject({
  message_id: z.string(),
  text: z.string(),
  role: z.enum(["prompter", "assistant"]),
  lang: z.string().optional(),
  rank: z.number().nullish(),
  model_name: z.string().nullish(),
  synthetic: z.boolean().optional(),
  get replies() {
    return z.array(node).default([]);
  },
});
type TreeNode = z.output<typeof node>;
const nodeColumns = columnsOf(node);

/** OpenAssistant's message trees: every user turn with replies is a task, its conversation the path to it. */
export const oasstTree = defineShape({
  id: "oasst_tree",
  title: "OpenAssistant trees",
  looksLike: "message_tree_id and prompt, a tree of {text, role, replies}",
  example: {
    message_tree_id: "t1",
    prompt: {
      message_id: "m1",
      text: "How many moons has Mars?",
      role: "prompter",
      replies: [
        { message_id: "m2", text: "Two.", role: "assistant", rank: 0 },
        { message_id: "m3", text: "One.", role: "assistant", rank: 1 },
      ],
    },
  },
  fields: ["message_tree_id", "prompt"],
  row: z.object({ message_tree_id: z.string(), prompt: node }),
  open: eachRow((row) => [...tasksBelow(row.prompt, [], row.message_tree_id)]),
});

function* tasksBelow(turn: TreeNode, before: readonly Message[], tree: string): Generator<ImportRecord> {
  const path = [...before, turn.role === "prompter" ? userTurn(turn.text) : assistantTurn(turn.text)];
  if (turn.role === "prompter") yield toTask(turn, path, tree);
  for (const reply of turn.replies) yield* tasksBelow(reply, path, tree);
}

function toTask(turn: TreeNode, messages: Message[], tree: string): ImportRecord {
  const ranks = turn.replies.map((reply) => reply.rank ?? null);
  const known = ranks.filter((rank) => rank !== null);
  return {
    prompt: toPrompt(messages, {
      language: turn.lang,
      externalId: turn.message_id,
      metadata: { ...otherColumns(turn, nodeColumns), message_tree_id: tree },
    }),
    responses: turn.replies.map((reply) => ({
      content: reply.text,
      source: reply.model_name ?? (reply.synthetic ? "synthetic" : undefined),
      externalId: reply.message_id,
      metadata: {
        ...otherColumns(reply, nodeColumns),
        ...(reply.rank === null || reply.rank === undefined ? {} : { rank: reply.rank }),
      },
    })),
    judgements:
      known.length === turn.replies.length && known.length > 1
        ? [judgement(fileLabel, ranked(ranksByScore(known.map((rank) => -rank))))]
        : [],
  };
}

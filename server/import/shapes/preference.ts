import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import {
  assistantTurn,
  parseTranscript,
  splitCommonPrompt,
  toMessages,
  toResponse,
  userTurn,
} from "../conversation";
import { RowRefused } from "../problems";
import { better, fileLabel, judgement, marginQuestion } from "../questions";
import type { ImportedPrompt, ImportRecord, Judgement } from "../schema";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow, type ShapeContext } from "./shape";

const used = [
  "chosen",
  "rejected",
  "margin",
  "score_chosen",
  "score_rejected",
  "chosen_message",
  "rejected_message",
  "annotators",
];

const row = z.looseObject({
  ...promptFields,
  chosen: z.unknown().optional(),
  rejected: z.unknown().optional(),
  margin: z.number().nullish(),
  score_chosen: z.number().nullish(),
  score_rejected: z.number().nullish(),
  annotators: z.number().nullish(),
});

/** TRL's preference rows and their cousins of LLaMA-Factory and Axolotl: the prompt may be a column or implied. */
export const preference = defineShape({
  id: "preference",
  title: "Preference pairs (TRL)",
  looksLike: "chosen and rejected, as text or messages; prompt, instruction or question optional",
  fields: ["chosen", "rejected"],
  row,
  open: eachRow((row, context) => {
    const { prompt, chosen, rejected } = hasPrompt(row)
      ? withPrompt(
          promptMessages(row),
          toMessages(row.chosen, "chosen", "assistant"),
          toMessages(row.rejected, "rejected", "assistant"),
        )
      : typeof row.chosen === "string" && typeof row.rejected === "string"
        ? splitCommonText(row.chosen, row.rejected)
        : splitCommonTurns(
            toMessages(row.chosen, "chosen", "assistant"),
            toMessages(row.rejected, "rejected", "assistant"),
          );
    return [
      pair(describePrompt(prompt, row, used), chosen, rejected, context, {
        margin: row.margin,
        scores: [row.score_chosen, row.score_rejected],
        annotators: row.annotators,
      }),
    ];
  }),
});

/** Anthropic's HH: whole transcripts, alike up to the last reply. */
export const hhTranscripts = defineShape({
  id: "hh",
  title: "HH transcripts",
  looksLike: 'chosen and rejected, each a transcript that starts with "\\n\\nHuman:"',
  fields: ["chosen", "rejected"],
  when: ({ chosen, rejected }) => isTranscript(chosen) && isTranscript(rejected),
  row,
  open: eachRow((row, context) => {
    const { prompt, chosen, rejected } = splitCommonTurns(
      parseTranscript(String(row.chosen), "chosen"),
      parseTranscript(String(row.rejected), "rejected"),
    );
    return [pair(describePrompt(prompt, row, used), chosen, rejected, context, {})];
  }),
});

function isTranscript(value: unknown): boolean {
  return typeof value === "string" && /^\s*Human:/.test(value) && value.includes("\n\nAssistant:");
}

interface Pair {
  prompt: Message[];
  chosen: Message[];
  rejected: Message[];
}

/** Some files repeat the prompt at the start of both replies although they also give it by itself. */
function withPrompt(prompt: Message[], chosen: Message[], rejected: Message[]): Pair {
  const repeated = (reply: Message[]) =>
    reply.length > prompt.length &&
    prompt.every((turn, index) => turn.role === reply[index].role && turn.content === reply[index].content);
  const bare = (reply: Message[]) => (repeated(reply) ? reply.slice(prompt.length) : reply);
  return { prompt, chosen: bare(chosen), rejected: bare(rejected) };
}

function splitCommonTurns(first: Message[], second: Message[]): Pair {
  if (first.length === 0 || second.length === 0)
    throw new RowRefused({
      code: "empty-reply",
      field: first.length === 0 ? "chosen" : "rejected",
      message: `${first.length === 0 ? "chosen" : "rejected"} has no messages.`,
    });
  const { prompt, rests } = splitCommonPrompt([first, second]);
  return { prompt: requirePrompt(prompt), chosen: rests[0], rejected: rests[1] };
}

/** The longest common beginning by character, cut before a word, as TRL's `extract_prompt` does. */
function splitCommonText(chosen: string, rejected: string): Pair {
  const limit = Math.min(chosen.length, rejected.length);
  let end = 0;
  while (end < limit && chosen[end] === rejected[end]) end++;
  if (end > 0 && chosen[end - 1] === " ") end--;
  const prompt = chosen.slice(0, end);
  return {
    prompt: requirePrompt(prompt === "" ? [] : [userTurn(prompt)]),
    chosen: [assistantTurn(chosen.slice(end))],
    rejected: [assistantTurn(rejected.slice(end))],
  };
}

function requirePrompt(prompt: Message[]): Message[] {
  if (prompt.length > 0) return prompt;
  throw new RowRefused({
    code: "no-prompt",
    field: "prompt",
    message: "There is no prompt column, and chosen and rejected have no beginning in common.",
  });
}

function pair(
  prompt: ImportedPrompt,
  chosen: Message[],
  rejected: Message[],
  context: ShapeContext,
  stated: { margin?: number | null; scores?: (number | null | undefined)[]; annotators?: number | null },
): ImportRecord {
  const turns = (reply: Message[]) => reply.filter(({ role }) => role !== "tool").length;
  if (turns(chosen) > 1 || turns(rejected) > 1)
    context.warn({
      code: "several-turns",
      field: turns(chosen) > 1 ? "chosen" : "rejected",
      message: "chosen and rejected part before the last reply.",
    });
  const [scoreChosen, scoreRejected] = stated.scores ?? [];
  const about = (side: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(side).filter(([, value]) => value !== null && value !== undefined));
  return {
    prompt,
    responses: [
      toResponse(chosen, {
        metadata: about({ margin: stated.margin, score: scoreChosen, annotators: stated.annotators }),
      }),
      toResponse(rejected, { metadata: about({ score: scoreRejected }) }),
    ],
    judgements: [verdict(stated.margin)],
  };
}

/** A margin within (0, 1] is the strength of our own exports; any other number only stays in the metadata. */
function verdict(margin: number | null | undefined): Judgement {
  if (margin === null || margin === undefined || margin <= 0 || margin > 1)
    return judgement(fileLabel, better("a"));
  const level = Math.max(1, Math.round(margin * 3));
  return judgement(fileLabel, [marginQuestion, { type: "preference", outcome: "a", level }]);
}

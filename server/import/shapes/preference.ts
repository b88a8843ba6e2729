import { z } from "zod";
import {
  assistantTurn,
  parseTranscript,
  splitCommonPrompt,
  type Turn,
  toMessages,
  toResponse,
  userTurn,
} from "../conversation";
import { RowRefused } from "../problems";
import { better, fileLabel, judgement, marginQuestion } from "../questions";
import type { ImportedPrompt, ImportRecord, Judgement } from "../schema";
import type { RowValue } from "../source/row";
import { describePrompt, hasPrompt, numberIn, type PromptRow, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow, type ShapeContext } from "./shape";

/** What files tell of each side, before or after the side's name: `score_chosen`, `chosen_model`, `chosen-rating`. */
const facts = ["score", "rating", "reward", "model"] as const;
const columnsOf = (name: (typeof facts)[number], side: "chosen" | "rejected") => [
  `${name}_${side}`,
  `${side}_${name}`,
  `${side}-${name}`,
];
const toldOf = (side: "chosen" | "rejected") => facts.map((name) => [name, columnsOf(name, side)] as const);
/** Named once, and not for every row. */
const toldColumns = { chosen: toldOf("chosen"), rejected: toldOf("rejected") };

const used = [
  "chosen",
  "rejected",
  "margin",
  "annotators",
  ...facts.flatMap((name) => [...columnsOf(name, "chosen"), ...columnsOf(name, "rejected")]),
];

const row = z.looseObject({
  ...promptFields,
  chosen: z.unknown().optional(),
  rejected: z.unknown().optional(),
});

/** TRL's preference rows and their cousins of LLaMA-Factory and Axolotl: the prompt may be a column or implied. */
export const preference = defineShape({
  id: "preference",
  title: "Preference pairs (TRL)",
  looksLike: "chosen and rejected, as text or messages; prompt, instruction or question optional",
  example: { prompt: "How many moons has Mars?", chosen: "Two.", rejected: "One." },
  fields: ["chosen", "rejected"],
  row,
  open: eachRow((row, context) => {
    const replies: [Turn[], Turn[]] = [
      toMessages(row.chosen, "chosen", "assistant"),
      toMessages(row.rejected, "rejected", "assistant"),
    ];
    const isPlain = [row.chosen, row.rejected].every((reply, side) => reply === replies[side][0]?.content);
    const { prompt, chosen, rejected } = hasPrompt(row)
      ? withPrompt(row, replies)
      : withColumns(
          row,
          isPlain
            ? splitCommonText(replies[0][0].content, replies[1][0].content)
            : splitCommonTurns(...replies),
        );
    return [pair(describePrompt(prompt, row, used), chosen, rejected, context, row)];
  }),
});

/** Anthropic's HH: whole transcripts, alike up to the last reply. */
export const hhTranscripts = defineShape({
  id: "hh",
  title: "HH transcripts",
  looksLike: 'chosen and rejected, each a transcript that starts with "\\n\\nHuman:"',
  example: {
    chosen: "\n\nHuman: How many moons has Mars?\n\nAssistant: Two.",
    rejected: "\n\nHuman: How many moons has Mars?\n\nAssistant: One.",
  },
  fields: ["chosen", "rejected"],
  when: ({ chosen, rejected }) => isTranscript(chosen) && isTranscript(rejected),
  row,
  open: eachRow((row, context) => {
    const { prompt, chosen, rejected } = splitCommonTurns(
      parseTranscript(String(row.chosen), "chosen"),
      parseTranscript(String(row.rejected), "rejected"),
    );
    return [pair(describePrompt(promptMessages(row, prompt), row, used), chosen, rejected, context, row)];
  }),
});

function isTranscript(value: unknown): boolean {
  return typeof value === "string" && /^\s*Human:/.test(value) && value.includes("\n\nAssistant:");
}

interface Pair {
  prompt: Turn[];
  chosen: Turn[];
  rejected: Turn[];
}

/**
 * A pair whose prompt has columns of its own. Turns that both replies begin with are part of the prompt as well,
 * whether the columns say them too or not: some files repeat the prompt, or its last turn, in both replies.
 */
function withPrompt(row: PromptRow, [chosen, rejected]: [Turn[], Turn[]]): Pair {
  if (chosen.length === 0 || rejected.length === 0) throw withoutMessages(chosen);
  const { prompt: shared, rests } = splitCommonPrompt([chosen, rejected]);
  return { prompt: promptMessages(row, shared), chosen: rests[0], rejected: rests[1] };
}

/** A pair whose prompt is in its replies, under what other columns say to the model. */
const withColumns = (row: PromptRow, { prompt, ...replies }: Pair): Pair => ({
  prompt: promptMessages(row, prompt),
  ...replies,
});

function withoutMessages(chosen: Turn[]): RowRefused {
  const field = chosen.length === 0 ? "chosen" : "rejected";
  return new RowRefused({ code: "empty-reply", field, message: `${field} has no messages.` });
}

function splitCommonTurns(first: Turn[], second: Turn[]): Pair {
  if (first.length === 0 || second.length === 0) throw withoutMessages(first);
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

function requirePrompt(prompt: Turn[]): Turn[] {
  if (prompt.length > 0) return prompt;
  throw new RowRefused({
    code: "no-prompt",
    field: "prompt",
    message: "There is no prompt column, and chosen and rejected have no beginning in common.",
  });
}

const spokenTurns = (reply: readonly Turn[]): number => reply.filter(({ role }) => role !== "tool").length;

// Functions of the module and not of each call: this is done for every row, and making a function takes its time.

/** What a column says: a number also where a table writes it, nothing for an empty cell. */
function stated(row: RowValue, column: string): unknown {
  const value = row[column];
  return numberIn(value) ?? (value === "" ? null : value);
}

/** The stated facts under their names; a name without one is left out. */
function told(row: RowValue, columns: readonly (readonly [name: string, column: string | undefined])[]) {
  const found: Record<string, unknown> = {};
  for (const [name, column] of columns) {
    const value = column === undefined ? undefined : stated(row, column);
    if (value !== null && value !== undefined) found[name] = value;
  }
  return found;
}

/** What a row tells of one side, each under the first of its columns that says anything. */
function sideOf(row: RowValue, side: "chosen" | "rejected") {
  const { model, ...metadata } = told(
    row,
    toldColumns[side].map(([name, columns]) => [name, columns.find((column) => says(row[column]))] as const),
  );
  return { source: model === undefined ? undefined : String(model), metadata };
}

const says = (value: unknown): boolean => value !== null && value !== undefined && value !== "";

const aboutBoth = [
  ["margin", "margin"],
  ["annotators", "annotators"],
] as const;

function pair(
  prompt: ImportedPrompt,
  chosen: Turn[],
  rejected: Turn[],
  context: ShapeContext,
  row: RowValue,
): ImportRecord {
  if (spokenTurns(chosen) > 1 || spokenTurns(rejected) > 1)
    context.warn({
      code: "several-turns",
      field: spokenTurns(chosen) > 1 ? "chosen" : "rejected",
      message: "chosen and rejected part before the last reply.",
    });
  const { source, metadata } = sideOf(row, "chosen");
  return {
    prompt,
    responses: [
      toResponse(chosen, { source, metadata: { ...metadata, ...told(row, aboutBoth) } }),
      toResponse(rejected, sideOf(row, "rejected")),
    ],
    judgements: [verdict(numberIn(row.margin))],
  };
}

/**
 * A margin within (0, 1] is the strength of our own exports, and 0 their tie, of which they have a row in each
 * direction; any other number only stays in the metadata.
 */
export function verdict(margin: number | null): Judgement {
  if (margin === 0) return judgement(fileLabel, [marginQuestion, { type: "preference", outcome: "tie" }]);
  if (margin === null || margin < 0 || margin > 1) return judgement(fileLabel, better("a"));
  const level = Math.max(1, Math.round(margin * 3));
  return judgement(fileLabel, [
    marginQuestion,
    { type: "preference", outcome: "a", level, strength: margin },
  ]);
}

import { z } from "zod";
import { splitLastReply, toMessages, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import { choiceQuestion, fileLabel, judgement, ranked, ranksByScore } from "../questions";
import type { RowValue } from "../source/row";
import { beside, conversationIn } from "./demonstration";
import { describePrompt, hasPrompt, parsedList, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";

const noColumns: readonly string[] = [];

const goodQuestion = choiceQuestion("label", "Is the response good?", ["good", "bad"], "response");

/** The columns under which files mark a reply as good or bad. */
const labelColumns = ["label", "kto_tag", "kto_label", "is_desirable", "desirable"] as const;

const good = new Set(["true", "1", "1.0", "good", "desirable", "yes", "chosen", "thumbs_up", "up"]);
const bad = new Set([
  "false",
  "0",
  "0.0",
  "-1",
  "bad",
  "undesirable",
  "no",
  "rejected",
  "thumbs_down",
  "down",
]);

/** Whether a label says good; null for what is no such label. */
function labelIn(value: unknown): boolean | null {
  if (value === undefined || value === null) return null;
  const word = String(value).trim().toLowerCase();
  return good.has(word) ? true : bad.has(word) ? false : null;
}

const labelColumnOf = (row: RowValue) => labelColumns.find((name) => labelIn(row[name]) !== null) ?? null;

const singleReplies = ["completion", "response", "output", "reply", "answer"] as const;
const replyColumnOf = (row: RowValue) =>
  singleReplies.find((name) => row[name] !== undefined && row[name] !== null) ?? null;

/** KTO rows: single replies marked good or bad, in any layout that holds a reply. */
export const unpaired = defineShape({
  id: "unpaired",
  title: "Unpaired labels (TRL, KTO)",
  looksLike:
    "one reply (completion, output, response, or the last turn of messages) and a true or false label",
  example: { prompt: "How many moons has Mars?", completion: "Two.", label: true },
  fields: [],
  when: (row) =>
    labelColumns.some((name) => labelIn(row[name]) !== null) &&
    (conversationIn(row) !== null || (hasPrompt(row) && replyColumnOf(row) !== null)) &&
    !Object.hasOwn(row, "rejected"),
  row: z.looseObject(promptFields),
  open: eachRow((row, context) => {
    const conversation = conversationIn(row);
    const column = conversation ?? replyColumnOf(row) ?? "completion";
    const turns = toMessages(row[column], column, conversation ? "user" : "assistant");
    const split = conversation ? splitLastReply(turns) : { prompt: [], reply: null };
    const reply = conversation ? (split.reply ? [split.reply] : []) : turns;
    if (reply.length === 0)
      throw new RowRefused({
        code: "wrong-type",
        field: column,
        message: `${column} ends without a reply of the assistant, which the label is about.`,
      });
    const label = labelColumnOf(row);
    const stated = labelColumns.find((name) => row[name] !== undefined && row[name] !== null);
    if (!label && stated)
      throw new RowRefused({
        code: "wrong-type",
        field: stated,
        message: `${stated} is ${JSON.stringify(row[stated])}, neither true nor false.`,
      });
    if (!label) context.warn({ code: "no-verdict", field: "label", message: "The row has no label." });
    const prompt = conversation ? beside(row, split.prompt) : promptMessages(row);
    return [
      {
        prompt: describePrompt(prompt, row, label ? labelled(column, label) : noColumns),
        responses: [toResponse(reply)],
        judgements: label
          ? [
              judgement(fileLabel, [
                goodQuestion,
                { type: "choice", values: [[labelIn(row[label]) ? "good" : "bad"]] },
              ]),
            ]
          : [],
      },
    ];
  }),
});

const labelledColumns = new Map<string, readonly string[]>();
/** One list for each pair of columns, so that rows share it. */
function labelled(column: string, label: string): readonly string[] {
  const key = `${column} ${label}`;
  const columns = labelledColumns.get(key) ?? [column, label];
  labelledColumns.set(key, columns);
  return columns;
}

const stepwiseColumns = ["completions", "labels"];

/** Step by step labels: the steps are one reply, and keep their labels as metadata. */
export const stepwise = defineShape({
  id: "stepwise",
  title: "Stepwise supervision (TRL)",
  looksLike: "prompt, completions (the steps) and labels (one for each step)",
  example: {
    prompt: "How many moons has Mars?",
    completions: ["Phobos and Deimos.", "So two."],
    labels: [true, true],
  },
  fields: ["prompt", "completions", "labels"],
  row: z.looseObject({
    ...promptFields,
    completions: z.array(z.string()),
    labels: z.array(z.union([z.boolean(), z.number()])),
  }),
  open: eachRow((row) => {
    if (row.completions.length !== row.labels.length)
      throw new RowRefused({
        code: "wrong-type",
        field: "labels",
        message: `There are ${row.completions.length} steps and ${row.labels.length} labels.`,
      });
    const steps = row.completions.map((text, index) => ({ text, label: row.labels[index] }));
    return [
      {
        prompt: describePrompt(promptMessages(row), row, stepwiseColumns),
        responses: [{ content: row.completions.join("\n"), metadata: { steps } }],
        judgements: [],
      },
    ];
  }),
});

const rankedColumns = ["completions", "ranks"];

/** Our own k-wise exports, and NeMo-RL's `{context, completions: [{rank, completion}]}`. */
export const rankedCompletions = defineShape({
  id: "ranked",
  title: "Ranked completions",
  looksLike: "completions with ranks, 1 (or 0) the best",
  example: { prompt: "How many moons has Mars?", completions: ["Two.", "One."], ranks: [1, 2] },
  fields: ["completions"],
  when: (row) => Array.isArray(parsedList(row.ranks)) || isNemo(parsedList(row.completions)),
  row: z.looseObject({
    ...promptFields,
    completions: z.array(z.unknown()).min(1),
    ranks: z.array(z.number()).optional(),
  }),
  open: eachRow((row) => {
    const entries = z
      .array(z.object({ rank: z.number(), completion: z.unknown().optional() }))
      .safeParse(row.completions);
    const completions = entries.success ? entries.data.map((entry) => entry.completion) : row.completions;
    const places = row.ranks ?? (entries.success ? entries.data.map((entry) => entry.rank) : []);
    if (places.length !== completions.length)
      throw new RowRefused({
        code: "wrong-type",
        field: "ranks",
        message: `There are ${completions.length} completions and ${places.length} ranks.`,
      });
    const replies = completions.map((completion, index) =>
      toResponse(toMessages(completion, `completions[${index}]`, "assistant")),
    );
    return [
      {
        prompt: describePrompt(promptMessages(row), row, rankedColumns),
        responses: replies,
        judgements:
          replies.length > 1
            ? [judgement(fileLabel, ranked(ranksByScore(places.map((place) => -place))))]
            : [],
      },
    ];
  }),
});

function isNemo(completions: unknown): boolean {
  return z
    .array(z.looseObject({ rank: z.number(), completion: z.unknown().optional() }))
    .min(1)
    .safeParse(completions).success;
}

const listColumns = ["output"];

/** LLaMA-Factory's ranked lists: Alpaca rows whose `output` lists replies, the best first. */
export const alpacaRanked = defineShape({
  id: "alpaca_ranked",
  title: "Alpaca with ranked outputs",
  looksLike: "instruction and output, a list of replies with the best first",
  example: { instruction: "How many moons has Mars?", output: ["Two.", "One."] },
  fields: ["instruction", "output"],
  when: (row) => Array.isArray(row.output),
  row: z.looseObject({ ...promptFields, output: z.array(z.string()).min(1) }),
  open: eachRow((row) => [
    {
      prompt: describePrompt(promptMessages(row), row, listColumns),
      responses: row.output.map((content) => ({ content, metadata: {} })),
      judgements:
        row.output.length > 1 ? [judgement(fileLabel, ranked(row.output.map((_, index) => index + 1)))] : [],
    },
  ]),
});

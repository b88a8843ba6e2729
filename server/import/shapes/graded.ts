import { z } from "zod";
import { toMessages, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import { choiceQuestion, fileLabel, judgement, ranked, ranksByScore } from "../questions";
import { describePrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";

const goodQuestion = choiceQuestion("label", "Is the response good?", ["good", "bad"], "response");
const unpairedColumns = ["completion", "label", "annotators"];

/** KTO rows: single replies marked good or bad. */
export const unpaired = defineShape({
  id: "unpaired",
  title: "Unpaired labels (TRL, KTO)",
  looksLike: "prompt, completion and a true or false label",
  fields: ["prompt", "completion", "label"],
  row: z.looseObject({
    ...promptFields,
    completion: z.unknown().optional(),
    label: z.union([z.boolean(), z.stringbool(), z.literal([0, 1]).transform(Boolean)]),
  }),
  open: eachRow((row) => [
    {
      prompt: describePrompt(promptMessages(row), row, unpairedColumns),
      responses: [toResponse(toMessages(row.completion, "completion", "assistant"))],
      judgements: [
        judgement(fileLabel, [goodQuestion, { type: "choice", values: [[row.label ? "good" : "bad"]] }]),
      ],
    },
  ]),
});

const stepwiseColumns = ["completions", "labels"];

/** Step by step labels: the steps are one reply, and keep their labels as metadata. */
export const stepwise = defineShape({
  id: "stepwise",
  title: "Stepwise supervision (TRL)",
  looksLike: "prompt, completions (the steps) and labels (one for each step)",
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

const rankedColumns = ["completions", "ranks", "annotators"];

/** Our own k-wise exports, and NeMo-RL's `{context, completions: [{rank, completion}]}`. */
export const rankedCompletions = defineShape({
  id: "ranked",
  title: "Ranked completions",
  looksLike: "completions with ranks, 1 (or 0) the best",
  fields: ["completions"],
  when: (row) => Array.isArray(row.ranks) || isNemo(row.completions),
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

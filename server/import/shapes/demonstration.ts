import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { lookOf } from "../columns";
import { splitLastReply, toMessages, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import { demonstrationQuestion, fileLabel, judgement, written } from "../questions";
import type { ImportedPrompt, ImportRecord } from "../schema";
import { describePrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow, type ShapeContext } from "./shape";

/** A prompt with the reply that the file holds up as right. */
export function demonstrated(prompt: ImportedPrompt, reply: string): ImportRecord {
  return { prompt, responses: [], judgements: [judgement(fileLabel, written(demonstrationQuestion, reply))] };
}

function lastReplyDemonstrated(
  messages: readonly Message[],
  describe: (prompt: Message[]) => ImportedPrompt,
  context: ShapeContext,
): ImportRecord[] {
  const { prompt, reply } = splitLastReply(messages);
  if (reply) return [demonstrated(describe(prompt), toResponse([reply]).content)];
  if (prompt.length > 1)
    context.warn({
      code: "no-reply",
      message: "The conversation ends without a reply; it was imported as a prompt.",
    });
  return [{ prompt: describe(prompt), responses: [], judgements: [] }];
}

const messageColumns = ["messages"];

export const messagesSft = defineShape({
  id: "messages",
  title: "SFT conversations (TRL)",
  looksLike: "messages: a list of {role, content}",
  fields: ["messages"],
  row: z.looseObject({ ...promptFields, messages: z.array(z.unknown()) }),
  open: eachRow((row, context) =>
    lastReplyDemonstrated(
      toMessages(row.messages, "messages", "user"),
      (prompt) => describePrompt(prompt, row, messageColumns),
      context,
    ),
  ),
});

const completionColumns = ["completion", "annotators"];

export const promptCompletion = defineShape({
  id: "prompt_completion",
  title: "SFT prompt and completion (TRL)",
  looksLike: "prompt and completion, each text or messages",
  fields: ["prompt", "completion"],
  row: z.looseObject({ ...promptFields, completion: z.unknown().optional() }),
  open: eachRow((row) => {
    const completion = toMessages(row.completion, "completion", "assistant");
    return [
      demonstrated(
        describePrompt(promptMessages(row), row, completionColumns),
        toResponse(completion).content,
      ),
    ];
  }),
});

const alpacaColumns = ["output"];

export const alpaca = defineShape({
  id: "alpaca",
  title: "Alpaca",
  looksLike: "instruction and output, with input, history and system optional",
  fields: ["instruction", "output"],
  row: z.looseObject({ ...promptFields, output: z.string() }),
  open: eachRow((row) => [demonstrated(describePrompt(promptMessages(row), row, alpacaColumns), row.output)]),
});

const shareGptColumns = ["utterances"];

/** ShareGPT's `conversations` with {from, value}, and dialogue corpora's `utterances` with {name, text}. */
export const shareGpt = defineShape({
  id: "sharegpt",
  title: "ShareGPT conversations",
  looksLike: "conversations of {from, value}, or utterances of {name, text}",
  fields: [],
  when: (row) => Array.isArray(row.conversations) || Array.isArray(row.utterances),
  row: z.looseObject({ ...promptFields, utterances: z.unknown().optional() }),
  open: eachRow((row, context) => {
    const field = row.utterances ? "utterances" : "conversations";
    const system: Message[] = row.system ? [{ role: "system", content: row.system }] : [];
    const turns = toMessages(row[field], field, "user");
    if (turns.length === 0)
      throw new RowRefused({ code: "empty-prompt", field, message: "The conversation has no turns." });
    return lastReplyDemonstrated(
      [...system, ...turns],
      (prompt) => describePrompt(prompt, row, shareGptColumns),
      context,
    );
  }),
});

const answerColumns: readonly string[] = ["answer", "target", "canonical_solution"];

/** Questions with one right answer: GSM8K, BIG-Bench Hard, HumanEval. */
export const questionAnswer = defineShape({
  id: "question_answer",
  title: "Questions with answers",
  looksLike: "question and answer, input and target, or prompt and canonical_solution",
  fields: [],
  when: (row) =>
    (Object.hasOwn(row, "question") && Object.hasOwn(row, "answer")) ||
    (Object.hasOwn(row, "input") && Object.hasOwn(row, "target") && !Object.hasOwn(row, "instruction")) ||
    (Object.hasOwn(row, "prompt") && Object.hasOwn(row, "canonical_solution")),
  row: z.looseObject({
    ...promptFields,
    answer: z.string().optional(),
    target: z.string().optional(),
    canonical_solution: z.string().optional(),
  }),
  open: eachRow((row) => [
    demonstrated(
      describePrompt(promptMessages(row), row, answerColumns),
      row.answer ?? row.target ?? row.canonical_solution ?? "",
    ),
  ]),
});

const noColumns: readonly string[] = [];

/** Replies and verdicts beside a prompt are never a description of it. */
const isJudged = (look: ReturnType<typeof lookOf>) => look === "reply" || look === "verdict";

export const promptsOnly = defineShape({
  id: "prompts",
  title: "Prompts without replies",
  looksLike: "prompt, as text or messages, and no column that looks like a reply or a verdict",
  fields: ["prompt"],
  when: (row) =>
    (typeof row.prompt === "string" || (Array.isArray(row.prompt) && row.prompt.length > 0)) &&
    !Object.entries(row).some(([name, value]) => isJudged(lookOf(name, value))),
  row: z.looseObject(promptFields),
  open: eachRow((row) => [
    { prompt: describePrompt(promptMessages(row), row, noColumns), responses: [], judgements: [] },
  ]),
});

import { z } from "zod";
import { lookOf } from "../columns";
import {
  assistantTurn,
  isTurnsAsText,
  splitLastReply,
  type Turn,
  toMessages,
  toReply,
  toResponse,
  withReplyDetails,
} from "../conversation";
import { RowRefused } from "../problems";
import { demonstrationQuestion, fileLabel, judgement, written } from "../questions";
import type { ImportedPrompt, ImportRecord } from "../schema";
import type { RowValue } from "../source/row";
import { describePrompt, numberIn, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow, type ShapeContext } from "./shape";

const noColumns: readonly string[] = [];

/** A prompt with the reply that the file holds up as right. */
export function demonstrated(prompt: ImportedPrompt, reply: string | readonly Turn[]): ImportRecord {
  const turns = typeof reply === "string" ? [assistantTurn(reply)] : reply;
  const { text, turns: structure } = toReply(turns);
  return {
    prompt: withReplyDetails(prompt, turns),
    responses: [],
    judgements: [judgement(fileLabel, written(demonstrationQuestion, text, structure))],
  };
}

/**
 * What a conversation demonstrates: its last reply. OpenAI's `weight: 0` says of a reply that it is not to be learnt:
 * the last of those that may be is demonstrated, and the last of all is kept as a response to be judged.
 */
function lastReplyDemonstrated(
  messages: readonly Turn[],
  describe: (prompt: Turn[]) => ImportedPrompt,
  context: ShapeContext,
): ImportRecord[] {
  const { prompt, reply } = splitLastReply(messages);
  if (!reply) {
    if (prompt.length > 1)
      context.warn({
        code: "open-conversation",
        message: "The conversation ends without a reply; it was imported as a prompt.",
      });
    return [{ prompt: describe(prompt), responses: [], judgements: [] }];
  }
  if (weightOf(reply) !== 0) return [demonstrated(describe(prompt), [reply])];
  context.warn({
    code: "weight-zero",
    field: "weight",
    message: "The last reply has weight 0: it was imported as a response to be judged.",
  });
  const learnt = messages.findLastIndex((turn) => turn.role === "assistant" && weightOf(turn) !== 0);
  return [
    ...(learnt > 0 ? [demonstrated(describe(messages.slice(0, learnt)), [messages[learnt]])] : []),
    { prompt: describe(prompt), responses: [toResponse([reply])], judgements: [] },
  ];
}

const weightOf = ({ details }: Turn): number | null => numberIn(details?.weight);

/** The columns that hold a conversation with its reply. */
const conversationColumns = ["messages", "conversations", "conversation", "utterances"] as const;

const isConversation = (value: unknown): boolean =>
  Array.isArray(value) || (typeof value === "string" && isTurnsAsText(value));

/** The column of a row that holds its conversation; null where there is none. */
export const conversationIn = (row: RowValue) =>
  conversationColumns.find((name) => row[name] !== undefined && isConversation(row[name])) ?? null;

/** A conversation with what its row says beside it, which is part of the prompt as well. */
export const beside = (row: z.output<z.ZodObject<typeof promptFields>>, turns: readonly Turn[]): Turn[] =>
  promptMessages({ ...row, conversations: undefined }, turns);

const messageColumns = ["messages"];

export const messagesSft = defineShape({
  id: "messages",
  title: "SFT conversations (TRL)",
  looksLike: "messages: a list of {role, content}",
  example: {
    messages: [
      { role: "user", content: "How many moons has Mars?" },
      { role: "assistant", content: "Two." },
    ],
  },
  fields: ["messages"],
  when: (row) => isConversation(row.messages),
  row: z.looseObject({ ...promptFields, messages: z.unknown().optional() }),
  open: eachRow((row, context) =>
    lastReplyDemonstrated(
      toMessages(row.messages, "messages", "user"),
      (prompt) => describePrompt(beside(row, prompt), row, messageColumns),
      context,
    ),
  ),
});

const completionColumns = ["completion"];

export const promptCompletion = defineShape({
  id: "prompt_completion",
  title: "SFT prompt and completion (TRL)",
  looksLike: "prompt and completion, each text or messages",
  example: { prompt: "How many moons has Mars?", completion: "Two." },
  fields: ["prompt", "completion"],
  row: z.looseObject({ ...promptFields, completion: z.unknown().optional() }),
  open: eachRow((row) => [
    demonstrated(
      describePrompt(promptMessages(row), row, completionColumns),
      toMessages(row.completion, "completion", "assistant"),
    ),
  ]),
});

const alpacaColumns = ["output"];

export const alpaca = defineShape({
  id: "alpaca",
  title: "Alpaca",
  looksLike: "instruction and output, with input, history and system optional",
  example: { instruction: "How many moons has Mars?", input: "", output: "Two." },
  fields: ["instruction", "output"],
  row: z.looseObject({ ...promptFields, output: z.unknown().optional() }),
  open: eachRow((row) => [
    demonstrated(
      describePrompt(promptMessages(row), row, alpacaColumns),
      toMessages(row.output, "output", "assistant"),
    ),
  ]),
});

/** ShareGPT's `conversations` with {from, value}, and dialogue corpora's `utterances` with {name, text}. */
export const shareGpt = defineShape({
  id: "sharegpt",
  title: "ShareGPT conversations",
  looksLike: "conversations of {from, value}, or utterances of {name, text}",
  example: {
    conversations: [
      { from: "human", value: "How many moons has Mars?" },
      { from: "gpt", value: "Two." },
    ],
  },
  fields: [],
  when: (row) => conversationIn(row) !== null,
  row: z.looseObject({
    ...promptFields,
    conversation: z.unknown().optional(),
    utterances: z.unknown().optional(),
  }),
  open: eachRow((row, context) => {
    const field = conversationIn(row) ?? "conversations";
    const turns = toMessages(row[field], field, "user");
    if (turns.length === 0)
      throw new RowRefused({ code: "empty-prompt", field, message: "The conversation has no turns." });
    return lastReplyDemonstrated(
      turns,
      (prompt) => describePrompt(beside(row, prompt), row, columnsBeside(field)),
      context,
    );
  }),
});

const columnsOfConversations = new Map(conversationColumns.map((name) => [name, [name]]));
/** One list a column, so that rows share it. */
const columnsBeside = (field: (typeof conversationColumns)[number]): readonly string[] =>
  columnsOfConversations.get(field) ?? noColumns;

const answerColumns = ["answer", "target", "canonical_solution"] as const;

/** Questions with one right answer: GSM8K, BIG-Bench Hard, HumanEval. */
export const questionAnswer = defineShape({
  id: "question_answer",
  title: "Questions with answers",
  looksLike: "question and answer, input and target, or prompt and canonical_solution",
  example: { question: "How many moons has Mars?", answer: "Two." },
  fields: [],
  when: (row) =>
    (Object.hasOwn(row, "question") && Object.hasOwn(row, "answer")) ||
    (Object.hasOwn(row, "input") && Object.hasOwn(row, "target") && !Object.hasOwn(row, "instruction")) ||
    (Object.hasOwn(row, "prompt") && Object.hasOwn(row, "canonical_solution")),
  row: z.looseObject(promptFields),
  open: eachRow((row) => {
    const column = answerColumns.find((name) => row[name] !== undefined && row[name] !== null) ?? "answer";
    const reply = row[column];
    return [
      demonstrated(
        describePrompt(promptMessages(row), row, columnsOfAnswers.get(column) ?? noColumns),
        typeof reply === "number" || typeof reply === "boolean"
          ? String(reply)
          : toMessages(reply, column, "assistant"),
      ),
    ];
  }),
});

const columnsOfAnswers = new Map(answerColumns.map((name) => [name, [name]]));

/** Replies and verdicts beside a prompt are never a description of it. */
const isJudged = (look: ReturnType<typeof lookOf>) => look === "reply" || look === "verdict";

export const promptsOnly = defineShape({
  id: "prompts",
  title: "Prompts without replies",
  looksLike: "prompt, as text or messages, and no column that looks like a reply or a verdict",
  example: { prompt: "How many moons has Mars?" },
  fields: ["prompt"],
  when: (row) =>
    (typeof row.prompt === "string" || (Array.isArray(row.prompt) && row.prompt.length > 0)) &&
    !Object.entries(row).some(([name, value]) => isJudged(lookOf(name, value))),
  row: z.looseObject(promptFields),
  open: eachRow((row) => [
    { prompt: describePrompt(promptMessages(row), row, noColumns), responses: [], judgements: [] },
  ]),
});

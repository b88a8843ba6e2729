import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import {
  assistantTurn,
  splitCommonPrompt,
  toMessages,
  toPrompt,
  toResponse,
  userTurn,
} from "../conversation";
import { RowRefused } from "../problems";
import { betterOrNone, fileLabel, judgement } from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { flag, judgeNamed, languageTag, listOf, moment, requireOutcome, unpacked } from "./spelling";

const battleColumns = new Set([
  "question_id",
  "id",
  "model_a",
  "model_b",
  "winner",
  "judge",
  "judge_hash",
  "evaluation_session_id",
  "conversation_a",
  "conversation_b",
  "language",
  "tstamp",
  "timestamp",
]);

/** Battles of the Chatbot Arena (33k, 100k, 140k) and MT-bench's judgements on the Hub: whole conversations. */
export const arenaBattles = defineShape({
  id: "arena_battles",
  title: "Arena battles with conversations",
  looksLike: "conversation_a, conversation_b and winner (model_a, model_b, tie or both bad)",
  example: {
    model_a: "model-a",
    model_b: "model-b",
    winner: "model_a",
    judge: "visitor_1",
    conversation_a: [
      { role: "user", content: "How many moons has Mars?" },
      { role: "assistant", content: "Two." },
    ],
    conversation_b: [
      { role: "user", content: "How many moons has Mars?" },
      { role: "assistant", content: "One." },
    ],
    language: "English",
    tstamp: 1700000000,
  },
  fields: ["conversation_a", "conversation_b", "winner"],
  row: z.looseObject({
    question_id: idSchema.nullish(),
    id: idSchema.nullish(),
    model_a: z.string().nullish(),
    model_b: z.string().nullish(),
    winner: z.string(),
    judge: idSchema.nullish(),
    judge_hash: idSchema.nullish(),
    evaluation_session_id: idSchema.nullish(),
    language: z.string().nullish(),
    tstamp: z.unknown().optional(),
    timestamp: z.unknown().optional(),
  }),
  open: eachRow((row) => {
    const conversations = (["conversation_a", "conversation_b"] as const).map((field) => {
      const messages = toMessages(unpacked(row[field]), field, "user");
      if (messages.length > 0) return messages;
      throw new RowRefused({ code: "empty-prompt", field, message: `${field} has no turns.` });
    });
    const { prompt, rests } = splitCommonPrompt(conversations);
    if (prompt.length === 0)
      throw new RowRefused({
        code: "no-prompt",
        field: "conversation_b",
        message: "The two conversations do not begin with the same question.",
      });
    const judge = row.judge ?? row.judge_hash ?? row.evaluation_session_id;
    return [
      {
        prompt: toPrompt(prompt, {
          externalId: row.question_id ?? row.id ?? undefined,
          language: languageTag(row.language),
          metadata: otherColumns(row, battleColumns),
        }),
        responses: [
          toResponse(rests[0], { source: row.model_a }),
          toResponse(rests[1], { source: row.model_b }),
        ],
        judgements: [
          {
            ...judgement(
              judge ? judgeNamed(judge) : fileLabel,
              betterOrNone(requireOutcome("winner", row.winner, [["model_a"], ["model_b"]])),
            ),
            at: moment(row.tstamp ?? row.timestamp),
          },
        ],
      },
    ];
  }),
});

const turns = listOf(z.string().nullable());
const competitionColumns = new Set([
  "id",
  "model_a",
  "model_b",
  "prompt",
  "response_a",
  "response_b",
  "winner_model_a",
  "winner_model_b",
  "winner_tie",
]);

/** Arena 55k, as its competition gives it: the turns of each side as lists, the verdict in three columns. */
export const arenaCompetition = defineShape({
  id: "arena_55k",
  title: "Arena battles with turns as lists (55k)",
  looksLike: "prompt, response_a, response_b, winner_model_a, winner_model_b and winner_tie",
  example: {
    id: 1,
    model_a: "model-a",
    model_b: "model-b",
    prompt: '["How many moons has Mars?"]',
    response_a: '["Two."]',
    response_b: '["One."]',
    winner_model_a: 1,
    winner_model_b: 0,
    winner_tie: 0,
  },
  fields: ["prompt", "response_a", "response_b", "winner_model_a", "winner_model_b"],
  row: z.looseObject({
    id: idSchema.nullish(),
    model_a: z.string().nullish(),
    model_b: z.string().nullish(),
    prompt: z.union([turns, z.string().transform((text) => [text])]),
    response_a: z.union([turns, z.string().transform((text) => [text])]),
    response_b: z.union([turns, z.string().transform((text) => [text])]),
    winner_model_a: flag,
    winner_model_b: flag,
    winner_tie: flag.default(false),
  }),
  open: eachRow((row) => {
    const [first, ...later] = row.prompt.map((text) => text ?? "");
    const exchange = (replies: readonly (string | null)[]) =>
      replies.flatMap((reply, index): Message[] => [
        ...(index > 0 ? [userTurn(later[index - 1] ?? "")] : []),
        assistantTurn(reply ?? ""),
      ]);
    const winners = (["a", "b", "tie"] as const).filter(
      (side) => row[side === "tie" ? "winner_tie" : `winner_model_${side}`],
    );
    if (winners.length !== 1)
      throw new RowRefused({
        code: "bad-answer",
        field: "winner_model_a",
        message: `${winners.length} of winner_model_a, winner_model_b and winner_tie are 1; it must be one.`,
      });
    return [
      {
        prompt: toPrompt([userTurn(first ?? "")], {
          externalId: row.id ?? undefined,
          metadata: otherColumns(row, competitionColumns),
        }),
        responses: [
          toResponse(exchange(row.response_a), { source: row.model_a }),
          toResponse(exchange(row.response_b), { source: row.model_b }),
        ],
        judgements: [judgement(fileLabel, betterOrNone(winners[0]))],
      },
    ];
  }),
});

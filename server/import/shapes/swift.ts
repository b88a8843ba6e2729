import { z } from "zod";
import { splitCommonPrompt, splitLastReply, toMessages, toResponse } from "../conversation";
import { RowRefused } from "../problems";
import { fileLabel, judgement, ranked } from "../questions";
import { describePrompt, promptFields } from "./fields";
import { verdict } from "./preference";
import { defineShape, eachRow } from "./shape";

const columns = ["messages", "rejected_response", "rejected_messages", "margin"];

/** ms-swift's preference rows: a conversation whose last reply is right, and what is worse in its place. */
export const swiftPreference = defineShape({
  id: "swift_preference",
  title: "Preference pairs (ms-swift)",
  looksLike: "messages, and rejected_response or rejected_messages",
  example: {
    messages: [
      { role: "user", content: "How many moons has Mars?" },
      { role: "assistant", content: "Two." },
    ],
    rejected_response: "One.",
  },
  fields: ["messages"],
  when: (row) => Boolean(row.rejected_response ?? row.rejected_messages),
  row: z.looseObject({
    ...promptFields,
    messages: z.array(z.unknown()),
    rejected_response: z.union([z.string(), z.array(z.string()).min(1)]).nullish(),
    rejected_messages: z.array(z.unknown()).nullish(),
    margin: z.number().nullish(),
  }),
  open: eachRow((row) => {
    const messages = toMessages(row.messages, "messages", "user");
    if (row.rejected_messages) {
      const rejected = toMessages(row.rejected_messages, "rejected_messages", "user");
      const { prompt, rests } = splitCommonPrompt([messages, rejected]);
      return [
        {
          prompt: describePrompt(prompt, row, columns),
          responses: rests.map((rest) => toResponse(rest)),
          judgements: [verdict(row.margin ?? null)],
        },
      ];
    }
    const { prompt, reply } = splitLastReply(messages);
    if (!reply)
      throw new RowRefused({
        code: "no-reply",
        field: "messages",
        message: "messages ends without a reply that rejected_response could be worse than.",
      });
    const worse = [row.rejected_response ?? []].flat();
    return [
      {
        prompt: describePrompt(prompt, row, columns),
        responses: [toResponse([reply]), ...worse.map((content) => ({ content, metadata: {} }))],
        judgements: [judgement(fileLabel, ranked([1, ...worse.map(() => 2)]))],
      },
    ];
  }),
});

import { z } from "zod";
import { splitLastReply, toMessages, toPrompt, toResponse } from "../conversation";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { languageTag, unpacked } from "./spelling";

const columns = new Set(["conversation", "model", "conversation_id", "conversation_hash", "language"]);

/** Logs of chats (WildChat, LMSYS-Chat-1M): the last reply is what a model said, not what it should have said. */
export const chatLog = defineShape({
  id: "chat_log",
  title: "Chat logs (WildChat, LMSYS)",
  looksLike: "conversation, a list of {role, content}, and the model that answered",
  example: {
    conversation: [
      { role: "user", content: "How many moons has Mars?" },
      { role: "assistant", content: "Two." },
    ],
    model: "model-a",
    language: "English",
  },
  fields: ["conversation", "model"],
  when: (row) => Array.isArray(unpacked(row.conversation)),
  row: z.looseObject({
    conversation: z.preprocess(unpacked, z.array(z.unknown())),
    model: z.string().nullish(),
    conversation_id: idSchema.nullish(),
    conversation_hash: idSchema.nullish(),
    language: z.string().nullish(),
  }),
  open: eachRow((row, context) => {
    const { prompt, reply } = splitLastReply(toMessages(row.conversation, "conversation", "user"));
    if (!reply)
      context.warn({
        code: "open-conversation",
        field: "conversation",
        message: "The conversation ends without a reply; it was imported as a prompt.",
      });
    return [
      {
        prompt: toPrompt(prompt, {
          externalId: row.conversation_id ?? row.conversation_hash ?? undefined,
          language: languageTag(row.language),
          metadata: otherColumns(row, columns),
        }),
        responses: reply ? [toResponse([reply], { source: row.model })] : [],
        judgements: [],
      },
    ];
  }),
});

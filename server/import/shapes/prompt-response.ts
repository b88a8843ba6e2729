import { z } from "zod";
import { toMessages, toResponse } from "../conversation";
import { demonstrated } from "./demonstration";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";
import { languageTag, unpacked } from "./spelling";

const columns = ["response", "system_prompt"];

/** OpenOrca and many an own table: a prompt and the reply to learn. */
export const promptResponse = defineShape({
  id: "prompt_response",
  title: "Prompts with a response (OpenOrca)",
  looksLike: "question, prompt or instruction, and response; system_prompt optional",
  fields: ["response"],
  when: (row) => hasPrompt(row) && typeof row.response === "string",
  row: z.looseObject({
    ...promptFields,
    system_prompt: z.string().nullish(),
    response: z.unknown(),
  }),
  open: eachRow((row) => {
    const system = row.system ?? row.system_prompt;
    return [
      demonstrated(
        describePrompt(
          promptMessages({ ...row, system }),
          { ...row, language: languageTag(row.language) },
          columns,
        ),
        toResponse(toMessages(unpacked(row.response), "response", "assistant")).content,
      ),
    ];
  }),
});

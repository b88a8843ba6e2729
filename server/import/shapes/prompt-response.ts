import { z } from "zod";
import { toMessages } from "../conversation";
import { demonstrated } from "./demonstration";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";
import { unpacked } from "./spelling";

const columns = ["response"];

/** OpenOrca and many an own table: a prompt and the reply to learn. */
export const promptResponse = defineShape({
  id: "prompt_response",
  title: "Prompts with a response (OpenOrca)",
  looksLike: "question, prompt or instruction, and response; system_prompt optional",
  example: { system_prompt: "Be brief.", question: "How many moons has Mars?", response: "Two." },
  fields: ["response"],
  when: (row) => hasPrompt(row) && typeof row.response === "string",
  row: z.looseObject({ ...promptFields, response: z.unknown() }),
  open: eachRow((row) => [
    demonstrated(
      describePrompt(promptMessages(row), row, columns),
      toMessages(unpacked(row.response), "response", "assistant"),
    ),
  ]),
});

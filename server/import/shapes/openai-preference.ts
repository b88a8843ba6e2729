import { z } from "zod";
import { toMessages, toPrompt, toResponse, toTools } from "../conversation";
import { better, fileLabel, judgement } from "../questions";
import { defineShape, eachRow, otherColumns } from "./shape";

const columns = new Set(["input", "preferred_output", "non_preferred_output"]);

/** Preference fine-tuning of OpenAI, and of Azure, Together and Fireworks, who read the same. */
export const openAiPreference = defineShape({
  id: "openai_preference",
  title: "OpenAI preference fine-tuning",
  looksLike: "input.messages, preferred_output and non_preferred_output",
  example: {
    input: { messages: [{ role: "user", content: "How many moons has Mars?" }] },
    preferred_output: [{ role: "assistant", content: "Two." }],
    non_preferred_output: [{ role: "assistant", content: "One." }],
  },
  fields: ["input", "preferred_output", "non_preferred_output"],
  row: z.looseObject({
    input: z.union([
      z.looseObject({ messages: z.array(z.unknown()), tools: z.unknown().optional() }),
      z.string().transform((content) => ({ messages: [{ role: "user", content }], tools: undefined })),
    ]),
  }),
  open: eachRow((row) => {
    const { messages, tools, ...settings } = row.input;
    return [
      {
        prompt: toPrompt(toMessages(messages, "input.messages", "user"), {
          tools: toTools(tools),
          metadata: { ...settings, ...otherColumns(row, columns) },
        }),
        responses: (["preferred_output", "non_preferred_output"] as const).map((field) =>
          toResponse(toMessages(row[field], field, "assistant")),
        ),
        judgements: [judgement(fileLabel, better("a"))],
      },
    ];
  }),
});

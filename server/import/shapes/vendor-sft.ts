import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { writeJson } from "../../../db/shape/written-json";
import { splitLastReply, toMessages, toPrompt, toResponse, toTools } from "../conversation";
import { RowRefused } from "../problems";
import { better, fileLabel, judgement } from "../questions";
import type { ImportRecord } from "../schema";
import { isRecord } from "../source/row";
import { demonstrated } from "./demonstration";
import { defineShape, eachRow, otherColumns } from "./shape";
import { numeric } from "./spelling";

const content = z.looseObject({ role: z.string().optional(), parts: z.array(z.looseObject({})) });
type Content = z.output<typeof content>;
const completion = z.looseObject({ score: numeric, completion: content });
const geminiColumns = new Set([
  "systemInstruction",
  "system_instruction",
  "contents",
  "tools",
  "completions",
]);

/** Gemini on Vertex AI: contents with parts; a reply to learn, or two completions scored 1 and 0. */
export const gemini = defineShape({
  id: "gemini",
  title: "Gemini tuning (Vertex AI)",
  looksLike: "contents, a list of {role, parts}; systemInstruction and completions optional",
  example: {
    contents: [
      { role: "user", parts: [{ text: "How many moons has Mars?" }] },
      { role: "model", parts: [{ text: "Two." }] },
    ],
  },
  fields: ["contents"],
  when: (row) => z.array(content).min(1).safeParse(row.contents).success,
  row: z.looseObject({
    systemInstruction: content.nullish(),
    system_instruction: content.nullish(),
    contents: z.array(content).min(1),
    completions: z.array(completion).nullish(),
    tools: z.unknown().optional(),
  }),
  open: eachRow((row) => {
    const system = row.systemInstruction ?? row.system_instruction;
    const turns = [
      ...(system ? turnsIn({ ...system, role: "system" }, "systemInstruction") : []),
      ...row.contents.flatMap((turn, index) => turnsIn(turn, `contents[${index}]`)),
    ];
    const about = { tools: toTools(row.tools), metadata: otherColumns(row, geminiColumns) };
    const { completions } = row;
    if (completions)
      return [
        scored(
          turns,
          about,
          completions.map(({ score, completion }, index) => ({
            score,
            turns: turnsIn({ ...completion, role: "model" }, `completions[${index}]`),
          })),
        ),
      ];
    const { prompt, reply } = splitLastReply(turns);
    if (reply) return [demonstrated(toPrompt(prompt, about), [reply])];
    return [{ prompt: toPrompt(prompt, about), responses: [], judgements: [] }];
  }),
});

function scored(
  prompt: Message[],
  about: Parameters<typeof toPrompt>[1],
  completions: { score: number; turns: Message[] }[],
): ImportRecord {
  const [first, second] = completions;
  if (!first || !second || completions.length > 2)
    throw new RowRefused({
      code: "wrong-type",
      field: "completions",
      message: `There are ${completions.length} completions; it must be two.`,
    });
  const outcome = first.score === second.score ? "tie" : first.score > second.score ? "a" : "b";
  return {
    prompt: toPrompt(prompt, about),
    responses: [first, second].map(({ turns, score }) => toResponse(turns, { metadata: { score } })),
    judgements: [judgement(fileLabel, better(outcome))],
  };
}

/** Texts are joined; calls of functions keep their form, and each of their results is a turn before the text. */
function turnsIn({ role, parts }: Content, field: string): Message[] {
  const calls = parts.flatMap((part) =>
    isRecord(part.functionCall)
      ? [
          {
            type: "function",
            function: { name: part.functionCall.name, arguments: part.functionCall.args ?? {} },
          },
        ]
      : [],
  );
  const results = parts.flatMap(({ functionResponse: result }): Message[] =>
    isRecord(result)
      ? [
          {
            role: "tool",
            content: writeJson(result.response ?? {}),
            ...(typeof result.name === "string" ? { name: result.name } : {}),
          },
        ]
      : [],
  );
  const other = parts.findIndex(
    (part) =>
      typeof part.text !== "string" && !isRecord(part.functionCall) && !isRecord(part.functionResponse),
  );
  if (other >= 0)
    throw new RowRefused({
      code: "wrong-type",
      field: `${field}.parts[${other}]`,
      message: `${field} has a part that is no text (${Object.keys(parts[other] ?? {}).join(", ")}); only text can be imported.`,
    });
  const text = parts.map((part) => (typeof part.text === "string" ? part.text : "")).join("");
  if (results.length > 0 && text === "" && calls.length === 0) return results;
  const said = { role: role ?? "user", content: text, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  return [...results, ...toMessages([said], field, "user")];
}

const bedrockColumns = new Set(["schemaVersion", "system", "messages", "tools"]);

/** Amazon Bedrock's conversations: system and content are lists of {text}. */
export const bedrock = defineShape({
  id: "bedrock",
  title: "Bedrock conversations",
  looksLike: 'schemaVersion "bedrock-conversation-2024", messages with content [{text}], and system [{text}]',
  example: {
    schemaVersion: "bedrock-conversation-2024",
    system: [{ text: "Be brief." }],
    messages: [
      { role: "user", content: [{ text: "How many moons has Mars?" }] },
      { role: "assistant", content: [{ text: "Two." }] },
    ],
  },
  fields: ["schemaVersion", "messages"],
  when: (row) =>
    typeof row.schemaVersion === "string" && row.schemaVersion.startsWith("bedrock-conversation"),
  row: z.looseObject({
    system: z.array(z.looseObject({ text: z.string() })).nullish(),
    messages: z.array(z.unknown()),
  }),
  open: eachRow((row) => {
    const system = (row.system ?? []).map(({ text }): Message => ({ role: "system", content: text }));
    const { prompt, reply } = splitLastReply([...system, ...toMessages(row.messages, "messages", "user")]);
    const described = toPrompt(prompt, { metadata: otherColumns(row, bedrockColumns) });
    return [reply ? demonstrated(described, [reply]) : { prompt: described, responses: [], judgements: [] }];
  }),
});

import { describe, expect, it } from "vitest";
import type { ImportOptionsInput, ImportRecord } from "@/server/import/schema";
import { jsonl, readText } from "./import-helpers";

async function convert(row: unknown, options?: ImportOptionsInput): Promise<ImportRecord[]> {
  const { records, problems } = await readText("rows.jsonl", jsonl(row), options);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return records;
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const chosenFirst = [{ rater: { kind: "label" }, answers: { better: { outcome: "a" } } }];

describe("preference rows", () => {
  const expected = {
    prompt: { messages: [user("What color is the sky?")] },
    responses: [{ content: "It is blue." }, { content: "It is green." }],
    judgements: chosenFirst,
  };
  const sky = [user("What color is the sky?")];
  it.each([
    [
      "conversational, explicit",
      { prompt: sky, chosen: [assistant("It is blue.")], rejected: [assistant("It is green.")] },
    ],
    [
      "conversational, implicit",
      { chosen: [...sky, assistant("It is blue.")], rejected: [...sky, assistant("It is green.")] },
    ],
    [
      "explicit, prompt repeated",
      {
        prompt: sky,
        chosen: [...sky, assistant("It is blue.")],
        rejected: [...sky, assistant("It is green.")],
      },
    ],
    [
      "plain, explicit",
      { prompt: "What color is the sky?", chosen: "It is blue.", rejected: "It is green." },
    ],
    [
      "HH",
      {
        chosen: "\n\nHuman: What color is the sky?\n\nAssistant: It is blue.",
        rejected: "\n\nHuman: What color is the sky?\n\nAssistant: It is green.",
      },
    ],
    [
      "LLaMA-Factory",
      {
        conversations: [{ from: "human", value: "What color is the sky?" }],
        chosen: { from: "gpt", value: "It is blue." },
        rejected: { from: "gpt", value: "It is green." },
      },
    ],
    ["Axolotl", { input: "What color is the sky?", chosen: "It is blue.", rejected: "It is green." }],
  ])("%s", async (_, row) => {
    expect(await convert(row)).toMatchObject([expected]);
  });

  /** The example of TRL's documentation of `extract_prompt`. */
  it("plain, implicit: splits where TRL does", async () => {
    const [record] = await convert({ chosen: "The sky is blue.", rejected: "The sky is green." });
    expect(record.prompt.messages).toEqual([user("The sky is")]);
    expect(record.responses.map(({ content }) => content)).toEqual([" blue.", " green."]);
  });

  it("keeps a margin of our own exports as strength, and every other number exactly", async () => {
    const row = { prompt: "a", chosen: "b", rejected: "c" };
    const [strong] = await convert({ ...row, margin: 0.67, id: "r1", annotators: 3 });
    expect(strong.judgements[0].answers).toEqual({
      better_by: { type: "preference", outcome: "a", level: 2, strength: 0.67 },
    });
    expect(strong.responses[0].metadata).toEqual({ margin: 0.67, annotators: 3 });
    const [scored] = await convert({ ...row, score_chosen: 8.5, score_rejected: 2, extra: "kept" });
    expect(scored.responses.map(({ metadata }) => metadata)).toEqual([{ score: 8.5 }, { score: 2 }]);
    expect(scored.prompt.metadata).toEqual({ extra: "kept" });
  });

  it("keeps tools, tool calls and system turns", async () => {
    const tools = [{ type: "function", function: { name: "clock" } }];
    const call = {
      role: "assistant",
      content: null,
      tool_calls: [{ type: "function", function: { name: "clock", arguments: {} } }],
    };
    const [record] = await convert({
      prompt: [{ role: "system", content: "Be brief." }, user("Time?")],
      chosen: [call, { role: "tool", name: "clock", content: "12:00" }, assistant("Noon.")],
      rejected: [assistant("No idea.")],
      tools: JSON.stringify(tools),
    });
    expect(record.prompt).toMatchObject({ messages: [{ role: "system" }, { role: "user" }], tools });
    expect(record.responses[0].metadata.messages).toMatchObject([
      { tool_calls: call.tool_calls },
      { role: "tool" },
      { content: "Noon." },
    ]);
    expect(record.responses[0].content).toContain("Noon.");
  });
});

describe("single replies", () => {
  const expected = {
    prompt: { messages: [user("Say hi.")] },
    responses: [],
    judgements: [{ answers: { demonstration: { text: "Hi!" } } }],
  };
  it.each([
    ["TRL messages", { messages: [user("Say hi."), assistant("Hi!")] }],
    ["TRL prompt and completion", { prompt: "Say hi.", completion: "Hi!" }],
    [
      "TRL conversational prompt and completion",
      { prompt: [user("Say hi.")], completion: [assistant("Hi!")] },
    ],
    ["Alpaca", { instruction: "Say hi.", input: "", output: "Hi!" }],
    [
      "ShareGPT",
      {
        conversations: [
          { from: "human", value: "Say hi." },
          { from: "gpt", value: "Hi!" },
        ],
      },
    ],
  ])("%s", async (_, row) => {
    expect(await convert(row)).toMatchObject([expected]);
  });

  it("become responses to judge when asked", async () => {
    const [record] = await convert({ prompt: "Say hi.", completion: "Hi!" }, { replies: "response" });
    expect(record).toMatchObject({ responses: [{ content: "Hi!" }], judgements: [] });
  });

  it("keep the history of Alpaca rows as turns", async () => {
    const [record] = await convert({
      instruction: "And 3+3?",
      input: "",
      output: "6",
      history: [["2+2?", "4"]],
      system: "Count.",
    });
    expect(record.prompt.messages).toEqual([
      { role: "system", content: "Count." },
      user("2+2?"),
      assistant("4"),
      user("And 3+3?"),
    ]);
  });

  it("of one prompt by different people are all kept, exact repetitions once", async () => {
    const rows = ["Hi!", "Hello.", "Hi!"].map((completion) => ({ prompt: "Say hi.", completion }));
    const { records } = await readText("rows.jsonl", jsonl(...rows));
    expect(records.flatMap(({ judgements }) => judgements.map(({ rater }) => rater.id))).toEqual([
      "label",
      "label 2",
    ]);
  });
});

describe("graded replies", () => {
  it("unpaired", async () => {
    const [record] = await convert({ prompt: "a", completion: "b", label: false });
    expect(record).toMatchObject({
      responses: [{ content: "b" }],
      judgements: [{ answers: { label: { values: [["bad"]] } } }],
    });
  });

  it("stepwise", async () => {
    const [record] = await convert({ prompt: "a", completions: ["one", "two"], labels: [true, false] });
    expect(record.responses).toEqual([
      {
        content: "one\ntwo",
        metadata: {
          steps: [
            { text: "one", label: true },
            { text: "two", label: false },
          ],
        },
      },
    ]);
  });

  it.each([
    [
      "our ranked export",
      {
        prompt: [user("q")],
        completions: [[assistant("b")], [assistant("a")], [assistant("c")]],
        ranks: [2, 1, 2],
      },
      [2, 1, 2],
    ],
    [
      "NeMo-RL",
      {
        context: [user("q")],
        completions: [
          { rank: 1, completion: [assistant("b")] },
          { rank: 0, completion: [assistant("a")] },
          { rank: 2, completion: [assistant("c")] },
        ],
      },
      [2, 1, 3],
    ],
    [
      "scores",
      {
        prompt: "q",
        responses: [
          { text: "b", score: 0.5 },
          { text: "a", score: 0.9 },
          { text: "c", score: 0.1 },
        ],
      },
      [2, 1, 3],
    ],
    ["best first", { instruction: "q", output: ["b", "a", "c"] }, [1, 2, 3]],
  ])("%s", async (_, row, ranks) => {
    const [record] = await convert(row);
    expect(record.prompt.messages).toEqual([user("q")]);
    expect(record.responses.map(({ content }) => content)).toEqual(["b", "a", "c"]);
    expect(record.judgements[0].answers).toEqual({ ranking: { type: "ranking", ranks } });
  });
});

it("OpenAssistant trees give a task for every user turn", async () => {
  const turn = (message_id: string, role: string, text: string, more: object = {}) => ({
    message_id,
    role,
    text,
    lang: "en",
    replies: [],
    ...more,
  });
  const records = await convert({
    message_tree_id: "t",
    prompt: turn("1", "prompter", "Q", {
      replies: [
        turn("2", "assistant", "A1", {
          rank: 1,
          replies: [turn("4", "prompter", "And?", { replies: [turn("5", "assistant", "So.")] })],
        }),
        turn("3", "assistant", "A0", { rank: 0 }),
      ],
    }),
  });
  expect(records).toMatchObject([
    {
      prompt: { messages: [user("Q")], language: "en" },
      responses: [{ content: "A1" }, { content: "A0" }],
      judgements: [{ answers: { better: { outcome: "b" } } }],
    },
    {
      prompt: { messages: [user("Q"), assistant("A1"), user("And?")] },
      responses: [{ content: "So." }],
      judgements: [],
    },
  ]);
});

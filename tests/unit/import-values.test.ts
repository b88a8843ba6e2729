import { describe, expect, it } from "vitest";
import { writeJson } from "@/db/shape/written-json";
import { jsonl, readText } from "./import-helpers";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const call = { id: "c", type: "function", function: { name: "add", arguments: '{"a":1}' } };

const read = async (row: object, more: object[] = []) => {
  const { records, problems } = await readText("a.jsonl", jsonl(row, ...more));
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return { ...records[0], codes: problems.map(({ code }) => code), all: records };
};

const pair = { chosen: "good answer", rejected: "bad answer" };

describe("the prompt is everything that was asked", () => {
  it.each([
    [
      "prompt and input",
      { prompt: "Summarise the text.", input: "The cat sat." },
      [user("Summarise the text.\n\nThe cat sat.")],
    ],
    [
      "context and question",
      { context: "Paris is big.", question: "How big?" },
      [user("Paris is big.\n\nHow big?")],
    ],
    [
      "instruction and question",
      { instruction: "Answer briefly.", question: "How big?" },
      [user("Answer briefly.\n\nHow big?")],
    ],
    ["a passage", { passage: "Bern is small.", query: "How big?" }, [user("How big?\n\nBern is small.")]],
    ["a number in a table of questions", { question: 12 }, [user("12")]],
    [
      "a prompt made of the other columns",
      { question: "How big is Bern?", prompt: "Q: How big is Bern?\nA:" },
      [user("Q: How big is Bern?\nA:")],
    ],
    [
      "a system prompt beside messages with one of their own",
      { system: "Be brief.", prompt: [{ role: "system", content: "Be kind to all." }, user("Hi")] },
      [{ role: "system", content: "Be brief.\n\nBe kind to all." }, user("Hi")],
    ],
    [
      "history as messages",
      { prompt: "And of Italy?", history: [user("Capital of France?"), assistant("Paris.")] },
      [user("Capital of France?"), assistant("Paris."), user("And of Italy?")],
    ],
    [
      "a context beside messages",
      { context: "You are in Bern.", prompt: [user("Where am I?")] },
      [user("You are in Bern.\n\nWhere am I?")],
    ],
  ])("%s", async (_, columns, messages) => {
    const { prompt } = await read({ ...columns, ...pair });
    expect(prompt.messages).toEqual(messages);
  });

  it("turns that both replies begin with, beside a prompt column or not", async () => {
    const before = [user("Capital of France?"), assistant("Paris."), user("And of Italy?")];
    const replies = {
      chosen: [...before, assistant("Rome.")],
      rejected: [...before, assistant("Milan.")],
    };
    for (const columns of [
      {},
      { prompt: "And of Italy?" },
      { prompt: "Capital of France?" },
      { prompt: before },
    ]) {
      const { prompt, responses, codes } = await read({ ...columns, ...replies });
      expect(prompt.messages).toEqual(before);
      expect(responses.map(({ content }) => content)).toEqual(["Rome.", "Milan."]);
      expect(codes).toEqual([]);
    }
  });

  it("a system prompt beside a conversation with its reply", async () => {
    const row = (system: string) => ({ system, messages: [user("Hi"), assistant(`${system}!`)] });
    const { all } = await read(row("Be a pirate."), [row("Be a lord.")]);
    expect(all.map(({ prompt }) => prompt.messages[0].content)).toEqual(["Be a pirate.", "Be a lord."]);
    expect(all.every(({ judgements }) => judgements[0].rater.id === "label")).toBe(true);
  });
});

describe("a reply keeps its structure", () => {
  const demonstrationOf = ({ judgements }: Awaited<ReturnType<typeof read>>) =>
    judgements[0].answers.demonstration;

  it("a call of a tool", async () => {
    const reply = { role: "assistant", content: null, tool_calls: [call] };
    expect(
      demonstrationOf(await read({ messages: [user("1+1?"), reply], tools: [{ name: "add" }] })),
    ).toMatchObject({ turns: [{ role: "assistant", content: "", tool_calls: [call] }] });
  });

  it("several turns", async () => {
    const completion = [assistant("Name?"), user("Ann"), assistant("Hello, Ann.")];
    expect(demonstrationOf(await read({ prompt: "Hi", completion }))).toMatchObject({
      text: "Name?\n\nHuman: Ann\n\nAssistant: Hello, Ann.",
      turns: completion,
    });
  });

  it.each(["reasoning_content", "thinking", "reasoning"])("thoughts under %s", async (name) => {
    const thoughtful = { ...assistant("4"), [name]: "two and two" };
    expect(demonstrationOf(await read({ messages: [user("2+2?"), thoughtful] }))).toMatchObject({
      turns: [{ ...assistant("4"), reasoning_content: "two and two" }],
    });
    const { responses } = await read({ prompt: "2+2?", chosen: [thoughtful], rejected: [assistant("4")] });
    expect(responses[0].metadata.messages).toEqual([{ ...assistant("4"), reasoning_content: "two and two" }]);
  });

  it("calls that LLaMA-Factory and ms-swift write as text, those made at once in one turn", async () => {
    const named = (name: string) => JSON.stringify({ name, arguments: { p: 200 } });
    const { prompt } = await read({
      conversations: [
        { from: "human", value: "20% off?" },
        { from: "function_call", value: named("calc") },
        { from: "function_call", value: named("print") },
        { from: "observation", value: "160" },
        { from: "gpt", value: "160." },
      ],
    });
    expect(prompt.messages[1]).toEqual({
      role: "assistant",
      content: "",
      tool_calls: ["calc", "print"].map((name) => ({
        type: "function",
        function: { name, arguments: { p: 200 } },
      })),
    });
  });

  it("weights: a reply of weight 0 is nothing to learn", async () => {
    const turns = [user("q"), assistant("good"), user("more"), { ...assistant("bad"), weight: 0 }];
    const { all, codes } = await read({ messages: turns });
    expect(all[0]).toMatchObject({
      prompt: { messages: [user("q")] },
      judgements: [{ answers: { demonstration: { text: "good" } } }],
    });
    expect(all[1]).toMatchObject({ responses: [{ content: "bad" }], judgements: [] });
    expect(all[1].responses[0].metadata.turn_details).toEqual([{ turn: 1, weight: 0 }]);
    expect(codes).toEqual(["weight-zero"]);
  });
});

describe("a label is a verdict in every layout", () => {
  it.each([
    { messages: [user("q"), assistant("a")], label: false },
    {
      conversations: [
        { from: "human", value: "q" },
        { from: "gpt", value: "a" },
      ],
      kto_tag: false,
    },
    { instruction: "q", input: "", output: "a", kto_tag: "false" },
    { prompt: "q", completion: [assistant("a")], label: 0 },
    { prompt: "q", response: "a", label: "undesirable" },
    { prompt: "q", completion: "a", is_desirable: "False" },
  ])("%j", async (row) => {
    const { responses, judgements } = await read(row);
    expect(responses).toMatchObject([{ content: "a" }]);
    expect(judgements).toMatchObject([{ answers: { label: { values: [["bad"]] } } }]);
  });

  it("what is neither true nor false is refused where the others are", async () => {
    const rows = [true, false, true, false, "maybe"].map((label, n) => ({
      prompt: `q${n}`,
      completion: "a",
      label,
    }));
    const { records, problems } = await readText("a.jsonl", jsonl(...rows));
    expect(records).toHaveLength(4);
    expect(problems).toMatchObject([{ code: "wrong-type", row: 5, field: "label" }]);
  });
});

describe("text that spells something else", () => {
  it("messages written as JSON text", async () => {
    const asText = (reply: string) => JSON.stringify([user("p"), assistant(reply)]);
    const { prompt, responses } = await read({ prompt: "p", chosen: asText("yes"), rejected: asText("no") });
    expect(prompt.messages).toEqual([user("p")]);
    expect(responses.map(({ content }) => content)).toEqual(["yes", "no"]);
  });

  it("messages in Python's notation are refused by name", async () => {
    const { problems } = await readText(
      "a.csv",
      `prompt,chosen,rejected\np,"[{'role': 'assistant', 'content': 'yes'}]",no\n`,
    );
    expect(problems).toMatchObject([{ code: "wrong-type", field: "chosen", message: /json\.dumps/ }]);
  });

  it("numbers and lists in a table", async () => {
    const { records, problems } = await readText(
      "a.csv",
      'prompt,completions,ranks\np,"[""x"",""y""]","[2, 1]"\n',
    );
    expect(problems).toEqual([]);
    expect(records[0].judgements[0].answers).toMatchObject({ better: { outcome: "b" } });
    const margins = await readText("b.csv", "prompt,chosen,rejected,margin\np,a,b,0.5\nq,a,b,n/a\nr,a,b,\n");
    expect(margins.problems.map(({ code }) => code)).toEqual([]);
    expect(margins.records.map(({ responses }) => responses[0].metadata)).toEqual([
      { margin: 0.5 },
      { margin: "n/a" },
      {},
    ]);
  });

  it("integers beyond 2^53 keep their digits, in rows and in JSON text", async () => {
    const rows = [9007199254740993n, 9007199254740994n].map(
      (id) =>
        `{"id":${id},"prompt":"p ${id}","completion":"a \\" 9007199254740993","at":[-9007199254740993,1.5,12],` +
        `"tools":"[{\\"max\\":9007199254740993}]"}\n`,
    );
    const { records, problems } = await readText("a.jsonl", rows.join(""));
    expect(problems).toEqual([]);
    expect(records.map(({ prompt }) => prompt.externalId)).toEqual(["9007199254740993", "9007199254740994"]);
    const [{ prompt, judgements }] = records;
    expect(writeJson(prompt.tools)).toBe('[{"max":9007199254740993}]');
    expect(prompt.metadata.at).toEqual(["-9007199254740993", 1.5, 12]);
    expect(judgements[0].answers.demonstration).toMatchObject({ text: 'a " 9007199254740993' });
  });

  it("descriptions of another type refuse nothing", async () => {
    const { prompt } = await read({
      prompt: "p",
      ...pair,
      category: 5,
      source: ["lmsys", "x"],
      dataset: "y",
    });
    expect(prompt).toMatchObject({ domain: "5", source: "y", metadata: { source: ["lmsys", "x"] } });
  });
});

describe("a file of one row", () => {
  const row = { prompt: "p", ...pair };
  it.each([
    ["a.jsonl", { ...row, tools: [{ name: "a" }, { name: "b" }] }, { tools: [{ name: "a" }, { name: "b" }] }],
    ["a.json", { ...row, tools: [{ name: "a" }, { name: "b" }] }, { tools: [{ name: "a" }, { name: "b" }] }],
    ["a.json", { ...row, tags: [] }, { messages: [user("p")] }],
    [
      "a.json",
      { ...row, raters: [{ name: "x" }, { name: "y" }] },
      { metadata: { raters: [{ name: "x" }, { name: "y" }] } },
    ],
  ])("%s is one row, whatever lists it holds", async (name, value, prompt) => {
    const { records, problems } = await readText(name, JSON.stringify(value));
    expect(problems.filter(({ code }) => code !== "unused-column")).toEqual([]);
    expect(records).toHaveLength(1);
    expect(records[0].prompt).toMatchObject(prompt);
  });

  it("with messages as objects", async () => {
    const { records } = await readText(
      "a.json",
      JSON.stringify({ prompt: user("p"), chosen: assistant("a"), rejected: assistant("b") }),
    );
    expect(records).toMatchObject([{ prompt: { messages: [user("p")] } }]);
  });
});

describe("what no database can hold is named before anything is written", () => {
  const inCall = {
    role: "assistant",
    content: null,
    tool_calls: [{ function: { name: "f", arguments: { "a\0": 1 } } }],
  };
  it.each([
    [{ prompt: "p", ...pair, id: "a\0b" }, "id"],
    [{ prompt: [{ ...user("p"), name: "n\0" }], ...pair }, "prompt[0].name"],
    [
      { prompt: [user("p"), inCall, { role: "tool", content: "r" }], ...pair },
      "prompt[1].tool_calls[0].function.arguments.a\ufffd",
    ],
    [{ prompt: "p", ...pair, "x\0y": 1 }, "x\ufffdy"],
    [{ prompt: "p", ...pair, notes: { deep: ["a\ud800"] } }, "notes.deep[0]"],
    [{ prompt: "p", ...pair, tools: [{ name: "\ud800" }] }, "tools[0].name"],
    [{ prompt: "p", ...pair, language: "e\0" }, "language"],
    [
      { prompt: "p", chosen: [{ ...assistant("a"), note: "\0" }], rejected: "b" },
      "response 1.metadata.turn_details[0].note",
    ],
  ])("%j", async (row, field) => {
    const { records, problems } = await readText("a.jsonl", jsonl({ prompt: "ok", ...pair }, row));
    expect(records).toHaveLength(1);
    expect(problems.find(({ severity }) => severity === "error")).toMatchObject({ row: 2, line: 2, field });
    expect(JSON.stringify(problems)).not.toMatch(/\\u0000|\\ud800/);
  });
});

describe("tables that escape quotes with backslashes", () => {
  it("are read as Spark wrote them, and a cell that ends in a backslash stays one elsewhere", async () => {
    const spark = 'prompt,chosen,rejected\np1,"He said \\"hi\\" to me",b\np2,"He said \\"hi\\", ok",d\n';
    const { records, problems } = await readText("a.csv", spark);
    expect(problems).toEqual([]);
    expect(records.map(({ responses }) => responses[0].content)).toEqual([
      'He said "hi" to me',
      'He said "hi", ok',
    ]);
    const folder = await readText("b.csv", 'prompt,chosen,rejected\np,"C:\\dir\\","a ""b"" c"\n');
    expect(folder.records[0].responses.map(({ content }) => content)).toEqual(["C:\\dir\\", 'a "b" c']);
  });
});

describe("rows that say the same text with other details", () => {
  it("are named: the details of the first are kept", async () => {
    const { records, problems } = await readText(
      "a.jsonl",
      jsonl({ prompt: "p", batch: 1 }, { prompt: "p", batch: 2 }, { prompt: "p", batch: 1 }),
    );
    expect(records).toHaveLength(1);
    expect(problems.map(({ code, row }) => [code, row])).toEqual([
      ["other-details", 2],
      ["duplicate", 2],
      ["duplicate", 3],
    ]);
    expect(problems[0].message).toContain('"batch"');
  });
});

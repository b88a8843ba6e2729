import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseRunSpec, type RunSpec } from "@/workers/engine/spec/spec";
import { loadRows, readExampleLines } from "@/workers/engine/tokenize/dataset";
import { parseExample } from "@/workers/engine/tokenize/examples";
import { bestOfN, chainOfHindsight, qualityConditioned } from "@/workers/engine/tokenize/feedback";
import { tokenizeSft } from "@/workers/engine/tokenize/sft";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";

const tokenizers = resolve(import.meta.dirname, "../parity/golden/tokenizers");
const chatml = openTokenizer(join(tokenizers, "qwen"));
const llama3 = openTokenizer(join(tokenizers, "llama3"));
const scratch = mkdtempSync(join(tmpdir(), "concord-rows-"));

function fileOf(...rows: unknown[]): string {
  const file = join(scratch, `${Math.random()}.jsonl`);
  writeFileSync(file, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return file;
}

function specOf(options: Record<string, unknown>): RunSpec {
  const { spec, problems } = parseRunSpec({ model: "m", train: "t", output: "o", ...options });
  if (spec === null) throw new Error(JSON.stringify(problems));
  return spec;
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

describe("bad rows stop a run and name file, row and field", () => {
  it.each([
    ["not JSON", ["{"], "row 1 is not valid JSON"],
    ["a missing field", [{ prompt: "a", chosen: "b" }], "row 1: rejected is missing"],
    ["a wrong type", [{ prompt: "a", chosen: 3, rejected: "c" }], "row 1: chosen is not valid"],
    [
      "an empty side",
      [
        { prompt: "a", chosen: "b", rejected: "c" },
        { prompt: "a", chosen: "", rejected: "c" },
      ],
      "row 2: chosen is empty",
    ],
    [
      "an answer without content",
      [{ prompt: [user("a")], chosen: [assistant("")], rejected: [assistant("c")] }],
      "row 1: chosen is empty",
    ],
    [
      "text beside messages",
      [{ prompt: "a", chosen: [assistant("b")], rejected: "c" }],
      "prompt and chosen differ in form",
    ],
    [
      "half a character",
      [{ prompt: "a", chosen: "b\ud800", rejected: "c" }],
      "row 1: chosen contains half a surrogate pair",
    ],
    [
      "tools that are no list",
      [{ prompt: [user("a")], chosen: [assistant("b")], rejected: [assistant("c")], tools: "{}" }],
      "row 1: tools is not valid",
    ],
    [
      "a message without role",
      [{ prompt: [{ content: "a" }], chosen: [assistant("b")], rejected: [assistant("c")] }],
      "row 1: prompt",
    ],
  ])("%s", (_name, rows, message) => {
    const file = fileOf(...rows);
    expect(() => loadRows(file, specOf({ method: "preference" }), chatml, "train")).toThrow(file);
    expect(() => loadRows(file, specOf({ method: "preference" }), chatml, "train")).toThrow(message);
  });

  it("scores that do not match the completions", () => {
    const file = fileOf({ prompt: "a", completions: ["b", "c"], scores: [1] });
    expect(() =>
      loadRows(file, specOf({ method: "preference", loss_type: "rrhf" }), chatml, "train"),
    ).toThrow("scores has 1 numbers for 2 completions");
  });

  it("a file whose rows are all dropped", () => {
    const file = fileOf({ prompt: "a long prompt that fills everything", chosen: "b", rejected: "c" });
    expect(() => loadRows(file, specOf({ method: "preference", max_length: 2 }), chatml, "train")).toThrow(
      "all were dropped: 1 row because the prompt alone fills max_length",
    );
  });
});

it("a ChatML answer that begins with a newline merges with the prompt: it begins earlier, and that is told", () => {
  const file = fileOf(
    { prompt: [user("a")], chosen: [assistant("b")], rejected: [assistant("c")] },
    { prompt: [user("a")], chosen: [assistant("\n\nb")], rejected: [assistant("c")] },
  );
  const { dataset, dropped, parted } = loadRows(file, specOf({ method: "preference" }), chatml, "train");
  if (dataset.kind !== "preference") throw new Error("not preference rows");
  expect([dropped, parted]).toEqual([[], [2]]);
  const [whole, cut] = dataset.rows;
  expect(cut.prompt_ids).toEqual(whole.prompt_ids.slice(0, -1));
  // The rejected answer is cut at the shorter beginning too, so both are learnt after the same tokens.
  expect(cut.rejected_ids).toEqual([whole.prompt_ids.at(-1), ...whole.rejected_ids]);
});

it("numbers and keys come to the template as they were written", () => {
  const template = join(scratch, "written.jinja");
  writeFileSync(template, "{{ tools | tojson }}{{ messages[0] | tojson }}{{ limit }}");
  const tools = '[{"b": 1.0, "9": 1e3, "1": 12345678901234567890}]';
  const file = fileOf(
    `{"chat_template_kwargs":{"limit":2.0},"messages":[{"content":"a","role":"user"}],"tools":${tools}}`,
  );
  const tokenizer = openTokenizer(join(tokenizers, "qwen"), template);
  const [text] = readExampleLines(file, "sft", (example) =>
    "messages" in example ? tokenizer.render(example.messages, example) : "",
  );
  expect(text).toBe(
    '[{"b": 1.0, "9": 1000.0, "1": 12345678901234567890}]{"content": "a", "role": "user"}2.0',
  );
});

it("rows whose text spells a special token are reported, a closing EOS is not", () => {
  const file = fileOf(
    { prompt: "a", chosen: " b<|im_end|>", rejected: " c" },
    { prompt: "what does <|im_start|> mean?", chosen: " b", rejected: " c" },
  );
  expect(loadRows(file, specOf({ method: "preference" }), chatml, "train").spelling).toEqual([2]);
});

it("KTO takes comparisons apart: all better answers, then all worse ones", () => {
  const file = fileOf(
    { prompt: "a", chosen: " b", rejected: " c" },
    { prompt: "d", chosen: " e", rejected: " f" },
  );
  const { dataset } = loadRows(file, specOf({ method: "kto" }), chatml, "train");
  if (dataset.kind !== "kto") throw new Error("not KTO rows");
  expect(dataset.rows.map(({ row, label }) => [row, label])).toEqual([
    [1, true],
    [2, true],
    [1, false],
    [2, false],
  ]);
});

it("the assistant's mask of an untagged, unknown template is an error that says what to do", () => {
  const template = join(scratch, "unknown.jinja");
  writeFileSync(template, "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}");
  const unknown = openTokenizer(join(tokenizers, "qwen"), template);
  expect(() => unknown.encodeChatWithMask([user("a"), assistant("b")])).toThrow(
    "assistant_only_loss needs a chat template",
  );
});

describe("demonstrations from feedback", () => {
  const place = { file: "rows.jsonl", row: 1 };
  const options = { maxLength: null, assistantOnly: false, completionOnly: null };

  /** The text under the loss, token by token. */
  function learnt(tokenizer: typeof chatml, tokens: ReturnType<typeof tokenizeSft>): string {
    if ("dropped" in tokens) throw new Error(tokens.dropped);
    return tokenizer.decode(tokens.input_ids.filter((_, i) => tokens.labels[i]));
  }

  it("Chain of Hindsight on plain text learns both answers and nothing of the template", () => {
    const row = parseExample(
      "hindsight",
      { prompt: "What?", chosen: "Good one.", rejected: "Bad one.", critique: "Too short." },
      place,
    );
    expect(learnt(llama3, tokenizeSft(llama3, chainOfHindsight(row), options))).toBe(
      "Bad one.Good one.<|eot_id|>",
    );
  });

  it("Chain of Hindsight in a conversation makes the critique a user's turn", () => {
    const row = parseExample(
      "hindsight",
      {
        prompt: [user("What?")],
        chosen: [assistant("Good.")],
        rejected: [assistant("Bad.")],
        critique: "Too short.",
      },
      place,
    );
    const tokens = tokenizeSft(chatml, chainOfHindsight(row), options);
    expect(learnt(chatml, tokens)).toBe("Bad.<|im_end|>Good.<|im_end|>");
    if ("dropped" in tokens) throw new Error(tokens.dropped);
    expect(chatml.decode(tokens.input_ids)).toContain(
      "<|im_start|>user\nToo short.\n\nGive a better answer.<|im_end|>",
    );
  });

  it("quality-conditioned rows state the quality before the answer", () => {
    const row = parseExample("quality", { prompt: "Q", completions: ["x", "y"], scores: [1, 3] }, place);
    expect(qualityConditioned(row)).toMatchObject([
      { prompt: "Answer quality: bad.\n\nQ", completion: "x" },
      { prompt: "Answer quality: good.\n\nQ", completion: "y" },
    ]);
    const labelled = parseExample(
      "quality",
      { prompt: [{ role: "system", content: "S" }, user("Q")], completion: [assistant("x")], label: true },
      place,
    );
    expect(qualityConditioned(labelled)).toMatchObject([
      { prompt: [{ role: "system", content: "S\n\nAnswer quality: good." }, user("Q")] },
    ]);
  });

  it("best of n keeps the highest reward of each prompt, with the row it was given in", () => {
    const asked = { prompt: "a", chat_template_kwargs: { thinking: true } };
    const answers = [
      { row: { ...asked, id: "1" }, completion: "x", reward: 0.2 },
      { row: { ...asked, id: "2" }, completion: "y", reward: 0.7 },
      { row: { prompt: "a", id: "3" }, completion: "z", reward: 0.1 },
    ];
    expect(bestOfN(answers)).toEqual(answers.slice(1));
  });
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readFloat32 } from "@/workers/engine/file/safetensors";
import type {
  AskedToWrite,
  InferenceAnswer,
  InferenceRequest,
  Written,
} from "@/workers/engine/infer/requests";
import { newAdapter, saveAdapter } from "@/workers/engine/model/adapter/peft";
import { openModel } from "@/workers/engine/model/directory";
import { InferenceChild } from "@/workers/training/inference-child";
import { temporary } from "./reference";

function command(name: string, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", `workers/engine/cli/${name}.ts`, ...options],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

const readRows = (file: string): Record<string, unknown>[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const writeRows = (file: string, rows: readonly object[]) =>
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));

const work = temporary();
const texts = join(work, "texts.jsonl");
writeRows(texts, [
  { text: "the cat sat on the mat and the dog sat on the cat " },
  { messages: [{ content: "the end" }] },
]);
/** An adapter as Concord exports it, whose base is not on the Hub. */
const exported = join(work, "exported");
mkdirSync(exported);
writeFileSync(join(exported, "adapter_config.json"), JSON.stringify({ base_model_name_or_path: "our base" }));
const prompts = join(work, "prompts.jsonl");
writeRows(prompts, [{ id: 7, prompt: "the cat" }, { prompt: [{ role: "user", content: "the dog?" }] }]);

test("--help prints the usage to standard output and ends with 0", () => {
  const { status, stdout, stderr } = command("preview", "--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^npm run preview -- path/);
});

function newModel(family: string, ...options: string[]): string {
  const out = join(work, [family, ...options].join(""));
  const small = [
    "--hidden-size",
    "32",
    "--intermediate-size",
    "48",
    "--num-hidden-layers",
    "2",
    "--vocab-size",
    "300",
  ];
  const { status, stderr } = command(
    "new-model",
    "--out",
    out,
    "--text",
    texts,
    "--family",
    family,
    ...small,
    ...options,
  );
  expect([status, stderr]).toEqual([0, ""]);
  return out;
}

test("new-model: the same seed gives the same weights, another seed others", () => {
  const [one, same, other] = [["1"], ["1", "--max-position-embeddings", "1024"], ["2"]].map((seed) =>
    openModel(newModel("qwen3", "--seed", ...seed)),
  );
  const name = "model.layers.1.mlp.up_proj.weight";
  const weights = [one, same, other].map(({ tensors }) => {
    const tensor = tensors.get(name);
    return tensor ? readFloat32(tensor) : new Float32Array();
  });
  expect(weights[1]).toEqual(weights[0]);
  expect(weights[2]).not.toEqual(weights[0]);
  const deviation = Math.sqrt(weights[0].reduce((sum, value) => sum + value * value, 0) / weights[0].length);
  expect(deviation).toBeCloseTo(0.02, 2);
});

/** For whatever needs one. */
const model = newModel("gpt2");

describe("generate, score and merge work on a new model", () => {
  test("generate writes a line a response and keeps the row's other fields", () => {
    const out = join(work, "responses.jsonl");
    const { status, stdout } = command(
      "generate",
      "--model",
      model,
      "--in",
      prompts,
      "--out",
      out,
      "--max-new-tokens",
      "5",
      "--num-return-sequences",
      "2",
      "--temperature",
      "1",
    );
    expect([status, stdout]).toEqual([0, `${out}: 4 responses, 0 prompts dropped.\n`]);
    const rows = readRows(out);
    expect(rows.map(({ id }) => id)).toEqual([7, 7, undefined, undefined]);
    expect(rows[0]).toMatchObject({
      prompt: "the cat",
      tokens: 5,
      finish: "length",
      completion: expect.any(String),
    });
    expect(rows[2]).toMatchObject({ completion: [{ role: "assistant", content: expect.any(String) }] });
  });

  test("an adapter with a reward head scores; --best keeps the better answer; merged it scores the same", () => {
    const opened = openModel(model);
    const config = { ...opened.config, head: "score" as const };
    const settings = {
      method: "lora",
      r: 2,
      lora_alpha: 4,
      lora_dropout: 0,
      use_rslora: false,
      target_modules: "all-linear",
    } as const;
    const adapter = join(work, "adapter");
    saveAdapter(adapter, newAdapter(config, settings, 1), model, config);
    const rows = join(work, "pairs.jsonl");
    writeRows(rows, [
      { prompt: "the", completion: " cat" },
      { prompt: "the", completion: " dog sat on the mat" },
      { prompt: "the mat", chosen: " end", rejected: " cat" },
    ]);
    const out = join(work, "scored.jsonl");
    expect(command("score", "--model", model, "--adapter", adapter, "--in", rows, "--out", out).status).toBe(
      0,
    );
    const [first, second, pair] = readRows(out);
    expect(pair).toMatchObject({ chosen_reward: expect.any(Number), rejected_reward: expect.any(Number) });

    const best = join(work, "best.jsonl");
    command("score", "--model", model, "--adapter", adapter, "--in", rows, "--out", best, "--best");
    const better = Number(first.reward) >= Number(second.reward) ? first : second;
    expect(readRows(best)[0]).toMatchObject({ prompt: "the", completion: better.completion });

    const merged = join(work, "merged");
    expect(command("merge", "--adapter", adapter, "--out", merged)).toMatchObject({ status: 0, stderr: "" });
    command("score", "--model", merged, "--in", rows, "--out", best);
    expect(Number(readRows(best)[1].reward)).toBeCloseTo(Number(second.reward), 5);
  });
});

describe("bad input ends with one sentence and a status other than 0", () => {
  test.each([
    [
      "generate",
      ["--model", "nowhere", "--in", prompts, "--out", join(work, "x")],
      /model directory .*nowhere does not exist/,
    ],
    ["generate", ["--model", work, "--in", texts, "--out", join(work, "x")], /texts\.jsonl, row 1: prompt: /],
    ["generate", ["--in", prompts], /--out is missing/],
    ["generate", ["--top-p", "2", "--out", "x"], /--top-p: /],
    ["score", ["--kind", "taste"], /--kind taste is not one of rewards, logprobs, embed/],
    ["merge", ["--adapter", work, "--out", join(work, "x")], /adapter_config\.json does not exist/],
    [
      "merge",
      ["--adapter", exported, "--out", join(work, "x")],
      /adapter_config\.json: base_model_name_or_path is “our base”, which is no directory here; give .* --model/,
    ],
    ["new-model", ["--out", join(work, "x")], /--text or --tokenizer is missing/],
    ["new-model", ["--out", work, "--text", texts], /is not empty/],
    [
      "new-model",
      ["--out", join(work, "x"), "--text", texts, "--family", "mixtral"],
      /--family mixtral is not known/,
    ],
    [
      "new-model",
      ["--out", join(work, "x"), "--text", texts, "--vocab-size", "100"],
      /at least 259 tokens; 100 were asked for/,
    ],
  ])("%s %j", (name, options, message) => {
    const { status, stderr } = command(name, ...options);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /); // no stack
    expect(existsSync(join(work, "x"))).toBe(false);
  });
});

describe("a model in a child process", () => {
  const generation = {
    max_new_tokens: 4,
    do_sample: false,
    temperature: 1,
    top_k: 0,
    top_p: 1,
    num_return_sequences: 1,
    stop_strings: [],
    seed: 1,
    batch_size: 4,
  };
  const answers = async (child: InferenceChild, request: InferenceRequest) => {
    const found: InferenceAnswer[] = [];
    for await (const answer of child.answer(request)) found.push(answer);
    return found;
  };

  test("answers requests in turn, and what a row lacks drops only that row", async () => {
    const child = await InferenceChild.open({ model });
    const rows = [{ prompt: "the cat" }, { prompt: "" }, { prompt: "the ".repeat(3000) }];
    const generated = await answers(child, { kind: "generate", rows, options: generation });
    expect(generated.find(({ row }) => row === 0)).toMatchObject({ kind: "generated", tokens: 4 });
    expect(generated.find(({ row }) => row === 1)).toMatchObject({
      kind: "dropped",
      reason: "the prompt is empty",
    });
    expect(generated.find(({ row }) => row === 2)).toMatchObject({
      kind: "dropped",
      reason: expect.stringContaining("leaves no room"),
    });
    const [measured] = await answers(child, {
      kind: "logprobs",
      rows: [{ prompt: "the", responses: [" cat", " dog"] }],
    });
    expect(measured).toMatchObject({
      kind: "measured",
      responses: [{ logps: expect.any(Array) }, { logps: expect.any(Array) }],
    });
    await expect(answers(child, { kind: "score", rows: [{ responses: ["the cat"] }] })).rejects.toThrow(
      /is no reward model/,
    );
    const [embedded] = await answers(child, { kind: "embed", rows: ["the cat"] });
    expect(embedded).toMatchObject({ kind: "embedded", embedding: { length: 32 } });
    child.kill();
  });

  test("what is told token by token is what generation and scoring give, and a stop breaks it off", async () => {
    const child = await InferenceChild.open({ model });
    const written = async (asked: Partial<AskedToWrite>) => {
      const found: Written[] = [];
      const { options, ...rest } = asked;
      const request = { kind: "write" as const, prompt: "the cat sat", ...rest };
      for await (const piece of child.write({ ...request, options: { ...generation, ...options } }))
        found.push(piece);
      return found;
    };
    const textOf = (pieces: Written[]) =>
      pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
    const told = await written({ top: 2, echo: true, options: { max_new_tokens: 12 } });
    const [generated] = await answers(child, {
      kind: "generate",
      rows: [{ prompt: "the cat sat" }],
      options: { ...generation, max_new_tokens: 12 },
    });
    if (generated.kind !== "generated") throw new Error("nothing was generated");
    expect(textOf(told)).toBe(generated.completion);
    const tokens = told.flatMap((piece) => (piece.kind === "text" ? (piece.tokens ?? []) : []));
    expect(tokens.reduce((sum, { logp }) => sum + (logp ?? 0), 0)).toBeCloseTo(generated.logp, 5);
    expect(tokens.every(({ id, top }) => top[0].id === id && top[0].logp >= top[1].logp)).toBe(true);
    expect(told.at(-1)).toEqual({ kind: "end", sample: 0, count: 12, finish: "length" });

    const [read] = told;
    if (read.kind !== "read" || !read.tokens) throw new Error("the prompt was not told");
    const echoed = read.tokens;
    const [measured] = await answers(child, { kind: "logprobs", rows: [{ responses: [read.text ?? ""] }] });
    if (measured.kind !== "measured") throw new Error("nothing was measured");
    const [{ ids, logps }] = measured.responses;
    expect(ids.slice(0, echoed.length)).toEqual(echoed.map(({ id }) => id));
    expect(echoed[0].logp).toBeNull();
    for (const [place, { logp }] of echoed.slice(1).entries()) expect(logp).toBeCloseTo(logps[place], 5);
    expect(Buffer.concat(echoed.map(({ bytes }) => Uint8Array.from(bytes))).toString()).toBe("the cat sat");
    const again = { prompt: { ids: echoed.map(({ id }) => id) }, top: 2, echo: true };
    expect((await written({ ...again, options: { max_new_tokens: 0 } }))[0]).toEqual(read);

    // What may still become a stop string is not told.
    const whole = generated.completion;
    const stop = whole.slice(3, 6);
    const cut = await written({ options: { max_new_tokens: 12, stop_strings: [stop] } });
    expect(textOf(cut)).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(cut.at(-1)).toMatchObject({ kind: "end", finish: "stop" });

    let pieces = 0;
    const long = { kind: "write" as const, prompt: "the cat", top: 0, options: { max_new_tokens: 900 } };
    for await (const _ of child.write(long)) if (++pieces === 3) child.stop();
    expect(pieces).toBeLessThan(100);
    expect(textOf(await written({ options: { max_new_tokens: 12 } }))).toBe(whole);
    child.kill();
  });

  test("a child that is killed ends the request with a reason, and a model that does not open says why", async () => {
    const child = await InferenceChild.open({ model });
    const endless = answers(child, {
      kind: "generate",
      rows: Array.from({ length: 500 }, () => ({ prompt: "the" })),
      options: { ...generation, max_new_tokens: 900 },
    });
    setTimeout(() => child.kill(), 200);
    await expect(endless).rejects.toThrow(/was ended by SIGKILL/);
    await expect(InferenceChild.open({ model: work })).rejects.toThrow(/config\.json does not exist/);
  });
});

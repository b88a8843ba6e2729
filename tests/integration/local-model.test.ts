import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TextInference } from "@/workers/engine/infer/text-inference";
import { LocalModel } from "@/workers/text/local";
import type { GenerateRequest, Piece } from "@/workers/text/model";
import { newModel, TINY } from "./new-model";

const folder = await mkdtemp(join(tmpdir(), "concord-local-"));
const folders = ["1", "2"].map((seed) => ({ model: join(folder, seed), adapter: null }));
const [tuned, before] = folders;
const local = new LocalModel({ name: "tuned", folders: tuned, isReward: false, reference: before });
const plain = new LocalModel({ name: "plain", folders: tuned, isReward: false });
afterAll(async () => {
  await local.close();
  await plain.close();
  await rm(folder, { recursive: true, force: true });
});

beforeAll(async () => {
  const text = "the cat sat on the mat and the dog sat on the cat\n".repeat(20);
  for (const { model } of folders)
    await newModel(model, text, `--seed ${model === tuned.model ? 1 : 2} ${TINY} --vocab-size 300`);
}, 120_000);

const messages = [{ role: "user" as const, content: "the cat?" }];
const greedy: GenerateRequest = { messages, maxTokens: 10, temperature: 0 };

async function all(request: GenerateRequest) {
  const pieces: Piece[] = [];
  for await (const piece of local.generate(request)) pieces.push(piece);
  const end = pieces.pop();
  if (end?.type !== "end") throw new Error("there was no end");
  return { text: pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join(""), end };
}

/** What the engine says of a reply to the messages, in nats. */
async function likelihood({ model }: { model: string }, response: string): Promise<number> {
  const engine = new TextInference({ model });
  let sum = Number.NaN;
  const rows = [{ prompt: messages, responses: [[{ role: "assistant", content: response }]] }];
  for await (const answer of engine.answer({ kind: "logprobs", rows }))
    if (answer.kind === "measured") sum = answer.responses[0].logps.reduce((a, b) => a + b, 0);
  await engine.close();
  return sum;
}

test("it writes, with usage and log-probabilities, and whoever leaves leaves it to the next", async () => {
  const { text, end } = await all({ ...greedy, logprobs: 2 });
  expect(end).toMatchObject({ finishReason: "length", model: "tuned", usage: { output: 10 } });
  expect(end.logprobs?.map(({ token }) => token).join("")).toBe(text);
  expect(
    end.logprobs?.every(({ token, logprob, top }) => top[0].token === token && top[0].logprob === logprob),
  ).toBe(true);

  for await (const _ of local.generate({ ...greedy, maxTokens: 900 })) break;
  const gone = new AbortController();
  const broken = all({ ...greedy, maxTokens: 900, signal: gone.signal });
  const next = all(greedy);
  gone.abort();
  await expect(broken).rejects.toThrow(/abort/);
  expect((await next).text).toBe(text);
  // The same question was read before: only its last token is read again.
  const { cached, input } = (await next).end.usage;
  expect(cached).toBe((input ?? 0) - 1);
  // Whoever left while others were answered is written nothing.
  const written: Piece[] = [];
  const late = (async () => {
    for await (const piece of local.generate({ ...greedy, signal: gone.signal })) written.push(piece);
  })();
  await expect(late).rejects.toThrow(/abort/);
  expect(written).toEqual([]);
});

test("it keeps to a JSON schema, and says which it cannot keep to", async () => {
  const short = { type: "string", maxLength: 12 };
  const schema = { type: "object", properties: { why: short, verdict: { enum: ["A", "B"] } } };
  const required = ["why", "verdict"];
  for (const seed of [1, 2, 3]) {
    const drawn = { ...greedy, maxTokens: 200, temperature: 1.5, seed };
    const { text, end } = await all({ ...drawn, schema: { ...schema, required } });
    expect(end.finishReason).toBe("stop");
    const { why, verdict, ...more } = JSON.parse(text);
    expect([...why].length).toBeLessThanOrEqual(12);
    expect(["A", "B"]).toContain(verdict);
    expect(more).toEqual({});
  }
  await expect(all({ ...greedy, schema: { type: "string", pattern: "x" } })).rejects.toMatchObject({
    again: "never",
    message: expect.stringContaining('"pattern" is not kept to'),
  });
  const tools = [{ name: "f", description: "", parameters: {} }];
  await expect(all({ ...greedy, tools })).rejects.toMatchObject({ again: "never" });
});

test("continuations are cut where the context alone ends, and a DPO model's reward is what tuning changed", async () => {
  const [mat, dog] = await local.logprobs("the cat sat on the ", ["mat", "dog"]);
  const [same] = await local.logprobs("the cat sat on the", [" mat"]);
  expect(mat).toEqual(same);
  expect(mat.sum).not.toBe(dog.sum);
  // White space as Python has it, which is what lm-eval goes by.
  const [onNext] = await local.logprobs("the cat sat on the\u0085", ["mat"]);
  expect(onNext).toEqual((await local.logprobs("the cat sat on the", ["\u0085mat"]))[0]);
  // What was asked in between leaves the numbers as they were.
  await local.logprobs("the cat sat on the mat and the", [" dog"]);
  const [again] = await local.logprobs("the cat sat on the ", ["mat"]);
  expect(again.sum).toBeCloseTo(mat.sum, 5);
  await expect(local.logprobs("the cat", [""])).rejects.toThrow(/continuation 1 has no token/);
  const engine = new TextInference({ model: tuned.model });
  const wholes = ["the cat sat on the", "the cat sat on the mat"];
  const sums: number[] = [];
  for await (const answer of engine.answer({ kind: "logprobs", rows: [{ responses: wholes }] }))
    if (answer.kind === "measured")
      // Without the token that closes a measured text.
      for (const { logps } of answer.responses) sums.push(logps.slice(0, -1).reduce((a, b) => a + b, 0));
  await engine.close();
  expect(mat.sum).toBeCloseTo(sums[1] - sums[0], 4);

  const [reward] = await local.score([{ messages, response: "the mat" }]);
  expect(reward).toBeCloseTo((await likelihood(tuned, "the mat")) - (await likelihood(before, "the mat")), 4);
  // What is left of a refused request is not taken for the answer to the next.
  const tooLong = { messages, response: "the cat ".repeat(2000) };
  const others = Array.from({ length: 40 }, () => ({ messages, response: "the dog" }));
  await expect(local.score([tooLong, ...others])).rejects.toThrow(/response/);
  expect(await local.score([{ messages, response: "the mat" }])).toEqual([reward]);
  await expect(plain.score([{ messages, response: "x" }])).rejects.toMatchObject({ again: "never" });

  const [vector, twin] = await local.embed(["the cat", "the cat"]);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  expect(twin).toEqual(vector);
  expect(await local.capabilities()).toMatchObject({ rewards: true, context: 1024, schema: true });
});

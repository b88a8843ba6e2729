import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendText, writeText } from "@/workers/engine/file/files";
import { drawKeys, dropoutKeys, dropping } from "@/workers/engine/graph/dropout";
import * as ops from "@/workers/engine/graph/ops";
import { Session, type TensorData } from "@/workers/engine/graph/session";
import { seeded } from "@/workers/engine/random";
import { planOf } from "@/workers/engine/rows/batches";
import { pack } from "@/workers/engine/rows/packing";
import { type RunEvent, rewindEvents, writeEvent } from "@/workers/engine/train/events";
import { peakBytes, sizesOf } from "@/workers/engine/train/memory";
import { adamW, clipFactor, globalNorm, trainable } from "@/workers/engine/train/optimizer";
import { rateFactor } from "@/workers/engine/train/schedule";
import { EventFile } from "@/workers/training/events";

describe("learning rates", () => {
  // transformers' get_scheduler with 2 warm-up steps of 6, rates as applied in each step
  it.each([
    ["linear", [0, 0.5, 1, 0.75, 0.5, 0.25]],
    ["cosine", [0, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672627]],
    ["constant", [1, 1, 1, 1, 1, 1]],
    ["constant_with_warmup", [0, 0.5, 1, 1, 1, 1]],
  ] as const)("%s", (lr_scheduler_type, expected) => {
    const found = expected.map((_, step) => rateFactor({ lr_scheduler_type, warmup_steps: 2 }, step, 6));
    found.forEach((rate, step) => {
      expect(rate).toBeCloseTo(expected[step], 12);
    });
  });

  it("reads a warm-up below 1 as a share of all steps, rounded up", () => {
    const rates = [0, 1, 2].map((step) =>
      rateFactor({ lr_scheduler_type: "constant_with_warmup", warmup_steps: 0.15 }, step, 10),
    );
    expect(rates).toEqual([0, 0.5, 1]);
  });
});

describe("optimizer", () => {
  it("takes torch's AdamW steps, with decay for one tensor and clipping over both", () => {
    const decayed = trainable("w", { shape: [4], data: Float32Array.of(1, -2, 0.5, 3) }, true);
    const plain = trainable("b", { shape: [2], data: Float32Array.of(0.1, 0.2) }, false);
    const norms = [1, 2, 3].map((step) => {
      decayed.gradient.set([0.5 * step, -step, 2 * step, 0]);
      plain.gradient.set([1, -0.25]);
      const norm = globalNorm([decayed, plain]);
      for (const each of [decayed, plain]) {
        adamW(each, clipFactor(norm, 1), step, {
          learningRate: 0.01,
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          weightDecay: 0.1,
        });
      }
      return norm;
    });
    const close = (found: Iterable<number>, expected: readonly number[]) =>
      [...found].forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 6);
      });
    // torch.optim.AdamW and clip_grad_norm_
    close(norms, [2.5124688148498535, 4.697073459625244, 6.950719833374023]);
    close(decayed.data, [0.9669997692108154, -1.9640027284622192, 0.46849822998046875, 2.991008996963501]);
    close(plain.data, [0.07170304656028748, 0.22829696536064148]);
  });

  it("does not clip below the limit, nor with limit 0", () => {
    expect(clipFactor(0.5, 1)).toBe(1);
    expect(clipFactor(100, 0)).toBe(1);
  });
});

describe("batches", () => {
  const spec = {
    per_device_train_batch_size: 2,
    gradient_accumulation_steps: 2,
    num_train_epochs: 2,
    max_steps: -1,
    shuffle: false,
    seed: 1,
  };

  it("end every epoch with a shorter group", () => {
    const plan = planOf(7, spec);
    const groups = Array.from({ length: plan.steps }, (_, step) => plan.group(step));
    const epoch = [
      [
        [0, 1],
        [2, 3],
      ],
      [[4, 5], [6]],
    ];
    expect(groups).toEqual([...epoch, ...epoch]);
    expect(groups.map((_, step) => plan.epochAfter(step))).toEqual([0.5, 1, 1.5, 2]);
  });

  it("shuffle anew in every epoch, the same for one seed, every row once", () => {
    const plan = planOf(50, { ...spec, shuffle: true });
    const orderOf = (from: number) => Array.from({ length: 13 }, (_, i) => plan.group(from + i)).flat(2);
    const [first, second] = [orderOf(0), orderOf(13)];
    expect(first).not.toEqual(second);
    expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(planOf(50, { ...spec, shuffle: true }).group(13)).toEqual(plan.group(13));
  });

  it("max_steps wins over epochs", () => {
    expect(planOf(7, { ...spec, max_steps: 9 }).steps).toBe(9);
    expect(planOf(7, { ...spec, num_train_epochs: 0.6 }).steps).toBe(2);
  });
});

describe("packing", () => {
  it("lays out prompts, responses and documents without padding", () => {
    const packed = pack(
      [
        { prompt: [10, 11], responses: [{ ids: [12, 13] }, { ids: [14] }], scorePrompt: true },
        {
          prompt: [],
          responses: [{ ids: [20, 21, 22, 23], scored: [true, false, true, true], lengths: [1, 3] }],
        },
      ],
      { chunks: 2 },
    );
    const numbers = (name: string) => [...packed.feeds[name].data].map(Number);
    expect(numbers("ids")).toEqual([10, 11, 12, 13, 14, 20, 21, 22, 23]);
    expect(numbers("positions")).toEqual([0, 1, 2, 3, 2, 0, 0, 1, 2]);
    expect(numbers("branches")).toEqual([0, 0, 1, 1, 2, 1, 2, 2, 2]);
    expect(numbers("bounds")).toEqual([0, 5, 9]);
    // 11 after 10, 12 after 11, 13 after 12, 14 after 11 (the prompt's last), 22 and 23 in the second document
    expect(numbers("sources")).toEqual([0, 1, 2, 1, 6, 7]);
    expect(numbers("targets")).toEqual([11, 12, 13, 14, 22, 23]);
    expect(packed.feeds.sources.dims).toEqual([2, 3]);
    expect(packed.places.map(({ response }) => response)).toEqual([
      { start: 1, end: 3 },
      { start: 3, end: 4 },
      { start: 4, end: 6 },
    ]);
  });
});

describe("dropout", () => {
  it("drops its share, scales the rest, and depends on token, feature and module", async () => {
    const [tokens, features] = [200, 100];
    const x = ops.input("x", ["tokens", features]);
    const session = await Session.open(
      { a: dropping(0.1)("a")(x), b: dropping(0.1)("b")(x) },
      { device: "cpu", threads: 1 },
    );
    const ones = { data: new Float32Array(tokens * features).fill(1), dims: [tokens, features] };
    const run = (seed: number) =>
      session.run({ x: ones, [dropoutKeys]: drawKeys(seeded(seed, "keys"), tokens) });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    await session.release();
    const numbersOf = ({ data }: TensorData) =>
      Array.from({ length: data.length }, (_, i) => Number(data[i]));
    const dropped = (tensor: TensorData) => numbersOf(tensor).map((value) => value === 0);
    const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length;
    const mask = dropped(first.a);
    expect(share(mask)).toBeCloseTo(0.1, 2);
    expect(Math.max(...numbersOf(first.a))).toBeCloseTo(1 / 0.9, 6);
    expect(again.a.data).toEqual(first.a.data);
    for (const independent of [first.b, other.a]) {
      expect(share(dropped(independent).map((hit, i) => hit && mask[i]))).toBeCloseTo(0.01, 2);
    }
  });
});

describe("memory estimate", () => {
  it("counts what is alive at once, aliases once", () => {
    const x = ops.input("x", ["tokens", 256]);
    const sizes = sizesOf(pack([{ prompt: Array.from({ length: 64 }, () => 0), responses: [] }]));
    const tensor = 64 * 256 * 4;
    const chain = ops.softmax(ops.softmax(ops.softmax(x)));
    expect(peakBytes({ chain }, sizes)).toBe(2 * tensor);
    expect(peakBytes({ inPlace: ops.exp(ops.exp(ops.exp(x))) }, sizes)).toBe(tensor);
    const [left, right] = [ops.softmax(x), ops.mul(ops.cos(x), ops.sin(x))];
    expect(peakBytes({ sum: ops.add(left, right) }, sizes)).toBe(2 * tensor);
    expect(peakBytes({ alias: ops.softmax(ops.reshape(ops.softmax(x), ["tokens", 2, 128])) }, sizes)).toBe(
      2 * tensor,
    );
  });

  it("counts a buffer that waits for the next value of its size, as onnxruntime keeps it", () => {
    const sizes = sizesOf(pack([{ prompt: Array.from({ length: 64 }, () => 0), responses: [] }]));
    const [row, tokens] = [ops.input("row", ["row 0", 512]), ops.input("x", ["tokens", 256])];
    const before = ops.sum(ops.softmax(row));
    const between = ops.sum(ops.softmax(ops.softmax(ops.add(tokens, before))));
    const after = ops.sum(ops.softmax(ops.add(row, between)));
    const [ofRow, ofTokens] = [64 * 512 * 4, 64 * 256 * 4];
    expect(peakBytes({ after }, sizes)).toBeGreaterThan(ofRow + 2 * ofTokens - 1);
  });
});

describe("events", () => {
  const output = mkdtempSync(join(tmpdir(), "concord-events-"));

  it("rewinds to the step a run resumes from", () => {
    const said: RunEvent[] = [
      { type: "log", level: "info", message: "hello" },
      { type: "metrics", step: 5, epoch: 1, loss: 1 },
      { type: "checkpoint", step: 5, path: "checkpoints/step-5" },
      { type: "metrics", step: 6, epoch: 2, loss: 1 },
    ];
    for (const event of said) writeEvent(output, event);
    appendText(join(output, "events.jsonl"), '{"type":"metrics","st'); // killed while writing
    rewindEvents(output, 5);
    const lines = readFileSync(join(output, "events.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([undefined, 5, 5]);
  });

  it("are followed from the start when they were rewound and have grown past where the reader was", async () => {
    const folder = mkdtempSync(join(tmpdir(), "concord-events-"));
    const say = (from: number, to: number) => {
      for (let step = from; step <= to; step++)
        writeEvent(folder, { type: "metrics", step, epoch: 1, loss: step });
    };
    const follower = new EventFile(join(folder, "events.jsonl"));
    const steps = async () => (await follower.next()).map((event) => "step" in event && event.step);
    say(1, 3);
    expect(await steps()).toEqual([1, 2, 3]);
    say(4, 4);
    expect(await steps()).toEqual([4]);
    rewindEvents(folder, 2);
    say(3, 9);
    expect(await steps()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("says so when the disk is full", () => {
    expect(() => appendText("/dev/full", "x")).toThrow("/dev/full cannot be written: the disk is full");
    expect(() => writeText("/dev/null/x", "x")).toThrow("a part of the path is a file, not a folder");
  });
});

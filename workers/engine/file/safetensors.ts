import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson, writeAtomically } from "./files";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half";

/** Bytes of one value of every type the format knows and we can meet in a checkpoint. */
const bytesPerValue = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
} as const;

export type StoredType = keyof typeof bytesPerValue;
/** The types in which weights are written. */
export type WeightType = "F32" | "F16" | "BF16";

/** Where one tensor lies: enough for onnxruntime to map it without reading it. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  /** Real path: the Hub cache is symlinks, and onnxruntime refuses those that leave their folder. */
  readonly file: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export type Tensors = ReadonlyMap<string, StoredTensor>;

/** A tensor to write; `values` is called once, when its turn comes, so a model need not fit in memory twice. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightType;
  readonly values: () => Float32Array;
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);
const metadataSchema = z.record(z.string(), z.string());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** The reference implementation refuses longer headers too. */
const longestHeader = 100_000_000;

/**
 * Reads a safetensors header; the tensors stay on disk.
 * @throws EngineError when the file is truncated, or its header and its bytes disagree.
 */
export function openSafetensors(path: string): Tensors {
  return readHeader(path).tensors;
}

/** The free-form strings in the header, `{"format": "pt"}` for everything that transformers wrote. */
export function readMetadata(path: string): Readonly<Record<string, string>> {
  return readHeader(path).metadata;
}

/**
 * The tensors of a Hugging Face model directory, from `model.safetensors` or the shards that
 * `model.safetensors.index.json` lists.
 * @throws EngineError when neither exists, a shard is absent, or a shard lacks a tensor that the index names.
 */
export function openModelTensors(directory: string): Tensors {
  const single = join(directory, "model.safetensors");
  if (existsSync(single)) return openSafetensors(single);
  const indexFile = join(directory, "model.safetensors.index.json");
  if (!existsSync(indexFile)) {
    throw new EngineError(
      `${directory} holds neither model.safetensors nor model.safetensors.index.json; only safetensors checkpoints are read.`,
    );
  }
  const { weight_map } = readJson(indexFile, indexSchema);
  const shards = new Map<string, Tensors>();
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shardName] of Object.entries(weight_map)) {
    if (basename(shardName) !== shardName) {
      throw new EngineError(`${indexFile}: the shard ${shardName} of ${name} is not a plain file name.`);
    }
    const shard = shards.get(shardName) ?? openSafetensors(join(directory, shardName));
    shards.set(shardName, shard);
    const tensor = shard.get(name);
    if (!tensor)
      throw new EngineError(`${join(directory, shardName)} lacks the tensor ${name} that its index names.`);
    tensors.set(name, tensor);
  }
  return tensors;
}

/** One tensor as float32, row-major. bf16 and fp16 convert exactly; F64 rounds; integers are refused. */
export function readFloat32(tensor: StoredTensor): Float32Array<ArrayBuffer> {
  const buffer = readBytes(tensor);
  switch (tensor.dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "BF16":
      return bfloat16ToFloat32(new Uint16Array(buffer));
    case "F16":
      return float16ToFloat32(new Uint16Array(buffer));
    case "F64":
      return Float32Array.from(new Float64Array(buffer));
    default:
      throw new EngineError(
        `${tensor.file}: ${tensor.name} is stored as ${tensor.dtype}; quantised and integer weights are not read, use an fp32, bf16 or fp16 checkpoint.`,
      );
  }
}

/** The bytes of one tensor in a fresh, hence aligned, buffer. */
function readBytes(tensor: StoredTensor): ArrayBuffer {
  const bytes = new Uint8Array(tensor.bytes);
  const descriptor = openSync(tensor.file, "r");
  try {
    readFully(descriptor, bytes, tensor.offset, tensor.file);
  } finally {
    closeSync(descriptor);
  }
  return bytes.buffer;
}

/**
 * Writes a safetensors file beside its place and renames it there, so that a crash leaves the old file or
 * the new one. Tensors are laid out in the order given; each is produced, converted and written in turn.
 * @throws EngineError when the disk is full or a tensor's values do not fill its shape.
 */
export function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = { format: "pt" },
): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, dtype } of tensors) {
    const begin = end;
    end += count(shape) * bytesPerValue[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " "); // padded so that the data is 8-byte aligned
  head.writeBigUInt64LE(BigInt(head.length - 8));
  text.copy(head, 8);
  writeAtomically(path, (write) => {
    write(head);
    for (const tensor of tensors) {
      const values = tensor.values();
      if (values.length !== count(tensor.shape)) {
        throw new EngineError(
          `${path}: ${tensor.name} has ${values.length} values but its shape [${tensor.shape}] needs ${count(tensor.shape)}.`,
        );
      }
      write(encode(values, tensor.dtype));
    }
  });
}

/** Number of values in a tensor of this shape. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function encode(values: Float32Array, dtype: WeightType): Uint8Array {
  const stored =
    dtype === "F32" ? values : dtype === "BF16" ? float32ToBfloat16(values) : float32ToFloat16(values);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function readHeader(path: string): { tensors: Tensors; metadata: Record<string, string> } {
  if (!existsSync(path)) throw new EngineError(`${path} does not exist.`);
  const file = realpathSync(path);
  const descriptor = openSync(file, "r");
  try {
    const size = fstatSync(descriptor).size;
    if (size < 8) throw new EngineError(`${path} is not a safetensors file: it has only ${size} bytes.`);
    const lead = Buffer.alloc(8);
    readFully(descriptor, lead, 0, path);
    const length = Number(lead.readBigUInt64LE());
    if (length > longestHeader || length < 2) {
      throw new EngineError(
        `${path} is not a safetensors file: its first 8 bytes do not hold a header length.`,
      );
    }
    if (8 + length > size) {
      throw new EngineError(
        `${path} is truncated: its header needs ${8 + length} bytes and the file has ${size}; fetch it again.`,
      );
    }
    const text = Buffer.alloc(length);
    readFully(descriptor, text, 8, path);
    const { __metadata__: metadata, ...entries } = z
      .record(z.string(), z.unknown())
      .parse(parseJson(path, text.toString("utf8")));
    const header = headerSchema.safeParse(entries);
    if (!header.success) {
      const name = header.error.issues[0].path[0];
      throw new EngineError(
        `${path}: the header's entry for ${String(name)} is not {dtype, shape, data_offsets}.`,
      );
    }
    const strings = metadataSchema.safeParse(metadata ?? {});
    return {
      tensors: placeTensors(path, file, 8 + length, size, header.data),
      metadata: strings.success ? strings.data : {},
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Checks that the tensors tile the rest of the file exactly, as the format demands. */
function placeTensors(
  path: string,
  file: string,
  dataStart: number,
  size: number,
  header: z.infer<typeof headerSchema>,
): Tensors {
  const tensors = Object.entries(header)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        if (!isStoredType(dtype)) throw new EngineError(`${path}: ${name} has the unknown type ${dtype}.`);
        if (end - begin !== count(shape) * bytesPerValue[dtype]) {
          throw new EngineError(
            `${path}: ${name} occupies ${end - begin} bytes but [${shape}] of ${dtype} needs ${count(shape) * bytesPerValue[dtype]}.`,
          );
        }
        return { name, dtype, shape, file, offset: dataStart + begin, bytes: end - begin };
      },
    )
    .sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  let expected = dataStart;
  for (const { name, offset, bytes } of tensors) {
    if (offset < expected) throw new EngineError(`${path}: ${name} overlaps the tensor before it.`);
    if (offset > expected) {
      throw new EngineError(`${path}: ${offset - expected} bytes before ${name} belong to no tensor.`);
    }
    expected = offset + bytes;
    if (expected > size) {
      throw new EngineError(
        `${path} is truncated: ${name} ends at byte ${expected} and the file has ${size}; fetch it again.`,
      );
    }
  }
  if (expected !== size)
    throw new EngineError(`${path}: the last ${size - expected} bytes belong to no tensor.`);
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function isStoredType(dtype: string): dtype is StoredType {
  return Object.hasOwn(bytesPerValue, dtype);
}

/** readSync moves at most 2 GiB a call, and an embedding can be larger. */
function readFully(descriptor: number, target: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const got = readSync(descriptor, target, done, Math.min(target.length - done, 2 ** 30), position + done);
    if (got === 0) throw new EngineError(`${path} became shorter while it was read.`);
    done += got;
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError(`${path}: the header is not valid JSON.`, { cause });
  }
}

/**
 * Writes a graph as an ONNX model. The only file that knows ONNX's protobuf layout (onnx/onnx.proto), of which an
 * inference graph needs a dozen fields.
 */
import { basename, dirname } from "node:path";
import { type DType, is, type Op, type Shape, topological, type Value } from "./graph";

/** IR 10 and operator set 21: the newest pair that the CPU, WebGPU and CUDA providers all implement fully. */
const IR_VERSION = 10;
const OPSET = 21;

const ELEMENT_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
  bfloat16: 16,
};

/** Attributes that ONNX passes as inputs; the graph keeps them for its gradient rules. */
const PASSED_AS_INPUT: ReadonlySet<Op> = new Set<Op>(["Slice", "Pad"]);
const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set(["alpha"]);

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** The folder that holds the files of the initializers, when there are any. */
  readonly folder: string | undefined;
  readonly inputs: readonly Value<"Input">[];
}

/** The model that computes `outputs`, each under its name. */
export function toOnnx(outputs: Readonly<Record<string, Value>>): OnnxModel {
  const order = topological(Object.values(outputs));
  const names = new Map<Value, string>();
  const constants = new Map<string, string>();
  const initializers = new Map<string, Uint8Array>();
  const inputs = new Map<string, Value<"Input">>();
  const folders = new Set<string>();
  const nodes: Uint8Array[] = [];
  const shapes: Uint8Array[] = [];

  for (const value of order) {
    if (is(value, "Input")) {
      const { name } = value.attributes;
      inputs.set(name, value);
      names.set(value, name);
    } else if (is(value, "Initializer")) {
      const { name, file } = value.attributes;
      folders.add(dirname(file));
      initializers.set(name, externalTensor(value));
      names.set(value, name);
    } else if (is(value, "Constant")) {
      const { data } = value.attributes;
      const key = data.length > 16 ? `#${names.size}` : `${value.dtype}[${value.shape}]${data}`;
      const name = constants.get(key) ?? `constant ${constants.size}`;
      constants.set(key, name);
      initializers.set(name, constantTensor(name, value));
      names.set(value, name);
    } else {
      const name = `${value.op} ${names.size}`;
      names.set(value, name);
      nodes.push(node(value, value.inputs.map(nameOf(names)), name));
      shapes.push(valueInfo(name, value.dtype, value.shape));
    }
  }
  for (const [name, value] of Object.entries(outputs)) {
    nodes.push(encode([text(1, nameOf(names)(value)), text(2, name), text(4, "Identity")]));
  }
  if (folders.size > 1) {
    throw new Error(`initializers must lie in one folder, not in ${[...folders].join(" and ")}`);
  }

  const graph = encode([
    ...nodes.map((bytes) => message(1, bytes)),
    text(2, "concord"),
    ...[...initializers.values()].map((bytes) => message(5, bytes)),
    ...[...inputs].map(([name, { dtype, shape }]) => message(11, valueInfo(name, dtype, shape))),
    ...Object.entries(outputs).map(([name, { dtype, shape }]) => message(12, valueInfo(name, dtype, shape))),
    // Without them onnxruntime cannot see which buffers are of one size: planning 18,000 nodes took 100 s, now 2 s.
    ...shapes.map((bytes) => message(13, bytes)),
  ]);
  const bytes = encode([
    integer(1, IR_VERSION),
    text(2, "concord"),
    message(7, graph),
    message(8, encode([integer(2, OPSET)])),
  ]);
  return { bytes, folder: [...folders][0], inputs: [...inputs.values()] };
}

const nameOf = (names: ReadonlyMap<Value, string>) => (value: Value) => {
  const name = names.get(value);
  if (name === undefined) throw new Error(`${value.op} is used before it is made`);
  return name;
};

function node(value: Value, inputs: readonly string[], name: string): Uint8Array {
  const attributes = PASSED_AS_INPUT.has(value.op) ? [] : Object.entries(value.attributes);
  return encode([
    ...inputs.map((input) => text(1, input)),
    ...(value.op === "TopK" ? [text(2, `${name} (values)`)] : []), // TopK's first output, which we leave aside
    text(2, name),
    text(4, value.op),
    ...attributes.map(([key, setting]) => message(5, attribute(key, setting))),
  ]);
}

// AttributeProto: name 1, f 2, i 3, s 4, ints 8, type 20 (FLOAT 1, INT 2, STRING 3, INTS 7).
function attribute(name: string, setting: unknown): Uint8Array {
  if (name === "to" && typeof setting === "string" && isDType(setting)) {
    return encode([text(1, name), integer(3, ELEMENT_TYPES[setting]), integer(20, 2)]);
  }
  if (typeof setting === "number") {
    return FLOAT_ATTRIBUTES.has(name)
      ? encode([text(1, name), float(2, setting), integer(20, 1)])
      : encode([text(1, name), integer(3, setting), integer(20, 2)]);
  }
  if (typeof setting === "string") return encode([text(1, name), text(4, setting), integer(20, 3)]);
  if (Array.isArray(setting)) {
    return encode([text(1, name), ...setting.map((item) => integer(8, Number(item))), integer(20, 7)]);
  }
  throw new Error(`attribute ${name} has no ONNX form`);
}

function isDType(name: string): name is DType {
  return Object.hasOwn(ELEMENT_TYPES, name);
}

// TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13, data_location 14 (EXTERNAL 1).
function constantTensor(name: string, { attributes, dtype, shape }: Value<"Constant">): Uint8Array {
  const { buffer, byteOffset, byteLength } = attributes.data;
  return encode([
    ...shape.map((dim) => integer(1, Number(dim))),
    integer(2, ELEMENT_TYPES[dtype]),
    text(8, name),
    message(9, new Uint8Array(buffer, byteOffset, byteLength)),
  ]);
}

function externalTensor({ attributes, dtype, shape }: Value<"Initializer">): Uint8Array {
  const { name, file, offset, length } = attributes;
  const place = { location: basename(file), offset: String(offset), length: String(length) };
  return encode([
    ...shape.map((dim) => integer(1, Number(dim))),
    integer(2, ELEMENT_TYPES[dtype]),
    text(8, name),
    ...Object.entries(place).map(([key, setting]) => message(13, encode([text(1, key), text(2, setting)]))),
    integer(14, 1),
  ]);
}

// ValueInfoProto: name 1, type 2 → TypeProto: tensor_type 1 → elem_type 1, shape 2 → dim 1 → dim_value 1 | dim_param 2.
function valueInfo(name: string, dtype: DType, shape: Shape): Uint8Array {
  const dims = shape.map((dim) =>
    message(1, encode([typeof dim === "number" ? integer(1, dim) : text(2, dim)])),
  );
  const tensor = encode([integer(1, ELEMENT_TYPES[dtype]), message(2, encode(dims))]);
  return encode([text(1, name), message(2, encode([message(1, tensor)]))]);
}

// Protobuf: a field is its key (number · 8 + wire type) and its payload.

function encode(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function varint(number: number): number[] {
  // Negative numbers are 64-bit two's complement: ten bytes.
  let rest = BigInt.asUintN(64, BigInt(number));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}

const integer = (field: number, number: number) => Uint8Array.from([...varint(field * 8), ...varint(number)]);

function message(field: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(payload.length)]), payload]);
}

const text = (field: number, string: string) => message(field, Buffer.from(string));

function float(field: number, number: number): Uint8Array {
  return Buffer.concat([
    Uint8Array.from(varint(field * 8 + 5)),
    new Uint8Array(Float32Array.of(number).buffer),
  ]);
}

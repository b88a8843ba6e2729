/** Runs graphs. The only file that imports onnxruntime-node. */
import { availableParallelism } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { EngineError } from "../errors";
import type { DType, Value } from "./graph";
import { toOnnx } from "./onnx";

/** Where the graph runs. `webgpu` is in the package; `cuda` needs onnxruntime's CUDA libraries, fetched once. */
export type Device = "cpu" | "webgpu" | "cuda";

type Numbers = Float32Array | BigInt64Array | Int32Array | Uint32Array;
export interface TensorData {
  readonly data: Numbers;
  readonly dims: readonly number[];
}

export interface SessionOptions {
  readonly device: Device;
  /** Threads inside an operator; default: all cores. */
  readonly threads?: number;
}

export class Session {
  readonly #session: InferenceSession;
  readonly #inputs: ReadonlyMap<string, DType>;

  private constructor(session: InferenceSession, inputs: ReadonlyMap<string, DType>) {
    this.#session = session;
    this.#inputs = inputs;
  }

  /** Prepares the graph that computes `outputs`. Weights stay mapped in their files. */
  static async open(outputs: Readonly<Record<string, Value>>, options: SessionOptions): Promise<Session> {
    const { bytes, folder, inputs } = toOnnx(outputs);
    const session = await InferenceSession.create(bytes, {
      executionProviders: options.device === "cpu" ? ["cpu"] : [options.device, "cpu"],
      intraOpNumThreads: options.threads ?? availableParallelism(),
      // Patterns plan one arena for the largest run: 40 % more memory and no faster.
      enableMemPattern: false,
      // "basic" already removes what the gradients leave over; higher levels measured no faster.
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 3,
      extra: {
        session: {
          // Packed copies of the weights would undo the mapping: −300 MB for 2 % of the time.
          disable_prepacking: "1",
          // Threads that wait in a loop take a quarter of the processor time of generation, a tenth of training's, half on a
          // busy machine, from whatever runs beside; no run was faster by it.
          "intra_op.allow_spinning": "0",
          ...(folder && { model_external_initializers_file_folder_path: folder }),
        },
        // Folding would write out every bf16 weight as float32 when the session opens.
        optimization: { disable_specified_optimizers: "ConstantFolding" },
      },
    }).catch((cause: unknown) => {
      throw options.device === "cpu" ? cause : unavailable(options.device, cause);
    });
    const types = inputs.map(({ attributes, dtype }): [string, DType] => [attributes.name, dtype]);
    return new Session(session, new Map(types));
  }

  /**
   * Runs the graph once. Blocks this thread until it is done.
   * @throws Error when a feed is missing; feeds the graph does not use are ignored.
   */
  async run(feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, dtype] of this.#inputs) {
      const feed = feeds[name];
      if (!feed) throw new Error(`the graph's input "${name}" is not fed`);
      tensors[name] = toTensor(dtype, feed);
    }
    const results = await this.#session.run(tensors).catch(explainShortage);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)]));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** onnxruntime names a failed allocation in its message only. */
function explainShortage(cause: unknown): never {
  if (cause instanceof Error && /failed to allocate memory|bad allocation|bad_alloc/i.test(cause.message)) {
    throw new EngineError(
      "The memory was not enough: lower per_device_train_batch_size or max_length, or set gradient_checkpointing: true.",
      { cause },
    );
  }
  throw cause;
}

function toTensor(dtype: DType, { data, dims }: TensorData): Tensor {
  if (dtype === "float32" && data instanceof Float32Array) return new Tensor("float32", data, dims);
  if (dtype === "int64" && data instanceof BigInt64Array) return new Tensor("int64", data, dims);
  if (dtype === "int32" && data instanceof Int32Array) return new Tensor("int32", data, dims);
  if (dtype === "uint32" && data instanceof Uint32Array) return new Tensor("uint32", data, dims);
  throw new Error(`${data.constructor.name} does not hold ${dtype}`);
}

function fromTensor({ data, dims }: Tensor): TensorData {
  if (
    data instanceof Float32Array ||
    data instanceof BigInt64Array ||
    data instanceof Int32Array ||
    data instanceof Uint32Array
  ) {
    return { data, dims };
  }
  throw new Error(`a graph output holds ${data.constructor.name}`);
}

function unavailable(device: Device, cause: unknown): EngineError {
  const hint =
    device === "cuda"
      ? "fetch onnxruntime's CUDA libraries with `node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12`"
      : "a Vulkan, Metal or Direct3D 12 driver is needed";
  return new EngineError(`device: ${device} cannot be used here; ${hint}, or set device: cpu.`, { cause });
}

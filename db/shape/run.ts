import { z } from "zod";

export const runProgressSchema = z.object({
  done: z.number(),
  /** Absent while the end is unknown. */
  total: z.number().optional(),
  unit: z.string(),
  /** Units per second, over the last seconds. */
  rate: z.number().optional(),
  secondsLeft: z.number().optional(),
  message: z.string().optional(),
});
export type RunProgress = z.infer<typeof runProgressSchema>;

/** What a run needs of a worker. Absent: nothing special. */
const runRequirementsSchema = z.object({
  engine: z.enum(["onnx", "torch"]).optional(),
  /** The run trains on a cluster: the worker only has to reach it. */
  cluster: z.enum(["ray"]).optional(),
  device: z.enum(["cpu", "webgpu", "cuda"]).optional(),
  memoryBytes: z.number().optional(),
});
export type RunRequirements = z.infer<typeof runRequirementsSchema>;
/** What a worker has. */
export const workerCapabilitiesSchema = z.object({
  engines: z.array(z.enum(["onnx", "torch"])),
  /** Kinds of clusters that it may send runs to. */
  clusters: z.array(z.enum(["ray"])).optional(),
  devices: z.array(z.enum(["cpu", "webgpu", "cuda"])),
  memoryBytes: z.number(),
  /** The options of each training method as JSON Schema. */
  options: z.record(z.string(), z.unknown()).default({}),
});
export type WorkerCapabilities = z.infer<typeof workerCapabilitiesSchema>;

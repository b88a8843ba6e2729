import { z } from "zod";
import { parseRowJson } from "../../../db/shape/written-json";
import { answerShape, requestShape, writeShape, writtenShape } from "./requests";

const asWritten = z.string().transform(parseRowJson);

/** What goes to the child process: first `open`, then requests one after the other; `stop` breaks off the one it works on. */
export const toChild = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("open"),
    model: z.string(),
    adapter: z.string().nullish(),
    device: z.enum(["cpu", "webgpu", "cuda"]).optional(),
    threads: z.int().positive().optional(),
  }),
  /** As text: a message between processes has no numbers as they were written. */
  z.object({ type: z.literal("request"), request: asWritten.pipe(z.union([requestShape, writeShape])) }),
  z.object({ type: z.literal("stop") }),
]);

/** What comes back: `done` after an open or a request, `failed` instead of it. */
export const fromChild = z.discriminatedUnion("type", [
  z.object({ type: z.literal("answer"), answer: z.union([answerShape, writtenShape]) }),
  z.object({ type: z.literal("done") }),
  z.object({
    type: z.literal("failed"),
    message: z.string(),
    /** The message is for the user (an EngineError); otherwise it is a bug's stack. */
    expected: z.boolean(),
  }),
]);

/** As it is sent, and as it is read. */
export type ToChild = z.input<typeof toChild>;
export type FromParent = z.output<typeof toChild>;
export type FromChild = z.infer<typeof fromChild>;

/** What a run tells: one JSON object a line in `events.jsonl`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { appendText, writeText } from "../file/files";

const step = z.int().nonnegative();
const count = z.int().nonnegative();

/**
 * What an evaluation counted, where the metrics beside it are means of micro-batches' means as TRL logs them.
 * Rows are examples as the loss reads them: a comparison that KTO takes apart is two.
 */
export const heldOut = z.object({
  /** Rows that were scored, and those that were left out, because they are too long for example. */
  scored: count,
  dropped: count,
  /** Of the `compared` pairs of answers those whose better one is scored higher, a tie is none; without pairs, absent. */
  right: count.optional(),
  compared: count.optional(),
  /** Means over all rows, or over all tokens where the metric is one of tokens, by the metric's name. */
  means: z.record(z.string(), z.number()),
});
export type HeldOut = z.infer<typeof heldOut>;

export const runEvent = z.discriminatedUnion("type", [
  /** One line for every `logging_steps` steps, with TRL's metric names; a metric without a value is left out. */
  z.looseObject({ type: z.literal("metrics"), step, epoch: z.number(), loss: z.number() }),
  z.looseObject({
    type: z.literal("eval"),
    step,
    epoch: z.number(),
    eval_loss: z.number(),
    held_out: heldOut.optional(),
  }),
  /** `path` is relative to the run's output directory. */
  z.object({ type: z.literal("checkpoint"), step, path: z.string() }),
  z.object({
    type: z.literal("log"),
    level: z.enum(["info", "warning", "error"]),
    message: z.string(),
    /** Told once at the start: the number of optimizer steps. */
    steps: step.optional(),
  }),
  z.object({
    type: z.literal("done"),
    step,
    /** The step whose weights are the result: the best one, where that was asked for. */
    weights_step: step.optional(),
    seconds: z.number(),
    tokens: z.int(),
    peak_memory_bytes: z.int(),
  }),
]);
export type RunEvent = z.infer<typeof runEvent>;

export const eventsFile = (output: string) => join(output, "events.jsonl");

export function writeEvent(output: string, event: RunEvent): void {
  appendText(eventsFile(output), `${JSON.stringify({ ...event, time: new Date().toISOString() })}\n`);
}

/** Takes back what was said after step `step`: a resumed run says it again. */
export function rewindEvents(output: string, step: number): void {
  const file = eventsFile(output);
  if (!existsSync(file)) return;
  const kept = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !saidAfter(line, step));
  writeText(file, kept.map((line) => `${line}\n`).join(""));
}

/** A line that a killed process left unfinished counts as said after. */
function saidAfter(line: string, step: number): boolean {
  try {
    const event = runEvent.safeParse(JSON.parse(line));
    return !event.success || ("step" in event.data && event.data.step > step) || event.data.type === "done";
  } catch {
    return true;
  }
}

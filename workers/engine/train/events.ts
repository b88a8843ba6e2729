/** What a run tells: one JSON object a line in `events.jsonl`. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { appendText, writeText } from "../file/files";

const step = z.int().nonnegative();

export const runEvent = z.discriminatedUnion("type", [
  /** One line for every `logging_steps` steps, with TRL's metric names; a metric without a value is left out. */
  z.looseObject({ type: z.literal("metrics"), step, epoch: z.number(), loss: z.number() }),
  z.looseObject({ type: z.literal("eval"), step, epoch: z.number(), eval_loss: z.number() }),
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

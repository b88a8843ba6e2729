/** The child process of workers/training/inference-child.ts: holds one model and answers requests in turn, because a run of a graph blocks its thread. */

import { EngineError } from "../errors";
import { type FromChild, type FromParent, toChild } from "./child-messages";
import type { InferenceRequest, WriteRequest } from "./requests";
import { TextInference } from "./text-inference";

let engine: TextInference | null = null;
let work = Promise.resolve();
let stopped = false;

process.on("message", (message) => {
  const parsed = toChild.parse(message);
  // Heard between two runs of a graph, while a request is worked on.
  if (parsed.type === "stop") stopped = true;
  else work = work.then(() => handle(parsed));
});
process.on("disconnect", () => process.exit()); // the parent is gone

async function handle(message: Exclude<FromParent, { type: "stop" }>): Promise<void> {
  stopped = false;
  try {
    if (message.type === "open") engine = new TextInference(message);
    else if (engine === null) throw new EngineError("No model is open.");
    else
      for await (const answer of answersOf(engine, message.request)) {
        if (stopped) break;
        await send({ type: "answer", answer });
      }
    await send({ type: "done" });
  } catch (error) {
    const expected = error instanceof EngineError;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await send({ type: "failed", message: expected ? error.message : stack, expected });
  }
}

const answersOf = (model: TextInference, request: InferenceRequest | WriteRequest) =>
  request.kind === "write" ? model.write(request) : model.answer(request);

/** Resolves when the message is on its way, so that answers leave while the next run blocks this thread. */
function send(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

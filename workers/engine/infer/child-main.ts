/** The child process of workers/training/inference-child.ts: holds one model and answers requests in turn, because a run of a graph blocks its thread. */

import { EngineError } from "../errors";
import { type FromChild, type FromParent, toChild } from "./child-messages";
import { TextInference } from "./text-inference";

let engine: TextInference | null = null;
let work = Promise.resolve();

process.on("message", (message) => {
  const parsed = toChild.parse(message);
  work = work.then(() => handle(parsed));
});
process.on("disconnect", () => process.exit()); // the parent is gone

async function handle(message: FromParent): Promise<void> {
  try {
    if (message.type === "open") engine = new TextInference(message);
    else if (engine === null) throw new EngineError("No model is open.");
    else for await (const answer of engine.answer(message.request)) await send({ type: "answer", answer });
    await send({ type: "done" });
  } catch (error) {
    const expected = error instanceof EngineError;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await send({ type: "failed", message: expected ? error.message : stack, expected });
  }
}

/** Resolves when the message is on its way, so that answers leave while the next run blocks this thread. */
function send(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

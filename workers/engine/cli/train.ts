import { parseArgs } from "node:util";
import { EngineError } from "../errors";
import { readRunSpec } from "../spec/file";
import { ProgressLine } from "../train/progress";
import { train } from "../train/train";
import { runCommand } from "./command";

const usage = `npm run train -- path/to/run.yaml [--resume [--finish]]
  --resume  continue from the newest checkpoint in the run's output directory
  --finish  take no further step: make the result of the newest checkpoint`;

/** Exit statuses of a process that a signal ended, as shells count them: 128 + the signal's number. */
const stopStatus = { SIGINT: 130, SIGTERM: 143 } as const;

await runCommand(usage, async () => {
  const { file, resume, finish } = readArguments();
  const spec = readRunSpec(file);
  if (spec.engine === "torch") {
    throw new EngineError(
      `${file}: engine is torch: start it with workers/torch/.venv/bin/python -m concord_torch (npm run torch:setup makes it), or set engine: onnx.`,
    );
  }
  let stopSignal: keyof typeof stopStatus | null = null;
  const line = new ProgressLine(process.stdout);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // npm passes on what a whole process group was sent already: the same wish, heard twice.
      if (stopSignal === null) line.say("Stopping after this step; Ctrl-\\ ends the run at once.");
      stopSignal ??= signal;
    });
  }
  const end = await train(spec, {
    resume,
    finish,
    shouldStop: () => stopSignal !== null,
    onStep: (status) => line.show(status),
    onMessage: (message) => line.say(message),
  });
  line.say(end === "done" ? `Trained: ${spec.output}/output` : "Stopped.");
  if (end === "stopped" && stopSignal !== null) process.exitCode = stopStatus[stopSignal];
});

function readArguments(): { file: string; resume: boolean; finish: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { resume: { type: "boolean", default: false }, finish: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const { resume, finish } = values;
    if (finish && !resume) throw new Error("--finish needs --resume: it makes the result of a checkpoint.");
    if (positionals.length === 1) return { file: positionals[0], resume, finish };
  } catch (cause) {
    throw new EngineError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
  throw new EngineError(`Give one run.yaml.\n${usage}`);
}

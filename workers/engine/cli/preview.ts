import { EngineError } from "../errors";
import { readRunSpec } from "../spec/file";
import { previewRun } from "../train/preview";
import { runCommand } from "./command";

const usage = "npm run preview -- path/to/run.yaml";

/** Prints, as one JSON object, what a run.yaml would train on and take. */
await runCommand(usage, () => {
  const [file, ...rest] = process.argv.slice(2);
  if (!file || rest.length > 0) throw new EngineError(`Give one run.yaml: ${usage}`);
  console.log(JSON.stringify(previewRun(readRunSpec(file))));
});

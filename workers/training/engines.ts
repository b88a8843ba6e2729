import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { runShapes } from "../engine/spec-options";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** By its full address: an engine runs in the run's folder, from where the package could not be found. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** The environment that `npm run torch:setup` makes; its last file says that it is complete. */
const torchEnvironment = join(root, "workers/torch/.venv");
const torchPython = join(torchEnvironment, "bin/python");

export type Engine = "onnx" | "torch";

export interface Command {
  file: string;
  args: string[];
}

/** One of the TypeScript engine's programs, as `npm run` starts it. */
export function engineCommand(
  program: "train" | "new-model" | "merge" | "preview",
  args: readonly string[],
): Command {
  return {
    file: process.execPath,
    args: ["--import", tsx, join(root, "workers/engine/cli", `${program}.ts`), ...args],
  };
}

/** How an engine is started on a run.yaml: the same command that a person types. */
export function trainCommand(engine: Engine, runYaml: string, flags: readonly string[]): Command {
  return engine === "onnx"
    ? engineCommand("train", [runYaml, ...flags])
    : { file: torchPython, args: ["-m", "concord_torch", runYaml, ...flags] };
}

/** What this machine can run. */
export function installedEngines(): Engine[] {
  return existsSync(join(torchEnvironment, "concord.json")) ? ["onnx", "torch"] : ["onnx"];
}

/** Every option of every method, as JSON Schema with defaults, ranges and descriptions. */
export function engineOptions(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(runShapes).map(([method, shape]) => [
      method,
      z.toJSONSchema(shape, { io: "input", unrepresentable: "any" }),
    ]),
  );
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { runShapes } from "../engine/spec-options";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The environment that `npm run torch:setup` makes. */
const torchPython = join(root, "workers/torch/.venv/bin/python");

export type Engine = "onnx" | "torch";

export interface Command {
  file: string;
  args: string[];
}

/** How an engine is started on a run.yaml: the same command that a person types. */
export function trainCommand(engine: Engine, runYaml: string, flags: readonly string[]): Command {
  return engine === "onnx"
    ? {
        file: process.execPath,
        args: ["--import", "tsx", join(root, "workers/engine/cli/train.ts"), runYaml, ...flags],
      }
    : { file: torchPython, args: ["-m", "concord_torch", runYaml, ...flags] };
}

/** What this machine can run. */
export function installedEngines(): Engine[] {
  return existsSync(torchPython) ? ["onnx", "torch"] : ["onnx"];
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

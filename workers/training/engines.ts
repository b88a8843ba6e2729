import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { trainingMethods } from "../../server/training/schema";
import { runShapes } from "../engine/spec/options";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** By its full address: an engine runs in the run's folder, from where the package could not be found. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** The environment that `npm run torch:setup` makes; its last file says that it is complete. */
const torchEnvironment = join(root, "workers/torch/.venv");
const torchPython = join(torchEnvironment, "bin/python");

/** Drivers are slow to answer the first time. */
const PROBE_MS = 60_000;

export type Engine = "onnx" | "torch";

export interface Command {
  file: string;
  args: string[];
}

/** One of the TypeScript engine's programs, as `npm run` starts it. */
export function engineCommand(
  program: "train" | "new-model" | "merge" | "preview" | "devices",
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

const devicesShape = z.array(z.enum(["cpu", "webgpu", "cuda"]));

/**
 * Where the onnx engine can compute on this machine, tried in a process of its own: a driver that crashes takes no
 * worker with it.
 */
export async function usableDevices(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<z.infer<typeof devicesShape>> {
  const { file, args } = engineCommand("devices", []);
  const { stdout } = await promisify(execFile)(file, args, { env: environment, timeout: PROBE_MS }).catch(
    () => ({
      stdout: '["cpu"]',
    }),
  );
  return devicesShape.parse(JSON.parse(stdout));
}

/** What this machine can run. */
export function installedEngines(): Engine[] {
  return existsSync(join(torchEnvironment, "concord.json")) ? ["onnx", "torch"] : ["onnx"];
}

/** What a worker announces: the options of the methods that the platform launches. */
export function announcedOptions(): Record<string, unknown> {
  const all = engineOptions();
  return Object.fromEntries(trainingMethods.map((method) => [method, all[method]]));
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

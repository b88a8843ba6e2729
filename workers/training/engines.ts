import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { trainingMethods } from "../../db/shape/training";
import { type Command, runChild } from "../../server/child";
import { runShapes } from "../engine/spec/options";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** By its full address: an engine runs in the run's folder, from where the package could not be found. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** The environment that `npm run torch:setup` makes; its last file says that it is complete. */
const torchEnvironment = join(root, "workers/torch/.venv");
const torchPython = join(torchEnvironment, "bin/python");
const torchStamp = join(torchEnvironment, "concord.json");

/** Drivers are slow to answer the first time. */
const PROBE_MS = 60_000;

export type Engine = "onnx" | "torch";

/** One of the TypeScript engine's programs, as `npm run` starts it. */
export function engineCommand(
  program: "train" | "new-model" | "merge" | "preview" | "devices",
  args: readonly string[],
): Command {
  return {
    file: process.execPath,
    args: ["--import", tsx, join(root, "workers/engine/cli", `${program}.ts`), ...args],
    offline: program !== "devices",
  };
}

/** How an engine is started on a run.yaml: the same command that a person types. */
export function trainCommand(
  engine: Engine,
  runYaml: string,
  options: Readonly<Record<string, unknown>>,
  flags: readonly string[] = [],
): Command {
  const command =
    engine === "onnx"
      ? engineCommand("train", [runYaml, ...flags])
      : { file: torchPython, args: ["-m", "concord_torch", runYaml, ...flags] };
  return { ...command, offline: computesOnOneCpu(engine, options) };
}

/** Drivers of GPUs and processes that talk to each other need a network, were it their own machine's. */
function computesOnOneCpu(
  engine: Engine,
  { device = "cpu", devices = 1 }: Readonly<Record<string, unknown>>,
): boolean {
  return engine === "onnx" ? device === "cpu" : torchDevice() === "cpu" && devices === 1;
}

const stampShape = z.object({ device: z.enum(["cpu", "cuda"]) });

/** For what the torch engine was set up on this machine. */
function torchDevice(): "cpu" | "cuda" | undefined {
  if (!existsSync(torchStamp)) return undefined;
  return stampShape.parse(JSON.parse(readFileSync(torchStamp, "utf8"))).device;
}

const devicesShape = z.array(z.enum(["cpu", "webgpu", "cuda"]));

/**
 * Where the onnx engine can compute on this machine, tried in a process of its own: a driver that crashes takes no
 * worker with it.
 */
export async function usableDevices(): Promise<z.infer<typeof devicesShape>> {
  const { code, output } = await runChild(engineCommand("devices", []), { timeout: PROBE_MS });
  return code === 0 ? devicesShape.parse(JSON.parse(output)) : ["cpu"];
}

/** What this machine can run. */
export function installedEngines(): Engine[] {
  return existsSync(torchStamp) ? ["onnx", "torch"] : ["onnx"];
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

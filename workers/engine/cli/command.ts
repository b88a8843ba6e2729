import { type ParseArgsConfig, parseArgs } from "node:util";
import { EngineError } from "../errors";
import type { Device } from "../graph/session";

/**
 * Runs a command line. `--help` prints its usage and no more; bad input prints its one sentence and exits with 1;
 * anything else is a bug and shows its stack.
 */
export async function runCommand(usage: string, main: () => void | Promise<void>): Promise<void> {
  if (process.argv.includes("--help")) return console.log(usage);
  try {
    await main();
  } catch (error) {
    console.error(error instanceof EngineError ? error.message : error);
    process.exitCode = 1;
  }
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * The options of a command line, none of them positional.
 * @throws EngineError with the usage for an option that is unknown or lacks its value.
 */
export function readOptions<T extends Options>(options: T, usage: string) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new EngineError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, { cause });
  }
}

/** The value of an option that must be there. */
export function required(value: string | undefined, name: string, usage: string): string {
  if (value === undefined) throw new EngineError(`--${name} is missing.\n${usage}`);
  return value;
}

/** `--device`, cpu where it is not given. */
export function deviceOption(value: string | undefined, usage: string): Device {
  if (value === undefined || value === "cpu") return "cpu";
  if (value === "webgpu" || value === "cuda") return value;
  throw new EngineError(`--device ${value} is not one of cpu, webgpu, cuda.\n${usage}`);
}

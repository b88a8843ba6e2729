import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Programs that only nightly tests need, at the versions whose reading of us was seen. */
export const openApiTools = ["openapi-python-client==0.29.1", "ruff==0.17.6", "schemathesis==4.32.5"];
/** What asks models; lm-eval asks them over HTTP, and needs no torch for it. */
export const modelClients = ["openai==3.57.0", "lm_eval[api]==0.4.13", "transformers==5.24.0"];
const NODE = ["openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "@redocly/cli@2.77.0", "typescript@5.9.3"];

/** Runs a program to its end. @throws with what it said, when it fails */
export function tool(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, ...env },
  });
  if (error || status !== 0)
    throw new Error(
      `${command} ${args[0] ?? ""}: ${error?.message ?? `${stdout.slice(-6000)}${stderr.slice(-4000)}`}`,
    );
  return stdout;
}

/** Where a package index cannot be reached, a test says so and is skipped. */
function made(what: string, steps: () => void): string | null {
  try {
    steps();
    return null;
  } catch (error) {
    return `${what} could not be installed: ${error instanceof Error ? error.message.trim().split("\n").at(-1) : error}`;
  }
}

/** Makes a Python with packages in `folder/python`. @returns why not, or null */
export const pythonTools = (folder: string, packages: readonly string[]): string | null =>
  made("PyPI's tools", () => {
    tool("python3", ["-m", "venv", "python"], folder);
    tool(
      join(folder, "python/bin/pip"),
      ["install", "--quiet", "--disable-pip-version-check", ...packages],
      folder,
    );
  });

/** Makes `folder/node_modules` with the tools. @returns why not, or null */
export const nodeTools = (folder: string): string | null =>
  made("npm's tools", () => {
    writeFileSync(join(folder, "package.json"), '{"type":"module","private":true}\n');
    tool("npm", ["install", "--no-audit", "--no-fund", "--save-exact", ...NODE], folder);
  });

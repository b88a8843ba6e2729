import { execFileSync } from "node:child_process";
import { join } from "node:path";

/**
 * The Python of CONCORD_BENCH_PYTHON, or one with these libraries in an environment below a folder, which is whoever
 * asks to remove. Nothing where there is none: it says so.
 */
export function benchPython(folder: string, libraries: readonly string[]): string | undefined {
  if (process.env.CONCORD_BENCH_PYTHON) return process.env.CONCORD_BENCH_PYTHON;
  const place = join(folder, "venv");
  try {
    execFileSync("python3", ["-m", "venv", place], { stdio: "ignore" });
    execFileSync(join(place, "bin/pip"), ["install", "--quiet", ...libraries], { stdio: "ignore" });
    return join(place, "bin/python");
  } catch {
    console.error(`Without ${libraries.join(", ")}: python3 or PyPI is not there; ours is measured alone.`);
    return undefined;
  }
}

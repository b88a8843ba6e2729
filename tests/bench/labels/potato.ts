import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const WANTED = ["potato-annotation==2.12.1", "numpy", "scipy"];

export interface Request {
  confidence: number[];
  wrong: boolean[];
  orders: number[][];
  halves: number[][];
  allowed: number;
  delta: number;
}

const answer = z.array(z.object({ labels: z.number(), accepted: z.number(), errors: z.number() }));

/**
 * Potato's rule on the same items, one study an order; null where it cannot be had. CONCORD_BENCH_PYTHON names a Python that
 * has it; else it is installed into a folder that goes away.
 */
export function potato(requests: readonly Request[]): z.infer<typeof answer>[] | null {
  const folder = mkdtempSync(join(tmpdir(), "concord-labels-"));
  try {
    const python = process.env.CONCORD_BENCH_PYTHON ?? installed(folder);
    if (!python) return null;
    const output = execFileSync(python, [join(import.meta.dirname, "potato_certificate.py")], {
      input: `${requests.map((each) => JSON.stringify(each)).join("\n")}\n`,
      maxBuffer: 1e9,
      encoding: "utf8",
    });
    return output
      .trim()
      .split("\n")
      .map((line) => answer.parse(JSON.parse(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function installed(folder: string): string | null {
  const place = join(folder, "venv");
  try {
    execFileSync("python3", ["-m", "venv", place], { stdio: "ignore" });
    execFileSync(join(place, "bin/pip"), ["install", "--quiet", "--no-deps", ...WANTED], { stdio: "ignore" });
    return join(place, "bin/python");
  } catch {
    console.error(
      `Without ${WANTED[0]}: python3 or PyPI is not there; certificates are compared with nothing.`,
    );
    return null;
  }
}

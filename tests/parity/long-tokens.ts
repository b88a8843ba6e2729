/**
 * The long differential run of tokens and masks against TRL: generated rows, rows of ../shared/data where it is
 * there, and the published chat templates that TRL ships.
 *
 *   node --import tsx tests/parity/long-tokens.ts [rows, default 12000]
 *
 * Needs Python with the packages that make_goldens.py names; PYTHON=… says which one.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Difference, differences, tokenCase } from "./token-cases";

const rows = process.argv[2] ?? "12000";
const python = process.env.PYTHON ?? "python3";
const directory = mkdtempSync(join(tmpdir(), "concord-tokens-"));
const script = resolve(import.meta.dirname, "make_goldens.py");
const made = spawnSync(python, [script, "long", directory, rows], { stdio: ["ignore", "ignore", "inherit"] });
if (made.status !== 0)
  throw new Error(`${python} ${script} failed: set PYTHON to a Python with torch, trl and datasets`);

let compared = 0;
let kept = 0;
const found: Difference[] = [];
for (const json of readFileSync(join(directory, "tokens.jsonl"), "utf8").trim().split("\n")) {
  const made = tokenCase.parse(JSON.parse(json));
  found.push(...differences(made, join(directory, "tokenizers")));
  compared += made.rows.length;
  kept += made.expected.filter((row) => !("dropped" in row)).length;
}
for (const difference of found.slice(0, 20)) console.log(JSON.stringify(difference));
console.log(
  `${compared} rows compared, ${kept} kept and ${compared - kept} dropped by TRL; ${found.length} differ.`,
);
rmSync(directory, { recursive: true });
process.exitCode = found.length === 0 ? 0 : 1;

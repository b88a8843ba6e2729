import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { writeJson } from "../../db/shape/written-json";
import { documentsOf } from "../../server/benchmark/data";
import { readFileContents } from "../../server/benchmark/read";
import type { Candidate } from "../../server/construction/candidate";
import { filesOf, readRecipe } from "../../server/construction/recipe";
import { rowHash, type Selection, type StepReport, select } from "../../server/construction/select";
import { isRecord } from "../../server/import/source/row";
import { InputError } from "../../server/statistics/estimate";

const usage = `npm run --silent select -- recipe.yaml --output DIR
  --output DIR    a new folder for selected.jsonl, baseline.jsonl, trace.jsonl, rejected.jsonl and report.json
Chooses rows of JSON Lines, JSON or Parquet by the recipe's filters, pairs and mixture, and says what each step removed.
The form of recipe.yaml: workers/construction/README.md.`;

try {
  await main();
} catch (error) {
  console.error(error instanceof InputError ? error.message : error);
  process.exitCode = 1;
}

/** `npm run --silent select -- recipe.yaml`: one sentence and exit code 1 where it cannot; nothing is then written. */
async function main(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) return console.log(usage);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new InputError(`Which recipe? One file is read at a time.\n${usage}`);
  if (values.output === undefined) throw new InputError(`--output is missing.\n${usage}`);
  const output = resolve(values.output);
  if (existsSync(output) && readdirSync(output).length > 0)
    throw new InputError(`${output} holds something already; name a new folder.`);
  const recipe = readRecipe(yaml(file), file);
  const here = (path: string) => resolve(dirname(file), path);
  const candidates: Candidate[] = [];
  for (const [source, { file: path }] of recipe.sources.entries())
    for (const one of await rowsOf(here(path), source)) candidates.push(one);
  const others = new Map<string, Candidate[]>();
  for (const path of filesOf(recipe)) others.set(path, await documents(here(path)));
  const selection = select(recipe, candidates, (path) => others.get(path) ?? []);
  const inputs = [...new Set([...recipe.sources.map((source) => source.file), ...others.keys()])].map(
    (path) => ({
      file: path,
      sha256: sha256(readFileSync(here(path))),
    }),
  );
  const asked = {
    seed: recipe.seed,
    sources: recipe.sources,
    text: recipe.text,
    by: recipe.by,
    steps: recipe.steps.map(({ name, settings }) => ({ [name]: settings })),
    pair: recipe.pair ?? null,
    mix: recipe.mix ?? null,
  };
  const report = {
    recipe: asked,
    inputs,
    /** Of the recipe with its defaults and all that it read: the same hash is the same selection. */
    hash: sha256(writeJson([asked, inputs])),
    candidates: candidates.length,
    selected: selection.selected.length,
    steps: selection.steps,
    pairs: selection.pairs,
    mix: selection.sources,
  };
  write(
    output,
    selection,
    report,
    recipe.sources.map(({ name }) => name),
  );
  console.log(words(report));
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { output: { type: "string" }, help: { type: "boolean" } },
    });
  } catch (cause) {
    throw new InputError(`${cause instanceof Error ? cause.message : cause}\n${usage}`, { cause });
  }
}

function yaml(file: string): unknown {
  if (!existsSync(file)) throw new InputError(`${file} does not exist.`);
  try {
    return parse(readFileSync(file, "utf8"), { merge: true });
  } catch (cause) {
    throw new InputError(`${file} is not YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

async function rowsOf(file: string, source: number): Promise<Candidate[]> {
  const contents = await readFileContents(file);
  if (contents.form !== "rows")
    throw new InputError(`${file}: rows to select from are read from .jsonl, .json (a list) and .parquet.`);
  return contents.rows.map((value, index) => {
    const place = `${file}, row ${index + 1}`;
    if (!isRecord(value)) throw new InputError(`${place} is no object with fields.`);
    return { source, row: index + 1, value, place, hash: rowHash(value) };
  });
}

/** Benchmarks and seeds come in forms of their own, such as MMLU's tables. */
async function documents(file: string): Promise<Candidate[]> {
  return documentsOf(await readFileContents(file), file, undefined).map((value, index) => ({
    source: -1,
    row: index + 1,
    value,
    place: `${file}, row ${index + 1}`,
    hash: rowHash(value),
  }));
}

/** Everything or nothing: the folder gets its name when it is whole. */
function write(
  folder: string,
  { selected, baseline, rejected, ablation }: Selection,
  report: unknown,
  names: readonly string[],
): void {
  const whole = `${folder}.partial`;
  rmSync(whole, { recursive: true, force: true });
  mkdirSync(whole, { recursive: true });
  const from = ({ source, row, hash }: Candidate) => ({ source: names[source], row, sha256: hash });
  const lines = (name: string, rows: readonly unknown[]) =>
    writeFileSync(join(whole, name), rows.map((row) => `${writeJson(row)}\n`).join(""));
  lines(
    "selected.jsonl",
    selected.map(({ value }) => value),
  );
  lines(
    "trace.jsonl",
    selected.map((row) => ({ from: row.from.map(from) })),
  );
  lines(
    "rejected.jsonl",
    rejected.map(({ candidate, step, verdict }) => ({ ...from(candidate), step, ...verdict })),
  );
  if (baseline)
    lines(
      "baseline.jsonl",
      baseline.map(({ value }) => value),
    );
  if (ablation.length > 0) mkdirSync(join(whole, "ablation"));
  for (const { name, rows } of ablation)
    lines(
      join("ablation", `${name}.jsonl`),
      rows.map(({ value }) => value),
    );
  writeFileSync(join(whole, "report.json"), `${writeJson(report, 2)}\n`);
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(whole, folder);
}

function words(report: {
  readonly candidates: number;
  readonly selected: number;
  readonly hash: string;
  readonly steps: readonly StepReport[];
  readonly pairs: Selection["pairs"];
  readonly mix: Selection["sources"];
}): string {
  const lines = [`${report.candidates} candidates`];
  for (const { step, given, kept, why } of report.steps) {
    lines.push(`${step}: ${kept} of ${given} stay`);
    for (const [word, count] of Object.entries(why)) lines.push(`  ${count} ${word}`);
  }
  if (report.pairs)
    lines.push(
      `pairs: ${report.pairs.made}; of ${report.pairs.longer} one text is more than twice as long as the other`,
    );
  for (const { name, taken, of, asked } of report.mix ?? [])
    lines.push(`${name}: ${taken} of ${of} (asked for ${(100 * asked).toFixed(1)} % of the mixture)`);
  lines.push(`${report.selected} selected · recipe and inputs ${report.hash.slice(0, 12)}`);
  return lines.join("\n");
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import { writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { writeJson } from "../../db/shape/written-json";
import type { Figure } from "../../server/benchmark/figures";
import { InputError } from "../../server/statistics/estimate";
import { EngineError } from "../engine/errors";
import { type Outcome, runTask } from "./run";
import { readTaskFile } from "./task-file";

const usage = `npm run --silent evaluate -- task.yaml [options]
  --model DIR          the model's folder, where the file names none or another
  --limit N            the first N documents of each task; below 1: that share of them
  --set FIELD=VALUE    any field of the task file, repeatable: --set num_fewshot=5 --set apply_chat_template=true
  --against FILE       training data to look for the documents in, repeatable: figures with and without what it holds
  --output FILE        write the JSON there and print the figures as text
Prints {results, figures, samples} as JSON: results and samples as lm-eval names them, a figure with its interval.
The form of task.yaml: workers/benchmark/README.md.`;

/**
 * `npm run --silent evaluate -- task.yaml`. A task that cannot be run has its sentence in \`errors\` and on standard
 * error, and the exit code is 1; the other tasks of the file are run all the same.
 */
try {
  await evaluate();
} catch (error) {
  fail(error);
}

async function evaluate(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) return console.log(usage);
  const [file, ...more] = positionals;
  if (!file || more.length > 0) throw new InputError(`Which task? One file is read at a time.\n${usage}`);
  const overrides = {
    // As typed, from here; a path in the file leads from the file.
    ...(values.model !== undefined && { model: resolve(values.model) }),
    ...(values.limit !== undefined && { limit: Number(values.limit) }),
    ...(values.against && { contamination: { against: values.against.map((path) => resolve(path)) } }),
    ...Object.fromEntries((values.set ?? []).map(setting)),
  };
  const outcomes: [string, Outcome][] = [];
  const errors: Record<string, string> = {};
  for (const task of readTaskFile(file, overrides)) {
    try {
      outcomes.push([task.task, await runTask(task, dirname(resolve(file)), progress)]);
    } catch (error) {
      errors[task.task] = fail(error, `${file}: ${task.task}: `);
    }
  }
  const part = <Key extends keyof Outcome>(key: Key) =>
    Object.fromEntries(outcomes.map(([name, outcome]) => [name, outcome[key]]));
  const text = writeJson({
    results: part("results"),
    figures: part("figures"),
    samples: part("samples"),
    ...(outcomes.some(([, { contamination }]) => contamination) && { contamination: part("contamination") }),
    ...(Object.keys(errors).length > 0 && { errors }),
  });
  if (values.output === undefined) return console.log(text);
  writeFileSync(values.output, `${text}\n`);
  for (const [name, { figures }] of outcomes)
    for (const figure of figures) console.log(`${name}: ${words(figure)}`);
}

function parsed() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        model: text,
        limit: text,
        output: text,
        against: { type: "string", multiple: true },
        set: { type: "string", multiple: true },
        help: { type: "boolean" },
      },
    });
  } catch (cause) {
    throw new InputError(`${cause instanceof Error ? cause.message : cause}\n${usage}`, { cause });
  }
}

function setting(given: string): [string, unknown] {
  const [, name, value] = /^(\w+)=([\s\S]*)$/.exec(given) ?? [];
  if (name === undefined) throw new InputError(`--set ${given}: write --set FIELD=VALUE.\n${usage}`);
  return [name, parse(value)];
}

function words({ metric, filter, value, n, low, high, strict, cut, setting }: Figure): string {
  const range = low === null || high === null ? "" : ` [${low.toFixed(4)}, ${high.toFixed(4)}]`;
  const ours = strict
    ? `; strictly ${strict.value.toFixed(4)} (${strict.failed} failed, ${strict.ties} tied)`
    : "";
  const shortened = cut > 0 ? `; the beginning of ${cut} prompts was not read` : "";
  return `${metric} (${filter}) ${value.toFixed(4)}${range} of ${n}${ours}${shortened} · ${setting}`;
}

/** One line on a terminal, rewritten in place; elsewhere nothing, so that logs stay short. */
function progress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${words}`);
}

/** Says what went wrong; a bug shows its stack. */
function fail(error: unknown, place = ""): string {
  const expected = error instanceof InputError || error instanceof EngineError;
  const message = place + (error instanceof Error ? error.message : String(error));
  console.error(expected ? message : error);
  process.exitCode = 1;
  return message;
}

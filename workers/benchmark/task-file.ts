/** Task files: YAML as lm-eval's, one task or several, which may include others. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { parse, type ScalarTag } from "yaml";
import { suiteOf } from "../../server/benchmark/suites";
import { readTask, type Task } from "../../server/benchmark/task";
import { isRecord } from "../../server/import/source/row";
import { InputError } from "../../server/statistics/estimate";

type Fields = Record<string, unknown>;

/** A function of lm-eval's Python, kept by its name: a few have a counterpart here. */
const functionTag: ScalarTag = { tag: "!function", resolve: (name) => `!function ${name}` };

/** The text of a file beside the task's: a long prompt, as LegalBench has one for each task. */
const fileTag = (taskFile: string): ScalarTag => ({
  tag: "!file",
  resolve(path, onError) {
    const file = resolve(dirname(taskFile), path);
    if (existsSync(file)) return readFileSync(file, "utf8");
    onError(`!file ${path}: ${file} does not exist`);
    return "";
  },
});

/**
 * The tasks of a file: what stands beside `tasks` holds for all of them.
 * @param overrides fields given on the command line, which win
 * @throws InputError naming file and field
 */
export function readTaskFile(file: string, overrides: Fields = {}): Task[] {
  const { tasks, ...common } = fieldsOf(file, []);
  const named = basename(file).replace(/\.ya?ml$/, "");
  if (tasks === undefined) return [settled({ ...common, ...overrides }, file, named)];
  if (!Array.isArray(tasks) || tasks.length === 0)
    throw new InputError(`${file}: tasks must be a list of tasks or of task files.`);
  const read = tasks.map((given: unknown, index): Task => {
    const place = `${file}: tasks.${index}`;
    const own = typeof given === "string" ? fieldsOf(resolve(dirname(file), given), [file]) : given;
    if (!isRecord(own)) throw new InputError(`${place} is neither a task nor the path of one.`);
    return settled({ ...common, ...own, ...overrides }, place, `${named}_${index}`);
  });
  const double = read.find(({ task }, index) => read.findIndex((other) => other.task === task) !== index);
  if (double)
    throw new InputError(`${file}: two tasks are called ${double.task}; give each a name of its own.`);
  return read;
}

/** A suite's fields lie under those that the file gives. */
function settled(given: Fields, place: string, name: string): Task {
  const { suite } = given;
  if (suite === undefined) return readTask(given, place, name);
  return readTask({ ...suiteOf(suite, place).task, ...given }, place, String(suite));
}

function fieldsOf(file: string, above: readonly string[]): Fields {
  if (above.includes(file)) throw new InputError(`${file} includes itself by way of ${above.join(", ")}.`);
  if (!existsSync(file)) throw new InputError(`${file} does not exist.`);
  let read: unknown;
  try {
    read = parse(readFileSync(file, "utf8"), { customTags: [functionTag, fileTag(file)], merge: true });
  } catch (cause) {
    throw new InputError(`${file} is not YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (!isRecord(read)) throw new InputError(`${file} has no fields; write "name: value" lines.`);
  const { include, ...own } = read;
  if (include === undefined) return own;
  if (typeof include !== "string") throw new InputError(`${file}: include must be the path of a task file.`);
  return { ...fieldsOf(resolve(dirname(file), include), [...above, file]), ...own };
}

/** From what a person asks to the task that is run. */
import { createHash } from "node:crypto";
import { parse } from "yaml";
import type { AskedBenchmark, BenchmarkFile } from "../../db/shape/benchmark";
import { isRecord } from "../import/source/row";
import { InputError } from "../statistics/estimate";
import { filterOf } from "./filters";
import { scoringOf } from "./process";
import { ownSuite } from "./schema";
import { suiteOf } from "./suites";
import { personFields, readTask, type Task } from "./task";

/** Names of the two splits: a suite's own names say which files Hugging Face has, a person says what they hold. */
const splitOf = { questions: "test", shots: "shots" } as const;

/**
 * The fields of the task that a person asks for, without model and data.
 * @throws InputError naming the field
 */
function fieldsOf({ suite, limit, shots, chat, cluster, fields, files }: AskedBenchmark) {
  const base = suite === ownSuite ? {} : suiteOf(suite, "The benchmark").task;
  const apart = files.some(({ holds }) => holds === "shots");
  return {
    ...base,
    ...(suite !== ownSuite && { suite }),
    ...personal(fields),
    test_split: splitOf.questions,
    validation_split: undefined,
    // Without files of their own shots come from the questions, and no document is its own.
    fewshot_split: apart ? splitOf.shots : splitOf.questions,
    ...(limit !== null && { limit }),
    ...(shots !== null && { num_fewshot: shots }),
    ...(chat && { apply_chat_template: true }),
    ...(cluster !== null && { cluster }),
  };
}

/** What a person may say of a task: nothing that names a file, a model or a device. */
function personal(fields: string): Record<string, unknown> {
  let read: unknown;
  try {
    read = parse(fields, { logLevel: "error" });
  } catch (cause) {
    throw new InputError(
      `The task's fields are not YAML: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
  if (read === null || read === undefined) return {};
  if (!isRecord(read)) throw new InputError('The task\'s fields are not "name: value" lines.');
  const other = Object.keys(read).find((name) => !personFields.includes(name));
  if (other !== undefined)
    throw new InputError(
      `The task's fields: ${other} cannot be said here; what can is ${personFields.join(", ")}.`,
    );
  return { ...read };
}

/**
 * The task that is run.
 * @param more model, adapter, training data to look through, groups
 * @throws InputError naming the field that is not as it should be
 */
export function taskOf(asked: AskedBenchmark, more: Readonly<Record<string, unknown>> = {}): Task {
  const named = (holds: BenchmarkFile["holds"]) =>
    asked.files.filter((file) => file.holds === holds).map(({ name }) => name);
  const shots = named("shots");
  const data = {
    [splitOf.questions]: named("questions"),
    ...(shots.length > 0 && { [splitOf.shots]: shots }),
  };
  const task = readTask({ ...fieldsOf(asked), ...more, data }, "The task", asked.suite);
  if (task.doc_to_text === "" && task.output_type !== "loglikelihood_rolling")
    throw new InputError(
      "The task: doc_to_text is missing: write the prompt into the task's fields, with the documents' fields in {{…}}.",
    );
  const isJudged = scoringOf(task).process?.ofJudged !== undefined;
  if (isJudged && !asked.judgeModelId)
    throw new InputError(
      "The task: no judge is chosen: a registered model reads the answers and judges them.",
    );
  if (!isJudged && asked.judgeModelId)
    throw new InputError("The task: its answers are scored without a judge: leave the judge out.");
  for (const [index, { filter }] of (task.filter_list ?? []).entries())
    filterOf(filter, `filter_list.${index}`);
  return task;
}

/** All that figures hang on but the model: files by their bytes and what they hold, and the task. */
export function keyOf(asked: AskedBenchmark): string {
  const { data: _, ...task } = taskOf(asked);
  const { judgeModelId } = asked;
  const files = asked.files.map(({ sha256, holds }) => [holds, sha256]);
  return createHash("sha256")
    .update(JSON.stringify([files, task, ...(judgeModelId ? [judgeModelId] : [])]))
    .digest("hex");
}

/** The form of a task file: lm-eval's names, so that one of its files needs little change. */
import { z } from "zod";
import { InputError } from "../statistics/estimate";

const number = z.number();
const count = z.int().nonnegative();
/** A template, the name of a field, or a value that is the same for every document. */
const text = z.union([z.string(), z.int()]);
const target = z.union([z.string(), z.int(), z.array(z.union([z.string(), z.int()]))]);
const choice = z.union([z.string(), z.array(z.coerce.string()), z.record(z.string(), z.coerce.string())]);
const document = z.record(z.string(), z.unknown());

const outputTypes = ["multiple_choice", "loglikelihood", "loglikelihood_rolling", "generate_until"] as const;

/** Scores that need more than a target: named after lm-eval's functions of the same kind, or after their suite. */
export const processes = [
  "mc2",
  "ifeval",
  "bbq",
  "xstest",
  "tatqa",
  "humaneval",
  "alpaca_eval",
  "mt_bench",
] as const;

const generation = z.looseObject({
  until: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  do_sample: z.boolean().optional(),
  temperature: number.nonnegative().optional(),
  top_k: count.optional(),
  top_p: number.positive().max(1).optional(),
  max_gen_toks: z.int().positive().optional(),
  max_new_tokens: z.int().positive().optional(),
  max_tokens: z.int().positive().optional(),
});

const fewshot = z.strictObject({
  sampler: z.enum(["default", "first_n"]).default("default"),
  split: z.string().optional(),
  samples: z.array(document).optional(),
  fewshot_indices: z.array(count).optional(),
  /** Draw each document's shots from a stream of its own: they do not change with the limit. lm-eval has one stream. */
  per_document: z.boolean().default(false),
  doc_to_text: text.optional(),
  doc_to_target: target.optional(),
  doc_to_choice: choice.optional(),
  gen_prefix: z.string().optional(),
  target_delimiter: z.string().optional(),
  fewshot_delimiter: z.string().optional(),
});

const metric = z.strictObject({
  metric: z.string(),
  aggregation: z.string().optional(),
  higher_is_better: z.boolean().optional(),
  ignore_case: z.boolean().optional(),
  ignore_punctuation: z.boolean().optional(),
  ignore_numbers: z.boolean().optional(),
  regexes_to_ignore: z.array(z.string()).optional(),
});
export type MetricOptions = z.infer<typeof metric>;

const filterStep = z.looseObject({ function: z.string() });
const filter = z.strictObject({ name: z.string(), filter: z.array(filterStep).min(1) });
export type FilterStep = z.infer<typeof filterStep>;

/** A file, or chosen rows of one, counted from 0. */
const file = z.union([
  z.string().transform((path) => ({ file: path, rows: null })),
  z.strictObject({ file: z.string(), rows: z.array(count).nullable().default(null) }),
]);
export type DataFile = z.infer<typeof file>;
/** The files of each split; one alone is the test split. */
const files = z.union([
  file.transform((one) => ({ test: [one] })),
  z.record(z.string(), z.union([file.transform((one) => [one]), z.array(file)])),
]);

const judgeModel = z.strictObject({
  model: z.string(),
  /** What it is called; else its folder. */
  name: z.string().optional(),
  adapter: z.string().optional(),
  max_length: z.int().positive().optional(),
});

/** What is asked of the model's side. */
const modelFields = {
  model: z.string().optional(),
  adapter: z.string().optional(),
  device: z.enum(["cpu", "webgpu", "cuda"]).default("cpu"),
  batch_size: z.int().positive().default(8),
  max_length: z.int().positive().optional(),
  add_bos_token: z.boolean().optional(),
  prefix_token_id: count.optional(),
  /** The model that judges what is written. */
  judge: z
    .union([z.string().transform((model): z.infer<typeof judgeModel> => ({ model })), judgeModel])
    .optional(),
};

/** Settings of a run that lm-eval takes on its command line. */
const runFields = {
  limit: number.positive().optional(),
  samples: z.array(count).optional(),
  fewshot_seed: z.int().min(0).max(0xffffffff).default(1234),
  apply_chat_template: z.boolean().default(false),
  fewshot_as_multiturn: z.boolean().optional(),
  system_instruction: z.string().optional(),
  bootstrap_iters: count.default(100_000),
  /** Field by which documents belong together (a prompt, a passage): intervals count clusters. */
  cluster: z.string().optional(),
  /** Fields by whose values figures are given apart too: language, domain. */
  groups: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  /** Training files that the documents are looked for in, by all their texts or by one field. */
  contamination: z
    .strictObject({
      against: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]),
      field: z.string().optional(),
    })
    .optional(),
};

const taskFields = {
  task: z.string().optional(),
  suite: z.string().optional(),
  data: files.optional(),
  dataset_path: z.string().nullish(),
  dataset_name: z.string().nullish(),
  dataset_kwargs: z.looseObject({ data_files: files.optional() }).nullish(),
  training_split: z.string().nullish(),
  validation_split: z.string().nullish(),
  test_split: z.string().nullish(),
  fewshot_split: z.string().nullish(),
  output_type: z.enum(outputTypes).default("generate_until"),
  doc_to_text: text.default(""),
  doc_to_target: target.default(""),
  doc_to_choice: choice.nullish(),
  process_results: z
    .string()
    .transform((name, context) => {
      const plain = name.replace(/^.*process_results_?/, "");
      const known = processes.find((one) => one === plain);
      if (known) return known;
      context.addIssue(
        `is ${JSON.stringify(name)}; known are ${processes.join(", ")} (a function of Python cannot be run here: name the scorer)`,
      );
      return z.NEVER;
    })
    .nullish(),
  description: z.string().default(""),
  target_delimiter: z.string().default(" "),
  fewshot_delimiter: z.string().default("\n\n"),
  gen_prefix: z.string().nullish(),
  num_fewshot: count.nullish().transform((shots) => shots ?? 0),
  fewshot_config: fewshot.prefault({}),
  generation_kwargs: generation.optional(),
  repeats: z.int().positive().default(1),
  metric_list: z.array(metric).min(1).nullish(),
  filter_list: z.array(filter).min(1).nullish(),
  // Said by lm-eval's files and of no consequence here.
  tag: z.unknown().optional(),
  task_alias: z.unknown().optional(),
  metadata: z.unknown().optional(),
  should_decontaminate: z.unknown().optional(),
  doc_to_decontamination_query: z.string().nullish(),
};

/** What a person may say on a page: of the task, nothing that names a file, a model or what it runs on. */
export const personFields: readonly string[] = [
  ...["output_type", "doc_to_text", "doc_to_target", "doc_to_choice", "process_results", "description"],
  ...[
    "target_delimiter",
    "fewshot_delimiter",
    "gen_prefix",
    "fewshot_config",
    "generation_kwargs",
    "repeats",
  ],
  ...["metric_list", "filter_list", "samples", "fewshot_seed", "fewshot_as_multiturn", "system_instruction"],
  ...["bootstrap_iters", "batch_size", "max_length", "add_bos_token"],
];

const taskShape = z.strictObject({ ...modelFields, ...runFields, ...taskFields });
type TaskFile = z.infer<typeof taskShape>;

/** A task with everything that was left open settled. */
export type Task = Omit<TaskFile, "task"> & { readonly task: string };

/**
 * Checks one task, already merged with what it includes.
 * @param place the file it stands in, for errors
 * @throws InputError naming the file and the field, and what may stand there
 */
export function readTask(given: unknown, place: string, name: string): Task {
  const parsed = taskShape.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const known = Object.keys(taskShape.shape);
    if (issue.code === "unrecognized_keys") {
      const path = [...issue.path, issue.keys[0]].join(".");
      const here = issue.path.length === 0 ? `; known are ${known.join(", ")}` : "";
      throw new InputError(`${place}: ${path} is not a field of a task${here}.`);
    }
    throw new InputError(`${place}: ${issue.path.join(".") || "the task"}: ${issue.message}.`);
  }
  const task = { ...parsed.data, task: parsed.data.task ?? name };
  if (task.output_type === "multiple_choice" && !task.doc_to_choice && !task.suite)
    throw new InputError(`${place}: doc_to_choice is missing: a task of choices says which there are.`);
  return task;
}

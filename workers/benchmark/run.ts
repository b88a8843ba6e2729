/** A task from its file to its figures. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { writeJson } from "../../db/shape/written-json";
import { contamination, type Taint, taintedShare, textsIn } from "../../server/benchmark/contamination";
import { documentsOf } from "../../server/benchmark/data";
import { type Document, plain } from "../../server/benchmark/document";
import { type Figure, figuresOf, type Scored } from "../../server/benchmark/figures";
import { filterOf } from "../../server/benchmark/filters";
import {
  type ChoiceItem,
  choiceItem,
  likelihoodItem,
  metricsOf,
  rollingItem,
  type Scored as Said,
  type Scores,
  textItem,
} from "../../server/benchmark/metrics";
import { processOf } from "../../server/benchmark/process";
import { type Strict, strictChoice, strictText } from "../../server/benchmark/strict";
import type { DataFile, Task } from "../../server/benchmark/task";
import { InputError } from "../../server/statistics/estimate";
import { BenchmarkModel, type Generation } from "./model";
import { type Question, questionsOf, type Target } from "./questions";
import { readContents } from "./read";

/** One document as it went, under one filter: lm-eval's sample. */
export interface Sample {
  readonly doc_id: number;
  readonly filter: string;
  readonly doc: unknown;
  readonly target: Target;
  readonly requests: readonly unknown[];
  readonly resps: readonly unknown[];
  readonly filtered: readonly unknown[];
  readonly metrics: Scores;
  /** Of every request, tokens of its context and of its continuation, before any are cut off. */
  readonly tokens?: readonly (readonly [number, number])[];
}

export interface Outcome {
  readonly results: Readonly<Record<string, number | "N/A">>;
  readonly figures: readonly Figure[];
  readonly samples: readonly Sample[];
  /** Where training data was given to look through. */
  readonly contamination?: Contamination;
}

/** A document's taint. */
type TaintOf = Taint & { readonly doc_id: number };

/** What of a task stands in training data, and its figures with and without. */
interface Contamination {
  readonly against: readonly string[];
  readonly n: number;
  readonly tainted: number;
  readonly gram13: number;
  readonly share8: number;
  readonly exact: number;
  /** Figures of the documents that are not in the training data, and of those that are. */
  readonly clean: readonly Figure[];
  readonly dirty: readonly Figure[];
  readonly documents: readonly TaintOf[];
}

/** What the model gave for the questions of a task. */
interface Answered {
  readonly requests: readonly unknown[];
  readonly resps: readonly unknown[];
  readonly tokens?: readonly (readonly [number, number])[];
  readonly strict: Readonly<Record<string, Strict>>;
  readonly cut: boolean;
  /** Of a filter's name: what is left of the answers, and their scores. */
  readonly byFilter: ReadonlyMap<string, { readonly filtered: readonly unknown[]; readonly metrics: Scores }>;
}

/**
 * @param folder where the task file lies, from which its paths lead
 * @param progress called with a sentence now and then
 * @throws InputError naming what of the task, the data or the model does not fit
 */
export async function runTask(
  task: Task,
  folder: string,
  progress: (words: string) => void,
): Promise<Outcome> {
  if (task.model === undefined) throw new InputError("model is missing: the folder of a model.");
  const { documents, pool, ownPool } = await splitsOf(task, folder);
  const model = opened(task, folder);
  const chat = task.apply_chat_template
    ? (turns: Parameters<BenchmarkModel["chat"]>[0]) => model.chat(turns, task)
    : null;
  const questions = questionsOf(task, documents, pool, { ownPool, chat });
  const answered = await answersTo(task, questions, model, (done, of) =>
    progress(`${task.task}: ${done} of ${of}`),
  );
  const filters = [...(answered[0]?.byFilter.keys() ?? [])];
  const samples = filters.flatMap((filter) =>
    questions.map((question, index): Sample => {
      const { requests, resps, tokens, byFilter } = answered[index];
      const { filtered, metrics } = byFilter.get(filter) ?? { filtered: [], metrics: {} };
      return {
        doc_id: question.id,
        filter,
        doc: question.document,
        target: question.target,
        requests,
        resps,
        filtered,
        metrics,
        ...(tokens && { tokens }),
      };
    }),
  );
  const scored = filters.flatMap((filter) =>
    questions.map(({ id, document }, index) => ({
      id,
      filter,
      metrics: answered[index].byFilter.get(filter)?.metrics ?? {},
      strict: answered[index].strict,
      cluster: clusterOf(task, document, id),
      cut: answered[index].cut,
    })),
  );
  const taints = task.contamination ? await taintsOf(task.contamination, questions, folder) : null;
  return {
    ...figuresOf(task, scored),
    samples,
    ...(task.contamination && taints && { contamination: split(task, task.contamination, scored, taints) }),
  };
}

type Looked = NonNullable<Task["contamination"]>;

async function taintsOf(
  { against, field }: Looked,
  questions: readonly Question[],
  folder: string,
): Promise<TaintOf[]> {
  const texts = questions.map(({ id, document }) => {
    if (field !== undefined && !Object.hasOwn(document, field))
      throw new InputError(`contamination.field: document ${id} has no field ${field}.`);
    return textsIn(field === undefined ? document : document[field]);
  });
  const taints = await contamination(texts, trainingTexts(against, folder));
  return taints.map((taint, index) => ({ doc_id: questions[index].id, ...taint }));
}

async function* trainingTexts(against: readonly string[], folder: string) {
  for (const file of against) {
    const contents = await readContents(located(file, folder, "contamination.against"));
    for (const [index, row] of documentsOf(contents, file, undefined).entries())
      for (const text of textsIn(row)) yield { text, where: `${file}, row ${index + 1}` };
  }
}

function split(
  task: Task,
  { against }: Looked,
  scored: readonly Scored[],
  taints: readonly TaintOf[],
): Contamination {
  const count = (is: (taint: Taint) => boolean) => taints.filter(is).length;
  const found = new Set(taints.filter(({ tainted }) => tainted).map(({ doc_id }) => doc_id));
  const figures = (tainted: boolean) => {
    const own = scored.filter(({ id }) => found.has(id) === tainted);
    return own.length === 0 ? [] : figuresOf(task, own).figures;
  };
  return {
    against,
    n: taints.length,
    tainted: count(({ tainted }) => tainted),
    gram13: count(({ gram13 }) => gram13),
    share8: count(({ share8 }) => share8 !== null && share8 >= taintedShare),
    exact: count(({ exact }) => exact),
    clean: figures(false),
    dirty: figures(true),
    documents: taints,
  };
}

function clusterOf({ cluster }: Task, document: Document, id: number): string {
  if (cluster === undefined) return String(id);
  if (Object.hasOwn(document, cluster)) return writeJson(document[cluster]);
  throw new InputError(
    `cluster: document ${id} has no field ${cluster}; it has ${Object.keys(document).join(", ")}.`,
  );
}

const openModels = new Map<string, BenchmarkModel>();

/** A model stays open for the tasks that follow. */
function opened(task: Task, folder: string): BenchmarkModel {
  const { adapter, device, batch_size, max_length, add_bos_token, prefix_token_id } = task;
  const settings = {
    model: located(task.model ?? "", folder, "model"),
    ...(adapter !== undefined && { adapter: located(adapter, folder, "adapter") }),
    device,
    batch_size,
    max_length,
    add_bos_token,
    prefix_token_id,
  };
  const name = JSON.stringify(settings);
  const model = openModels.get(name) ?? new BenchmarkModel(settings);
  openModels.set(name, model);
  return model;
}

/** A path from the task file's folder, or else from where the command was typed. */
function located(path: string, folder: string, field: string): string {
  const candidates = [resolve(folder, path), resolve(path)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found) return found;
  throw new InputError(`${field}: ${path} is neither in the task file's folder (${candidates[0]}) nor here.`);
}

/** The documents asked about and those that shots are taken from. */
async function splitsOf(task: Task, folder: string) {
  const files = filesOf(task);
  const kept = new Map<string, Promise<Document[]>>();
  const whole = (split: string) => {
    const named = files[split];
    if (!named)
      throw new InputError(`data has no ${JSON.stringify(split)}; it has ${Object.keys(files).join(", ")}.`);
    const read = kept.get(split) ?? documentsIn(named, folder, task.suite);
    kept.set(split, read);
    return read;
  };
  /** A split by its name, perhaps with a range of it as Hugging Face writes it: `train[:40]`. */
  const split = async (name: string): Promise<Document[]> => {
    const [, base = name, from, to] = /^(.*)\[(-?\d*):(-?\d*)\]$/.exec(name) ?? [];
    const all = await whole(base);
    return from === undefined ? all : all.slice(Number(from), to ? Number(to) : undefined);
  };
  const asked = task.test_split ?? task.validation_split ?? "test";
  const { samples: shown, split: named, fewshot_indices } = task.fewshot_config;
  const shots = named ?? task.fewshot_split ?? null;
  return {
    documents: chosen(task, await split(asked)),
    pool: task.num_fewshot === 0 ? [] : picked(await poolOf(), fewshot_indices ?? null),
    // As lm-eval has it, a document is left out of its own shots only where their split is called as the test split
    // is, or where neither is named.
    ownPool: shots === (task.test_split ?? null),
  };

  /** lm-eval's order: the split that is named, examples that are given, else the first split there is. */
  async function poolOf(): Promise<readonly Document[]> {
    if (shots === null && shown) return shown;
    return split(shots ?? task.training_split ?? task.validation_split ?? asked);
  }
}

function picked(pool: readonly Document[], indices: readonly number[] | null): readonly Document[] {
  if (indices === null) return pool;
  const beyond = indices.find((index) => index >= pool.length);
  if (beyond === undefined) return indices.map((index) => pool[index]);
  throw new InputError(`fewshot_config.fewshot_indices: ${beyond} is beyond the ${pool.length} documents.`);
}

async function documentsIn(files: readonly DataFile[], folder: string, suite: string | undefined) {
  const found: Document[] = [];
  for (const { file, rows } of files) {
    const documents = documentsOf(await readContents(located(file, folder, "data")), file, suite);
    const beyond = rows?.find((row) => row >= documents.length);
    if (beyond !== undefined)
      throw new InputError(
        `data: rows: ${beyond} is beyond the ${documents.length} rows of ${file}, counted from 0.`,
      );
    found.push(...(rows?.map((row) => documents[row]) ?? documents));
  }
  return found;
}

function filesOf({
  data,
  dataset_path,
  dataset_kwargs,
}: Task): Readonly<Record<string, readonly DataFile[]>> {
  const given = data ?? dataset_kwargs?.data_files;
  if (given) return given;
  if (dataset_path && /\.\w+$/.test(dataset_path)) return { test: [{ file: dataset_path, rows: null }] };
  const hub = dataset_path ? ` dataset_path ${dataset_path} is not downloaded:` : "";
  throw new InputError(`data is missing:${hub} name a file, or a file for each split (test, train, …).`);
}

function chosen({ limit, samples }: Task, documents: readonly Document[]) {
  const all = documents.map((document, id) => ({ id, document }));
  if (samples) {
    if (limit !== undefined) throw new InputError("limit and samples are given: leave one out.");
    const beyond = samples.find((id) => id >= documents.length);
    if (beyond !== undefined)
      throw new InputError(`samples: ${beyond} is beyond the ${documents.length} documents, counted from 0.`);
    const wanted = new Set(samples);
    return all.filter(({ id }) => wanted.has(id));
  }
  if (limit === undefined) return all;
  return all.slice(0, limit < 1 ? Math.ceil(documents.length * limit) : Math.floor(limit));
}

async function answersTo(
  task: Task,
  questions: readonly Question[],
  model: BenchmarkModel,
  progress: (done: number, of: number) => void,
): Promise<Answered[]> {
  const process = task.process_results ? processOf(task.process_results) : null;
  const metrics = metricsOf(task, process?.metrics ?? null);
  const names = metrics.map(({ metric }) => metric);
  const scores = (own: (plain: Document) => Scores, question: Question): Scores =>
    process ? own(plain(question.document)) : {};
  const one = (filtered: readonly unknown[], metrics: Scores) => new Map([["none", { filtered, metrics }]]);

  if (task.output_type === "generate_until") {
    const filters = (task.filter_list ?? [{ name: "none", filter: [{ function: "take_first" }] }]).map(
      ({ name, filter }, index) => ({ name, filter: filterOf(filter, `filter_list.${index}`) }),
    );
    const { generation, written } = generationOf(task);
    const { answers, cut } = await model.generate(
      questions.map(({ contexts }) => contexts[0]),
      generation,
      (done) => progress(done, questions.length * generation.copies),
    );
    const score = process ? null : textItem(metrics);
    const several = Array.isArray(questions[0]?.target);
    return questions.map((question, index) => ({
      requests: [[question.contexts[0], written]],
      resps: [answers[index]],
      strict: strictTexts(names, process ? [] : answers[index], goldTexts(question, several)),
      cut: cut[index],
      byFilter: new Map(
        filters.map(({ name, filter }) => {
          const answer = filter(answers[index], question.document);
          const own = score
            ? score(answer, goldTexts(question, several))
            : scores((document) => process?.ofText?.(document, answer) ?? {}, question);
          return [name, { filtered: [answer], metrics: own }] as const;
        }),
      ),
    }));
  }

  if (task.output_type === "loglikelihood_rolling") {
    const texts = questions.map(({ continuations }) => continuations[0]);
    const found = await model.rolling(texts, (done) => progress(done, texts.length));
    return texts.map((text, index) => ({
      requests: [[text]],
      resps: [[found[index]]],
      strict: {},
      cut: false,
      byFilter: one([found[index]], rollingItem(names, found[index], text)),
    }));
  }

  const alone = names.includes("acc_mutual_info");
  const requests = questions.map(({ id, contexts, continuations }) => {
    const asked = continuations.map((continuation, index) => ({
      context: contexts[index] ?? contexts[0],
      continuation,
      what: `document ${id}: the continuation ${JSON.stringify(continuation.slice(0, 60))}`,
    }));
    return alone ? [...asked, ...asked.map((request) => ({ ...request, context: "" }))] : asked;
  });
  const all = requests.flat();
  const found = await model.likelihoods(all, (done) => progress(done, all.length));
  let next = 0;
  return questions.map((question, index) => {
    const own = requests[index].map(() => found[next++]);
    const scored = own.map((answer): Said => answer.scored);
    const count = question.continuations.length;
    const item = () => ({
      choices: question.choices ?? [],
      gold: question.gold ?? -100,
      scored: scored.slice(0, count),
      alone: scored.slice(count),
    });
    const given =
      task.output_type === "loglikelihood"
        ? likelihoodItem(names, scored[0])
        : process
          ? scores((document) => process.ofChoices?.(document, item()) ?? {}, question)
          : choiceItem(names, item());
    return {
      requests: requests[index].map(({ context, continuation }) => [context, continuation]),
      resps: scored.map((one) => [one]),
      tokens: own.map(({ tokens }) => tokens),
      strict: process
        ? (process.strictOfChoices?.(plain(question.document), item()) ?? {})
        : strictChoices(question.gold === null ? [] : names, item()),
      cut: own.some(({ tokens: [context, continuation] }) => context + continuation > model.maxLength + 1),
      byFilter: one(scored, given),
    };
  });
}

const strictChoices = (metrics: readonly string[], item: ChoiceItem): Record<string, Strict> =>
  Object.fromEntries(
    metrics.flatMap((metric) => {
      const strict = strictChoice(metric, item);
      return strict ? [[metric, strict]] : [];
    }),
  );

/** Of a text, only whether it is the target can be judged more strictly; of several answers, the first. */
function strictTexts(
  metrics: readonly string[],
  [answer]: readonly string[],
  gold: string | readonly string[],
): Record<string, Strict> {
  const strict = answer !== undefined && metrics.includes("exact_match") ? strictText(answer, gold) : null;
  return strict ? { exact_match: strict } : {};
}

function goldTexts({ target, choices }: Question, several: boolean): string | string[] {
  if (choices !== null && typeof target === "number") return choices[target] ?? "";
  if (Array.isArray(target)) return target.map(String);
  return several ? [String(target)] : String(target);
}

/** What is asked of the model, and how lm-eval writes it down. */
function generationOf(task: Task): { generation: Generation; written: object } {
  const given = task.generation_kwargs ?? {
    until: [task.fewshot_delimiter],
    do_sample: false,
    temperature: 0,
  };
  const until = given.until ?? [task.fewshot_delimiter];
  const temperature = given.temperature ?? 0;
  const do_sample = given.do_sample ?? temperature > 0;
  if (task.repeats > 1 && !do_sample)
    throw new InputError("repeats is more than 1 and do_sample is off: every answer would be the same.");
  return {
    generation: {
      until,
      maxTokens: given.max_gen_toks ?? given.max_new_tokens ?? given.max_tokens ?? 256,
      copies: task.repeats,
      sampling: {
        do_sample,
        temperature: temperature > 0 ? temperature : 1,
        top_k: given.top_k ?? (do_sample ? 50 : 0),
        top_p: given.top_p ?? 1,
      },
      seed: task.fewshot_seed,
    },
    written: { ...given, until },
  };
}

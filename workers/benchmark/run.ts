/** A task from its file to its figures. */
import { writeJson } from "../../db/shape/written-json";
import { contamination, type Taint, taintedShare, textsIn } from "../../server/benchmark/contamination";
import type { Document } from "../../server/benchmark/document";
import { type Figure, figuresOf, type Scored } from "../../server/benchmark/figures";
import type { Graded } from "../../server/benchmark/graded";
import { groupOf } from "../../server/benchmark/groups";
import type { Scores } from "../../server/benchmark/metrics";
import { scoringOf } from "../../server/benchmark/process";
import { eachRow, readContents } from "../../server/benchmark/read";
import type { Task } from "../../server/benchmark/task";
import { InputError } from "../../server/statistics/estimate";
import { type Answered, answersTo } from "./answers";
import { BenchmarkModel } from "./model";
import { type Question, questionsOf, type Target } from "./questions";
import { filesBeside, located, type Opener, splitsOf } from "./splits";

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
  /** Where the task names fields to group by. */
  readonly groups?: Groups;
  /** Where training data was given to look through. */
  readonly contamination?: Contamination;
}

/** Of a field, and of each of its values, the figures of the documents that have it. */
type Groups = Readonly<Record<string, Readonly<Record<string, readonly Figure[]>>>>;

/** A document's taint. */
type TaintOf = Taint & { readonly doc_id: number };

/** Documents, those that are tainted, and by which rule. */
interface TaintCounts {
  readonly n: number;
  readonly tainted: number;
  readonly gram13: number;
  readonly share8: number;
  readonly exact: number;
}

/** What of a task stands in training data, and its figures with and without. */
export interface Contamination extends TaintCounts {
  readonly against: readonly string[];
  /** Each file by itself. */
  readonly sources: readonly ({ readonly file: string } & TaintCounts)[];
  /** Figures of the documents that are not in the training data, and of those that are. */
  readonly clean: readonly Figure[];
  readonly dirty: readonly Figure[];
  readonly documents: readonly TaintOf[];
}

/** The questions of a task and the model that they are put to. */
export interface Prepared {
  readonly task: Task;
  readonly open: Opener;
  readonly questions: readonly Question[];
  readonly model: BenchmarkModel;
  readonly judge: BenchmarkModel | null;
}

/**
 * @param folder from which the model's path leads: the task file's
 * @param open reads the files that the task names, else those beside it
 * @throws InputError naming what of the task, the data or the model does not fit
 */
export async function prepared(
  task: Task,
  folder: string,
  open: Opener = filesBeside(folder),
): Promise<Prepared> {
  if (task.model === undefined) throw new InputError("model is missing: the folder of a model.");
  const { process } = scoringOf(task);
  if (process?.ofJudged && !task.judge)
    throw new InputError("judge is missing: the folder of the model that judges the answers.");
  await process?.prepare?.();
  const { documents, pool, ownPool } = await splitsOf(task, async (file) =>
    readContents(await open(file, "data")),
  );
  const model = opened(task, folder, "model");
  const judge =
    process?.ofJudged && task.judge
      ? opened({ device: task.device, batch_size: task.batch_size, ...task.judge }, folder, "judge")
      : null;
  const chat = task.apply_chat_template
    ? (turns: Parameters<BenchmarkModel["chat"]>[0]) => model.chat(turns, task)
    : null;
  return { task, open, model, judge, questions: questionsOf(task, documents, pool, { ownPool, chat }) };
}

/**
 * What all answers together come to.
 * @param graded of each question, in their order
 */
export async function judged(
  { task, open, questions }: Omit<Prepared, "model" | "judge">,
  graded: readonly Graded[],
): Promise<Omit<Outcome, "samples">> {
  const scored = Object.keys(graded[0]?.byFilter ?? {}).flatMap((filter) =>
    questions.map(
      ({ id, document }, index): Scored => ({
        id,
        filter,
        metrics: graded[index].byFilter[filter]?.metrics ?? {},
        strict: graded[index].strict,
        cluster: clusterOf(task, document, id),
        cut: graded[index].cut,
      }),
    ),
  );
  const taints = task.contamination ? await taintsOf(task.contamination, questions, open) : null;
  const groups = groupsOf(task, questions, scored);
  return {
    ...figuresOf(task, scored),
    ...(groups && { groups }),
    ...(task.contamination && taints && { contamination: split(task, task.contamination, scored, taints) }),
  };
}

/**
 * A task from its file to its figures.
 * @param progress called with a sentence now and then
 */
export async function runTask(
  task: Task,
  folder: string,
  progress: (words: string) => void,
): Promise<Outcome> {
  const ready = await prepared(task, folder);
  const { questions, model, judge } = ready;
  const answered: Answered[] = [];
  let done = 0;
  for await (const { index, answered: one } of answersTo(task, questions, model, judge)) {
    answered[index] = one;
    progress(`${task.task}: ${++done} of ${questions.length}`);
  }
  return { ...(await judged(ready, answered)), samples: samplesOf(questions, answered) };
}

const samplesOf = (questions: readonly Question[], answered: readonly Answered[]): Sample[] =>
  Object.keys(answered[0]?.byFilter ?? {}).flatMap((filter) =>
    questions.map((question, index): Sample => {
      const { requests, resps, tokens, byFilter } = answered[index];
      return {
        doc_id: question.id,
        filter,
        doc: question.document,
        target: question.target,
        requests,
        resps,
        ...byFilter[filter],
        ...(tokens && { tokens }),
      };
    }),
  );

/** Figures of the documents of each kind, by the fields that the task names. */
function groupsOf(task: Task, questions: readonly Question[], scored: readonly Scored[]): Groups | null {
  if (!task.groups?.length) return null;
  return Object.fromEntries(
    task.groups.map((field) => {
      const kinds = new Map(questions.map(({ id, document }) => [id, groupOf(document, field)]));
      const known = [...new Set(kinds.values())].sort();
      const figures = known.map((kind): [string, readonly Figure[]] => {
        const own = scored.filter(({ id }) => kinds.get(id) === kind);
        // Their standard errors by draws are nobody's business here.
        return [kind, figuresOf({ ...task, bootstrap_iters: 0 }, own).figures];
      });
      return [field, Object.fromEntries(figures)];
    }),
  );
}

type Looked = NonNullable<Task["contamination"]>;

/** What of the documents stands in training data: in all files together, and in each. */
async function taintsOf(
  { against, field }: Looked,
  questions: readonly Question[],
  open: Opener,
): Promise<{ all: TaintOf[]; sources: Contamination["sources"] }> {
  const texts = questions.map(({ id, document }) => {
    if (field !== undefined && !Object.hasOwn(document, field))
      throw new InputError(`contamination.field: document ${id} has no field ${field}.`);
    return textsIn(field === undefined ? document : document[field]);
  });
  const { all, each } = await contamination(
    texts,
    against.map((file) => trainingTexts(file, open)),
  );
  return {
    all: all.map((taint, index) => ({ doc_id: questions[index].id, ...taint })),
    sources: against.map((file, index) => ({ file, ...countsOf(each[index]) })),
  };
}

function countsOf(taints: readonly Taint[]): TaintCounts {
  const count = (is: (taint: Taint) => boolean) => taints.filter(is).length;
  return {
    n: taints.length,
    tainted: count(({ tainted }) => tainted),
    gram13: count(({ gram13 }) => gram13),
    share8: count(({ share8 }) => share8 !== null && share8 >= taintedShare),
    exact: count(({ exact }) => exact),
  };
}

async function* trainingTexts(file: string, open: Opener) {
  for await (const { row, value } of eachRow(await open(file, "contamination.against")))
    for (const text of textsIn(value)) yield { text, where: `${file}, row ${row}` };
}

function split(
  task: Task,
  { against }: Looked,
  scored: readonly Scored[],
  { all, sources }: Awaited<ReturnType<typeof taintsOf>>,
): Contamination {
  const found = new Set(all.filter(({ tainted }) => tainted).map(({ doc_id }) => doc_id));
  const figures = (tainted: boolean) => {
    const own = scored.filter(({ id }) => found.has(id) === tainted);
    return own.length === 0 ? [] : figuresOf(task, own).figures;
  };
  return {
    against,
    ...countsOf(all),
    sources,
    clean: figures(false),
    dirty: figures(true),
    documents: all,
  };
}

/** What a document belongs to. @throws InputError naming a field that it has not */
export function clusterOf({ cluster }: Task, document: Document, id: number): string {
  if (cluster === undefined) return String(id);
  if (Object.hasOwn(document, cluster)) return writeJson(document[cluster]);
  throw new InputError(
    `cluster: document ${id} has no field ${cluster}; it has ${Object.keys(document).join(", ")}.`,
  );
}

const openModels = new Map<string, BenchmarkModel>();

/** A model stays open for the tasks that follow. */
function opened(
  given: Pick<Task, "model" | "adapter" | "device" | "batch_size"> &
    Pick<Task, "max_length" | "add_bos_token" | "prefix_token_id">,
  folder: string,
  field: "model" | "judge",
): BenchmarkModel {
  const { adapter, device, batch_size, max_length, add_bos_token, prefix_token_id } = given;
  const settings = {
    model: located(given.model ?? "", folder, field),
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

/** Scores of documents and what is made of them over all, as lm-eval 0.4.13 computes them. */
import { InputError } from "../statistics/estimate";
import { lengthControlled } from "../statistics/joint/length-controlled";
import { bleu, bleuCounts, chrf, chrfCounts } from "./overlap";
import { punctuation } from "./python/punctuation";
import { PythonRandom } from "./python/random";
import { pythonRegex } from "./python/regex";
import { splitAtSpace } from "./python/space";
import type { MetricOptions, Task } from "./task";

/** What a model says of one continuation: [log-likelihood in nats, whether it is what the model would write]. */
export type Scored = readonly [likelihood: number, greedy: boolean];

/** What one document adds to a metric: a number, a truth, or what is only summed up over all. */
export type Value = number | boolean | readonly (number | boolean | readonly number[])[];
export type Scores = Readonly<Record<string, Value>>;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** numpy's argmax: the first of equal ones, and the first NaN before all. */
export function argmax(values: readonly number[]): number {
  const missing = values.findIndex(Number.isNaN);
  if (missing >= 0) return missing;
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}

/** Shares of e^x. */
export function softmax(values: readonly number[]): number[] {
  const highest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - highest));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

/** The choices of a document, which of them are right (−100: a target that is none of them), and what the model says. */
export interface ChoiceItem {
  readonly choices: readonly string[];
  readonly gold: number | readonly number[];
  readonly scored: readonly Scored[];
  /** The same without the question, where mutual information is asked for. */
  readonly alone: readonly Scored[];
}

const codePoints = (text: string) => [...text].length;
const utf8 = new TextEncoder();
const minus = (a: readonly number[], b: readonly number[]) => a.map((value, index) => value - b[index]);

/** What a choice's log-likelihood is divided by, or what is taken from it, before the highest counts. */
export const choiceScores: Readonly<Record<string, (item: ChoiceItem) => number[]>> = {
  acc: ({ scored }) => scored.map(([likelihood]) => likelihood),
  acc_norm: ({ scored, choices }) => scored.map(([likelihood], i) => likelihood / codePoints(choices[i])),
  acc_bytes: ({ scored, choices }) =>
    scored.map(([likelihood], i) => likelihood / utf8.encode(choices[i]).length),
  acc_mutual_info: ({ scored, alone }) =>
    minus(
      scored.map(([likelihood]) => likelihood),
      alone.map(([likelihood]) => likelihood),
    ),
};

const choiceMetrics: Readonly<Record<string, (item: ChoiceItem) => Value>> = {
  ...Object.fromEntries(
    Object.entries(choiceScores).map(([name, scores]) => [
      name,
      (item: ChoiceItem) => ([item.gold].flat().includes(argmax(scores(item))) ? 1 : 0),
    ]),
  ),
  exact_match: ({ gold, scored }) => ([gold].flat().some((index) => scored[index]?.[1]) ? 1 : 0),
  f1: ({ gold, scored }) => [single(gold), argmax(scored.map(([likelihood]) => likelihood))],
  mcc: ({ gold, scored }) => [single(gold), argmax(scored.map(([likelihood]) => likelihood))],
  brier_score: ({ gold, scored }) => [single(gold), softmax(scored.map(([likelihood]) => likelihood))],
};

function single(gold: number | readonly number[]): number {
  if (typeof gold === "number") return gold;
  throw new InputError("f1, mcc and brier_score need one right choice, and doc_to_target gives several.");
}

export function choiceItem(metrics: readonly string[], item: ChoiceItem): Scores {
  return Object.fromEntries(metrics.map((name) => [name, choiceMetrics[name](item)]));
}

/** A share of the probability that falls to the right choices: TruthfulQA's MC2. */
export function rightShare(scored: readonly Scored[], labels: readonly number[]): number {
  const shares = scored.map(([likelihood]) => Math.exp(likelihood));
  const total = sum(shares);
  return sum(shares.filter((_, index) => labels[index] === 1).map((share) => share / total));
}

const words = (text: string) => splitAtSpace(text).length;
const bytes = (text: string) => utf8.encode(text).length;

const rollingMetrics: Readonly<Record<string, (likelihood: number, text: string) => Value>> = {
  word_perplexity: (likelihood, text) => [likelihood, words(text)],
  byte_perplexity: (likelihood, text) => [likelihood, bytes(text)],
  bits_per_byte: (likelihood, text) => [likelihood, bytes(text)],
};

export const rollingItem = (metrics: readonly string[], likelihood: number, text: string): Scores =>
  Object.fromEntries(metrics.map((name) => [name, rollingMetrics[name](likelihood, text)]));

const likelihoodMetrics: Readonly<Record<string, (scored: Scored) => Value>> = {
  perplexity: ([likelihood]) => likelihood,
  acc: ([, greedy]) => (greedy ? 1 : 0),
};

export const likelihoodItem = (metrics: readonly string[], scored: Scored): Scores =>
  Object.fromEntries(metrics.map((name) => [name, likelihoodMetrics[name](scored)]));

const textMetrics: Readonly<
  Record<string, (options: MetricOptions) => (answer: string, gold: string) => number>
> = {
  exact_match: exactMatch,
};

/** Metrics of texts that only all answers together have: what each adds to their counts. */
const corpusMetrics: Readonly<
  Record<string, (answer: string, references: readonly string[]) => readonly number[]>
> = { bleu: bleuCounts, chrf: chrfCounts };

/** Whether two texts are the same after what the options leave out. */
function exactMatch(options: MetricOptions): (answer: string, gold: string) => number {
  const ignored = (options.regexes_to_ignore ?? []).map((pattern) =>
    pythonRegex(pattern, "metric_list.regexes_to_ignore"),
  );
  const plain = (text: string) => {
    let left = ignored.reduce((rest, pattern) => rest.replace(pattern, ""), text);
    if (options.ignore_case) left = left.toLowerCase();
    if (options.ignore_punctuation) left = left.replace(punctuation, "");
    return options.ignore_numbers ? left.replace(/[0-9]/g, "") : left;
  };
  return (answer, gold) => (plain(answer) === plain(gold) ? 1 : 0);
}

/** The scorer of generated texts: of several targets, any. */
export function textItem(
  options: readonly MetricOptions[],
): (answer: string, gold: string | readonly string[]) => Scores {
  const made = options.map(({ metric, ...rest }): [string, (answer: string, golds: string[]) => Value] => {
    if (Object.hasOwn(corpusMetrics, metric)) return [metric, corpusMetrics[metric]];
    const score = textMetrics[metric]({ metric, ...rest });
    return [metric, (answer, golds) => Math.max(...golds.map((one) => score(answer, one)))];
  });
  return (answer, gold) =>
    Object.fromEntries(made.map(([name, score]) => [name, score(answer, [gold].flat())]));
}

const defaults: Readonly<Record<Task["output_type"], readonly string[]>> = {
  multiple_choice: ["acc", "acc_norm"],
  loglikelihood: ["perplexity", "acc"],
  loglikelihood_rolling: ["word_perplexity", "byte_perplexity", "bits_per_byte"],
  generate_until: ["exact_match"],
};
const known: Readonly<Record<Task["output_type"], Readonly<Record<string, unknown>>>> = {
  multiple_choice: choiceMetrics,
  loglikelihood: likelihoodMetrics,
  loglikelihood_rolling: rollingMetrics,
  generate_until: { ...textMetrics, ...corpusMetrics },
};

/**
 * The metrics of a task, those of its kind where it names none.
 * @param own metrics that the task's own scorer gives
 * @throws InputError naming one that its kind does not have
 */
export function metricsOf(
  { metric_list, output_type }: Pick<Task, "metric_list" | "output_type">,
  own: readonly string[] | null,
): MetricOptions[] {
  const listed = metric_list ?? (own ?? defaults[output_type]).map((name) => ({ metric: name }));
  const names = own ?? Object.keys(known[output_type]);
  for (const [index, { metric }] of listed.entries()) {
    if (!names.includes(metric)) {
      throw new InputError(
        `metric_list.${index}.metric: ${metric} is not one of ${names.join(", ")}, which ${own ? "process_results" : output_type} has.`,
      );
    }
  }
  return listed;
}

/** How a metric's values become one figure. */
export interface Aggregation {
  /** Reads the values once and gives the figure of as many of each as `times` says: a bootstrap draw. */
  readonly of: (values: readonly Value[]) => (times: ArrayLike<number>) => number;
  /** How its standard error is found: of a mean, from draws of the values, or not at all. */
  readonly error: "mean" | "bootstrap" | null;
  /** Draws at most, where each is much work: as lm-eval has it. */
  readonly draws?: number;
}

const numbers = (values: readonly Value[]): number[] => values.map((value) => Number(value));
const pairs = (values: readonly Value[]): [number, number][] =>
  values.map((value) => {
    const [first, second] = Array.isArray(value) ? value : [];
    return [Number(first), Number(second)];
  });

/** Σ times · value, in the order of the values as Python adds them. */
function total(values: readonly number[], times: ArrayLike<number>): number {
  let all = 0;
  for (let i = 0; i < values.length; i++) all += values[i] * times[i];
  return all;
}

const meanOf = (values: readonly number[]) => {
  const ones = values.map(() => 1);
  return (times: ArrayLike<number>) => total(values, times) / total(ones, times);
};
const weightedMean = (values: readonly Value[]) => {
  const given = pairs(values);
  const [firsts, weights] = [given.map(([first]) => first), given.map(([, weight]) => weight)];
  return (times: ArrayLike<number>) => total(firsts, times) / total(weights, times);
};
const after =
  <Sum>(figure: (times: ArrayLike<number>) => Sum, change: (value: Sum) => number) =>
  (times: ArrayLike<number>) =>
    change(figure(times));

const aggregations: Readonly<Record<string, Aggregation>> = {
  mean: { of: (values) => meanOf(numbers(values)), error: "mean" },
  median: { of: median, error: "bootstrap" },
  f1: { of: f1, error: "bootstrap" },
  matthews_corrcoef: { of: matthews, error: "bootstrap" },
  perplexity: {
    of: (values) => after(meanOf(numbers(values)), (mean) => Math.exp(-mean)),
    error: "bootstrap",
  },
  weighted_perplexity: {
    of: (values) => after(weightedMean(values), (mean) => Math.exp(-mean)),
    error: null,
  },
  bits_per_byte: { of: (values) => after(weightedMean(values), (mean) => -mean / Math.LN2), error: null },
  brier_score: { of: (values) => meanOf(values.map(squares)), error: null },
  bleu: { of: (values) => after(summed(values), bleu), error: "bootstrap", draws: 100 },
  chrf: { of: (values) => after(summed(values), chrf), error: "bootstrap", draws: 100 },
  /** Of [how far the model won, length of its answer, of the other]: the win rate at equal length. */
  length_controlled: { of: atEqualLength, error: null },
  /** Of [right, follows the stereotype, is no "unknown"]: BBQ's two scores of bias. */
  bias: { of: biasOf, error: null },
  bias_by_error: {
    of: (values) => {
      const [bias, right] = [biasOf(values), meanOf(values.map((value) => Number([value].flat()[0])))];
      return (times) => (1 - right(times)) * bias(times);
    },
    error: null,
  },
  /** Of lists: the share of all their items. */
  flat_mean: {
    of: (values) =>
      weightedMean(
        values.map((value) => {
          const items = [value].flat();
          return [sum(items.map(Number)), items.length];
        }),
      ),
    error: null,
  },
};
const defaultAggregations: Readonly<Record<string, string>> = {
  f1: "f1",
  mcc: "matthews_corrcoef",
  perplexity: "perplexity",
  word_perplexity: "weighted_perplexity",
  byte_perplexity: "weighted_perplexity",
  bits_per_byte: "bits_per_byte",
  brier_score: "brier_score",
  bleu: "bleu",
  chrf: "chrf",
  disamb_bias_score: "bias",
  amb_bias_score: "bias_by_error",
  inst_level_strict_acc: "flat_mean",
  inst_level_loose_acc: "flat_mean",
  length_controlled_win_rate: "length_controlled",
};

/** @throws InputError for an aggregation that is not known. */
export function aggregationOf({ metric, aggregation }: MetricOptions): Aggregation {
  const name =
    aggregation === undefined || aggregation.startsWith("!function")
      ? (defaultAggregations[metric] ?? "mean")
      : aggregation;
  if (Object.hasOwn(aggregations, name)) return aggregations[name];
  throw new InputError(
    `metric_list: the aggregation ${name} is not one of ${Object.keys(aggregations).join(", ")}.`,
  );
}

/** Lists of counts, added place by place as often as a draw has each document. */
function summed(values: readonly Value[]): (times: ArrayLike<number>) => number[] {
  const lists = values.map((value) => [value].flat().map(Number));
  const columns = (lists[0] ?? []).map((_, place) => lists.map((list) => list[place]));
  return (times) => columns.map((column) => total(column, times));
}

function atEqualLength(values: readonly Value[]): (times: ArrayLike<number>) => number {
  const part = (place: number) => values.map((value) => Number([value].flat()[place]));
  const columns = [part(0), part(1), part(2)];
  return (times) => {
    const drawn = values.flatMap((_, index) => Array.from({ length: times[index] }, () => index));
    const [won, own, other] = columns.map((column) => Float64Array.from(drawn, (index) => column[index]));
    const { lcWinRate } = lengthControlled(won, own, other, { draws: 0 });
    return lcWinRate === null ? Number.NaN : lcWinRate / 100;
  };
}

/** 2 · stereotyped / known − 1; 0 where no answer follows the stereotype, as lm-eval has it. */
function biasOf(values: readonly Value[]): (times: ArrayLike<number>) => number {
  const parts = (place: number) => values.map((value) => Number([value].flat()[place]));
  const [biased, known] = [parts(1), parts(2)];
  return (times) => {
    const found = total(biased, times);
    return found === 0 ? 0 : (2 * found) / total(known, times) - 1;
  };
}

/** The upper median, as lm-eval takes it. */
function median(values: readonly Value[]): (times: ArrayLike<number>) => number {
  const sorted = numbers(values)
    .map((value, index) => ({ value, index }))
    .sort((a, b) => a.value - b.value);
  return (times) => {
    const all = sorted.flatMap(({ value, index }) => Array.from({ length: times[index] }, () => value));
    return all[Math.floor(all.length / 2)];
  };
}

/** F1 of class 1, as scikit-learn's binary f1_score; 0 where nothing is of it. */
function f1(values: readonly Value[]): (times: ArrayLike<number>) => number {
  const given = pairs(values);
  if (given.flat().some((label) => label !== 0 && label !== 1))
    throw new InputError("f1 is of two choices, and the documents have more; use acc or mcc.");
  const right = given.map(([gold, said]) => gold * said);
  const either = given.map(([gold, said]) => gold + said);
  return (times) => {
    const all = total(either, times);
    return all === 0 ? 0 : (2 * total(right, times)) / all;
  };
}

/** Matthews' correlation for any number of classes (Gorodkin 2004), as scikit-learn; 0 where it is undefined. */
function matthews(values: readonly Value[]): (times: ArrayLike<number>) => number {
  const given = pairs(values);
  const labels = [...new Set(given.flat())];
  const place = given.map(([gold, said]) => [labels.indexOf(gold), labels.indexOf(said)] as const);
  return (times) => {
    const golds = labels.map(() => 0);
    const said = labels.map(() => 0);
    let [n, right] = [0, 0];
    for (let i = 0; i < place.length; i++) {
      const [gold, answer] = place[i];
      golds[gold] += times[i];
      said[answer] += times[i];
      n += times[i];
      if (gold === answer) right += times[i];
    }
    const spread = (counts: readonly number[]) => n * n - sum(counts.map((count) => count * count));
    const below = spread(golds) * spread(said);
    return below === 0 ? 0 : (right * n - total(golds, said)) / Math.sqrt(below);
  };
}

/** Σ (p − 1[right])² of one document. */
function squares(value: Value): number {
  const [gold, shares] = Array.isArray(value) ? value : [];
  const given: readonly number[] = Array.isArray(shares) ? shares : [];
  return sum(given.map((share, index) => (share - (index === gold ? 1 : 0)) ** 2));
}

/** sd(n − 1)/√n. */
const standardError = (values: readonly number[]) => deviation(values) / Math.sqrt(values.length);

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

/**
 * A figure over all documents with lm-eval's standard error; "N/A" where it gives none.
 * @param asked bootstrap draws for the metrics that need them, in thousands as lm-eval seeds them; 0 gives no errors
 */
export function aggregated(
  values: readonly Value[],
  { of, error, draws: most = Number.POSITIVE_INFINITY }: Aggregation,
  asked: number,
): { value: number; stderr: number | "N/A" } {
  const draws = Math.min(asked, most);
  const figure = of(values);
  const value = figure(values.map(() => 1));
  if (error === null || draws === 0 || values.length < 2) return { value, stderr: "N/A" };
  if (error === "mean") return { value, stderr: standardError(numbers(values)) };
  const chunk = Math.min(1000, draws);
  const times = new Int32Array(values.length);
  const drawn: number[] = [];
  for (let seed = 0; seed < Math.floor(draws / chunk); seed++) {
    const random = new PythonRandom(seed);
    for (let draw = 0; draw < chunk; draw++) {
      times.fill(0);
      for (let i = 0; i < values.length; i++) times[random.index(values.length)]++;
      drawn.push(figure(times));
    }
  }
  return { value, stderr: deviation(drawn) };
}

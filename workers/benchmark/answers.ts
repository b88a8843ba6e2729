/** What a model answers to the questions of a task, and how each answer scores. */
import { plain } from "../../server/benchmark/document";
import { filterOf } from "../../server/benchmark/filters";
import type { Graded } from "../../server/benchmark/graded";
import {
  type ChoiceItem,
  choiceItem,
  likelihoodItem,
  rollingItem,
  type Scored as Said,
  type Scores,
  textItem,
} from "../../server/benchmark/metrics";
import { scoringOf } from "../../server/benchmark/process";
import { type Strict, strictChoice, strictText } from "../../server/benchmark/strict";
import type { MetricOptions, Task } from "../../server/benchmark/task";
import { InputError } from "../../server/statistics/estimate";
import { askingOf } from "./asking";
import type { BenchmarkModel, Generation, LikelihoodAnswer } from "./model";
import type { Question } from "./questions";

/** What the model was asked of a document, what it gave, and how that is graded. */
export interface Answered extends Graded {
  readonly requests: readonly unknown[];
  readonly resps: readonly unknown[];
  readonly tokens?: readonly (readonly [number, number])[];
}

/** An answer to one of the questions, by its place among them. */
export interface Answer {
  readonly index: number;
  readonly answered: Answered;
}

/**
 * Answers as they come, not in the order of the questions.
 * @param judge of a task whose scorer asks one
 * @throws InputError naming what of the task, or of a document, cannot be asked
 */
export function answersTo(
  task: Task,
  questions: readonly Question[],
  model: BenchmarkModel,
  judge: BenchmarkModel | null,
): AsyncGenerator<Answer> {
  if (task.output_type === "generate_until") return written(task, questions, model, judge);
  if (task.output_type === "loglikelihood_rolling") return rolled(task, questions, model);
  return chosen(task, questions, model);
}

const named = (metrics: readonly MetricOptions[]) => metrics.map(({ metric }) => metric);

const one = (filtered: readonly unknown[], metrics: Scores) => ({ none: { filtered, metrics } });

async function* written(
  task: Task,
  questions: readonly Question[],
  model: BenchmarkModel,
  judge: BenchmarkModel | null,
): AsyncGenerator<Answer> {
  const { process, metrics } = scoringOf(task);
  const filters = (task.filter_list ?? [{ name: "none", filter: [{ function: "take_first" }] }]).map(
    ({ name, filter }, index) => ({ name, filter: filterOf(filter, `filter_list.${index}`) }),
  );
  const { generation, written } = generationOf(task);
  const score = process ? null : textItem(metrics);
  const asked = questions.map(({ id, contexts }) => ({ id, context: contexts[0] }));
  for await (const { index, answers, cut } of model.generate(asked, generation)) {
    const question = questions[index];
    const asking = judge && askingOf(task, { model, judge, generation });
    const judged = asking && (await process?.ofJudged?.(plain(question.document), answers, asking));
    const whole = judged?.scores ?? (await process?.ofTexts?.(plain(question.document), answers));
    const graded = filters.map(({ name, filter }) => {
      const answer = filter(answers, question.document);
      const metrics = score
        ? score(answer, goldTexts(question))
        : (whole ?? process?.ofText?.(plain(question.document), answer) ?? {});
      return [name, { filtered: [answer], metrics }] as const;
    });
    yield {
      index,
      answered: {
        requests: [[question.contexts[0], written]],
        resps: judged ? [answers, judged.said] : [answers],
        strict: strictTexts(named(metrics), process ? [] : answers, goldTexts(question)),
        cut: cut || (asking?.wasCut() ?? false),
        byFilter: Object.fromEntries(graded),
      },
    };
  }
}

async function* rolled(
  task: Task,
  questions: readonly Question[],
  model: BenchmarkModel,
): AsyncGenerator<Answer> {
  const names = named(scoringOf(task).metrics);
  const texts = questions.map(({ continuations }) => continuations[0]);
  for await (const { index, likelihood } of model.rolling(texts))
    yield {
      index,
      answered: {
        requests: [[texts[index]]],
        resps: [[likelihood]],
        strict: {},
        cut: false,
        byFilter: one([likelihood], rollingItem(names, likelihood, texts[index])),
      },
    };
}

async function* chosen(
  task: Task,
  questions: readonly Question[],
  model: BenchmarkModel,
): AsyncGenerator<Answer> {
  const { process, metrics } = scoringOf(task);
  const names = named(metrics);
  const alone = names.includes("acc_mutual_info");
  const requests = questions.map(({ id, contexts, continuations }) => {
    const asked = continuations.map((continuation, index) => ({
      context: contexts[index] ?? contexts[0],
      continuation,
      what: `document ${id}: the continuation ${JSON.stringify(continuation.slice(0, 60))}`,
    }));
    return alone ? [...asked, ...asked.map((request) => ({ ...request, context: "" }))] : asked;
  });
  const places = requests.flatMap((own, index) => own.map((_, part) => ({ index, part })));
  const waiting = requests.map(({ length }) => length);
  const found = requests.map((): LikelihoodAnswer[] => []);
  for await (const answer of model.likelihoods(requests.flat())) {
    const { index, part } = places[answer.index];
    found[index][part] = answer;
    waiting[index]--;
    if (waiting[index] > 0) continue;
    const own = requests[index].map(({ context, continuation }) => [context, continuation]);
    yield { index, answered: { requests: own, ...graded(questions[index], found[index]) } };
  }

  function graded(question: Question, answers: readonly LikelihoodAnswer[]): Omit<Answered, "requests"> {
    const scored = answers.map((answer): Said => answer.scored);
    const count = question.continuations.length;
    const item = () => ({
      choices: question.choices ?? [],
      gold: question.gold ?? -100,
      scored: scored.slice(0, count),
      alone: scored.slice(count),
    });
    const metrics =
      task.output_type === "loglikelihood"
        ? likelihoodItem(names, scored[0])
        : process
          ? (process.ofChoices?.(plain(question.document), item()) ?? {})
          : choiceItem(names, item());
    return {
      resps: scored.map((said) => [said]),
      tokens: answers.map(({ tokens }) => tokens),
      strict: process
        ? (process.strictOfChoices?.(plain(question.document), item()) ?? {})
        : strictChoices(question.gold === null ? [] : names, item()),
      cut: answers.some(({ tokens }) => model.wasCut(tokens)),
      byFilter: one(scored, metrics),
    };
  }
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
  gold: readonly string[],
): Record<string, Strict> {
  const strict = answer !== undefined && metrics.includes("exact_match") ? strictText(answer, gold) : null;
  return strict ? { exact_match: strict } : {};
}

/** Usually one text; several where each of them would do. */
function goldTexts({ target, choices }: Question): string[] {
  if (choices !== null && typeof target === "number") return [choices[target] ?? ""];
  return [target].flat().map(String);
}

/** What is asked of the model, and how lm-eval writes it down. */
export function generationOf(task: Task): { generation: Generation; written: object } {
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

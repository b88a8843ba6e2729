import { InputError } from "../../statistics/estimate";
import { scoringOf } from "../process";
import type { BenchmarkSuite } from "../schema";
import { readTask } from "../task";
import { alpacaEval } from "./alpaca-eval";
import { arc } from "./arc";
import { bbh, bbhCot } from "./bbh";
import { bbq } from "./bbq";
import { gsm8k } from "./gsm8k";
import { halueval } from "./halueval";
import { hellaswag } from "./hellaswag";
import { hhh } from "./hhh";
import { humaneval } from "./humaneval";
import { ifeval } from "./ifeval";
import { legalbench } from "./legalbench";
import { mmlu } from "./mmlu";
import { mtBench } from "./mt-bench";
import { pubmedqa } from "./pubmedqa";
import type { Suite } from "./suite";
import { tatqa } from "./tatqa";
import { truthfulqaMc1, truthfulqaMc2 } from "./truthfulqa";
import { xstest } from "./xstest";

/** What a task file may name as its suite. */
export const suites: Readonly<Record<string, Suite>> = {
  mmlu,
  arc,
  hellaswag,
  truthfulqa_mc1: truthfulqaMc1,
  truthfulqa_mc2: truthfulqaMc2,
  gsm8k,
  bbh,
  bbh_cot: bbhCot,
  pubmedqa,
  legalbench,
  hhh,
  halueval,
  ifeval,
  bbq,
  xstest,
  tatqa,
  humaneval,
  alpaca_eval: alpacaEval,
  mt_bench: mtBench,
};

/** @throws InputError naming the place of a suite that is not known, and those that are */
export function suiteOf(name: unknown, place: string): Suite {
  if (typeof name === "string" && Object.hasOwn(suites, name)) return suites[name];
  throw new InputError(`${place}: suite: ${name} is not one of ${Object.keys(suites).join(", ")}.`);
}

/** The suites as a page offers them. */
export const listSuites = (): BenchmarkSuite[] =>
  Object.entries(suites).map(([name, { title, from, task }]) => ({
    name,
    title,
    from,
    shots: typeof task.num_fewshot === "number" ? task.num_fewshot : 0,
    shotFiles: typeof task.fewshot_split === "string",
    writes: task.output_type === "generate_until",
    judged: scoringOf(readTask({ ...task, suite: name }, name, name)).process?.ofJudged !== undefined,
  }));

/** Feeds micro-batches of a run's rows to its graphs. */

import { drawKeys, dropoutKeys } from "../graph/dropout";
import { Session, type SessionOptions, type TensorData } from "../graph/session";
import type { Objective } from "../objective";
import type { Random } from "../random";
import { inBatches } from "../rows/batches";
import { type Packed, pack } from "../rows/packing";
import type { Trainable } from "./optimizer";
import {
  countOf,
  evaluationGraph,
  gradientOf,
  type Keep,
  type Outputs,
  ofBatchOf,
  type ProgramOptions,
  referenceGraph,
  stepGraph,
  sumOf,
} from "./program";

/** What one micro-batch gave. */
export interface Measured {
  readonly loss: number;
  /** Metrics by name, those of `totals` too; those without a value in this micro-batch are absent. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Of the metrics that are means over rows or tokens, the sum and how many were counted. */
  readonly totals: ReadonlyMap<string, Total>;
  readonly gradient: (parameter: string) => Float32Array;
}

export interface Total {
  readonly sum: number;
  readonly count: number;
}

export interface RunnerOptions {
  readonly program: ProgramOptions;
  readonly objective: Objective;
  readonly session: SessionOptions;
  readonly keep: Keep;
  /** Log-probabilities of each row's scored tokens under the reference, where the objective needs them. */
  readonly reference?: readonly Float32Array[];
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Loss, metrics and gradients of the rows at `indices`; `random` draws what is dropped. */
  step(indices: readonly number[], trainables: readonly Trainable[], random: Random): Promise<Measured> {
    const { program, objective, keep } = this.#options;
    return this.#measure("step", indices, trainables, random, (rows) =>
      stepGraph(program, objective, rows, keep),
    );
  }

  /** Loss and metrics of the rows at `indices`. */
  evaluate(indices: readonly number[], trainables: readonly Trainable[]): Promise<Measured> {
    const { program, objective } = this.#options;
    return this.#measure("evaluation", indices, trainables, null, (rows) =>
      evaluationGraph(program, objective, rows),
    );
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  async #measure(
    kind: string,
    indices: readonly number[],
    trainables: readonly Trainable[],
    random: Random | null,
    graph: (rows: number) => Outputs,
  ): Promise<Measured> {
    const { objective, program, session, reference } = this.#options;
    const key = `${kind} ${indices.length}`;
    const opened = this.#sessions.get(key) ?? Session.open(graph(indices.length), session);
    this.#sessions.set(key, opened);
    const packed = packRows(objective, indices, program);
    const outputs = await (await opened).run({
      ...packed.feeds,
      ...objective.feeds(indices, packed),
      ...(reference && { reference: joined(indices.map((index) => reference[index])) }),
      ...(random && { [dropoutKeys]: drawKeys(random, packed.tokens) }),
      ...feedsOf(trainables),
    });
    return {
      loss: floats(outputs, "loss")[0],
      ...metricsOf(outputs),
      gradient: (parameter) => floats(outputs, gradientOf(parameter)),
    };
  }
}

/**
 * The reference's log-probabilities of every row's scored tokens, in the order of the file. The reference is the
 * model with the adapter the run starts from, or the model as it lies on disk when all its weights are trained.
 * @param goOn asked before every run of the graph; null is returned when it says no.
 */
export async function referenceScores(
  { program, objective, session }: RunnerOptions,
  rowsInRun: number,
  goOn: (rowsDone: number) => boolean,
): Promise<Float32Array[] | null> {
  const { adapter } = program;
  const frozen = { ...program, trained: new Map() };
  const initial = Object.fromEntries(
    [...(adapter?.tensors ?? [])].map(([name, { data, shape }]) => [name, { data, dims: shape }]),
  );
  const open = await Session.open(referenceGraph(frozen, rowsInRun), session);
  const rows = objective.trees.map((_, index) => index);
  const scores: Float32Array[] = [];
  for (const indices of inBatches(rows, rowsInRun)) {
    if (!goOn(scores.length)) return null;
    const packed = packRows(objective, indices, program, rowsInRun);
    const logp = floats(await open.run({ ...packed.feeds, ...initial }), "logp");
    for (const { start, end } of packed.rows) scores.push(logp.slice(start, end));
  }
  await open.release();
  return scores;
}

function packRows(
  objective: Objective,
  indices: readonly number[],
  { adapter, chunks }: ProgramOptions,
  rows?: number,
): Packed {
  const firstPosition = adapter?.settings.method === "prefix" ? adapter.settings.num_virtual_tokens : 0;
  return pack(
    indices.map((index) => objective.trees[index]),
    { chunks, rows, firstPosition },
  );
}

const feedsOf = (trainables: readonly Trainable[]): Record<string, TensorData> =>
  Object.fromEntries(trainables.map(({ name, shape, data }) => [name, { data, dims: shape }]));

function joined(parts: readonly Float32Array[]): TensorData {
  const data = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { data, dims: [data.length] };
}

function metricsOf(outputs: Readonly<Record<string, TensorData>>): Pick<Measured, "metrics" | "totals"> {
  const metrics = new Map<string, number>();
  const totals = new Map<string, Total>();
  for (const key of Object.keys(outputs)) {
    const prefix = [sumOf(""), ofBatchOf("")].find((start) => key.startsWith(start));
    if (prefix === undefined) continue;
    const name = key.slice(prefix.length);
    const [sum, count] = [floats(outputs, key)[0], floats(outputs, countOf(name))[0]];
    if (count === 0) continue;
    metrics.set(name, sum / count);
    if (prefix === sumOf("")) totals.set(name, { sum, count });
  }
  return { metrics, totals };
}

function floats(outputs: Readonly<Record<string, TensorData>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new Error(`the graph gives no float32 ${name}`);
}

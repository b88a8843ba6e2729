/** A run before its first step: everything read and checked, nothing written. */

import { createHash } from "node:crypto";
import { EngineError } from "../errors";
import { type Model, openModel } from "../model/directory";
import { type Objective, objectiveOf } from "../objective";
import { type Plan, planOf } from "../rows/batches";
import type { RunSpec } from "../spec/spec";
import { type DroppedRow, loadRows, type Use } from "../tokenize/dataset";
import { type ChatTokenizer, openTokenizer } from "../tokenize/tokenizer";
import type { TrainedWeights } from "./checkpoint";
import { type Fitted, fitMemory } from "./fit";
import type { ProgramOptions } from "./program";
import { keepReference, readReference, referenceFile } from "./reference-file";
import { Runner, type RunnerOptions, referenceScores } from "./runner";
import { initialAdapter, trainablesOf, trainedShapes } from "./start";

export interface Run {
  readonly spec: RunSpec;
  readonly weights: TrainedWeights;
  readonly objective: Objective;
  readonly evalObjective: Objective | null;
  /** Rows of the two files that are learnt and scored. */
  readonly examples: { readonly train: number; readonly eval: number | null };
  readonly plan: Plan;
  readonly fitted: Fitted;
  readonly program: ProgramOptions;
  /** Rows that were left out of the files. */
  readonly dropped: readonly DroppedRows[];
  readonly spelling: readonly Lines[];
  readonly parted: readonly Lines[];
  /** Of the training rows as they are learnt: a run resumes only on the rows it began with. */
  readonly rowsHash: string;
}

/** Lines of a file of which something is told; see `Loaded`. */
interface Lines {
  readonly file: string;
  readonly rows: readonly number[];
}

interface DroppedRows {
  readonly file: string;
  readonly rows: readonly DroppedRow[];
}

/** @throws EngineError for anything in the spec, the model, the adapter or the rows that does not fit. */
export function openRun(spec: RunSpec): Run {
  const tokenizer = openTokenizer(spec.model, spec.chat_template_path, {
    sanitize: spec.sanitize_control_tokens,
  });
  const model = openRunModel(spec, tokenizer.padId);
  const left: DroppedRows[] = [];
  const spelling: Lines[] = [];
  const parted: Lines[] = [];
  let rowsHash = "";
  const read = (file: string, use: Use): { objective: Objective; examples: number } => {
    const { dataset, dropped, examples, ...told } = loadRows(file, spec, tokenizer, use);
    if (rowsHash === "") rowsHash = createHash("sha256").update(JSON.stringify(dataset)).digest("hex");
    if (told.spelling.length > 0) spelling.push({ file, rows: told.spelling });
    if (told.parted.length > 0) parted.push({ file, rows: told.parted });
    if (dropped.length > 0) left.push({ file, rows: dropped });
    const objective = objectiveOf(spec, dataset);
    refuseBeyondPositions(file, model, objective);
    refuseUnknownTokens(file, model, objective, tokenizer);
    return { objective, examples };
  };
  const { objective, examples } = read(spec.train, "train");
  const heldOut = spec.eval === null ? null : read(spec.eval, "evaluate");

  const adapter = initialAdapter(spec, model);
  const options = { model, adapter, trained: trainedShapes(model, adapter) };
  const fitted = fitMemory(spec, options, objective);
  return {
    spec,
    weights: { model, adapter, trainables: trainablesOf(spec, model, adapter) },
    objective,
    evalObjective: heldOut?.objective ?? null,
    examples: { train: examples, eval: heldOut?.examples ?? null },
    plan: planOf(objective.trees.length, spec),
    fitted,
    program: { ...options, chunks: fitted.chunks },
    dropped: left,
    spelling,
    parted,
    rowsHash,
  };
}

/**
 * Feeds one of the run's datasets to its graphs, with the reference's log-probabilities where the loss reads them.
 * @param goOn asked while the reference is scored; null is returned when it says no.
 */
export async function openRunner(
  run: Run,
  objective: Objective,
  goOn: (rowsDone: number) => boolean,
): Promise<Runner | null> {
  const { spec, program, fitted } = run;
  const options: RunnerOptions = { program, objective, session: { device: spec.device }, keep: fitted.keep };
  if (!objective.needsReference) return new Runner(options);
  const rowsInRun = spec.per_device_train_batch_size;
  const file = referenceFile(spec.output, program, objective, rowsInRun);
  const kept = readReference(file);
  const reference = kept ?? (await referenceScores(options, rowsInRun, goOn));
  if (reference && !kept) keepReference(file, reference);
  return reference && new Runner({ ...options, reference });
}

/** A reward model names its tokenizer's padding token, whatever it named before: transformers pools by it. */
function openRunModel({ model: directory, method }: RunSpec, padId: number): Model {
  if (method !== "reward") return openModel(directory, "causal");
  const model = openModel(directory, "score");
  return { ...model, config: { ...model.config, pad_token_id: padId } };
}

/** A model that learnt a vector for each position has none beyond its last; rotary positions go on. */
function refuseBeyondPositions(file: string, { config }: Model, { trees, lines }: Objective): void {
  if (config.rope !== null) return;
  const limit = config.max_position_embeddings;
  trees.forEach(({ prompt, responses }, index) => {
    const longest =
      prompt.length + Math.max(...responses.flatMap(({ ids, lengths }) => lengths ?? [ids.length]));
    if (longest > limit) {
      throw new EngineError(
        `${file}, row ${lines[index]} has ${longest} tokens but the model has ${limit} positions: set max_length to ${limit} or less.`,
      );
    }
  });
}

/** A tokenizer that is larger than the model's embedding, in a row that shows it. */
function refuseUnknownTokens(
  file: string,
  { config: { vocab_size } }: Model,
  { trees, lines }: Objective,
  tokenizer: ChatTokenizer,
): void {
  trees.forEach(({ prompt, responses }, index) => {
    const unknown = [prompt, ...responses.map(({ ids }) => ids)].flatMap((ids) =>
      ids.filter((id) => id >= vocab_size),
    );
    if (unknown.length > 0) {
      throw new EngineError(`${file}, row ${lines[index]}: ${tokenizer.beyond(unknown[0], vocab_size)}`);
    }
  });
}

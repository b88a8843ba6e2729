/** What a run optimises: how its rows become trees of tokens, and its loss as a function of the model's scores. */
import type { RunSpec } from "../spec/spec";
import type { Dataset } from "../tokenize/dataset";
import { ktoObjective } from "./kto";
import type { Objective } from "./objective";
import { preferenceObjective } from "./preference";
import { rankedObjective, rankedRewardObjective } from "./ranked";
import { rewardObjective } from "./reward";
import { sftObjective } from "./sft";

export type { Objective, Reading } from "./objective";

/** The objective of `spec` over the rows of `dataset`. */
export function objectiveOf(spec: RunSpec, dataset: Dataset): Objective {
  if (dataset.kind === "sft") return sftObjective(dataset.rows);
  if (dataset.kind === "preference" && spec.method === "preference")
    return preferenceObjective(dataset.rows, spec);
  if (dataset.kind === "kto" && spec.method === "kto") return ktoObjective(dataset.rows, spec);
  if (dataset.kind === "reward" && spec.method === "reward") return rewardObjective(dataset.rows, spec);
  if (dataset.kind === "ranked" && spec.method === "preference") return rankedObjective(dataset.rows, spec);
  if (dataset.kind === "ranked" && spec.method === "reward") return rankedRewardObjective(dataset.rows, spec);
  throw new Error(`a ${spec.method} run does not read ${dataset.kind} rows`);
}

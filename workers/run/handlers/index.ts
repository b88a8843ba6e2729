import type { RunKind } from "../../../db/shape/run-kinds";
import type { Handler } from "../handler";
import { benchmark } from "./benchmark";
import { chat } from "./chat";
import { collect } from "./collect";
import { construct } from "./construct";
import { embed } from "./embed";
import { evaluate } from "./evaluate";
import { exportVersion } from "./export";
import { exportModel } from "./export-model";
import { freeze } from "./freeze";
import { generate } from "./generate";
import { guard } from "./guard";
import { importCaged } from "./import-caged";
import { judge } from "./judge";
import { judgeTry } from "./judge-try";
import { newModel } from "./new-model";
import { preview } from "./preview";
import { probe } from "./probe";
import { pushVersion } from "./push";
import { pushModel } from "./push-model";
import { score } from "./score";
import { search } from "./search";
import { train } from "./train";

/** Models and dataset versions leave in the same two ways; the spec names one of them. */
const modelOr =
  (ofModel: Handler, ofVersion: Handler): Handler =>
  (work) =>
    ("modelId" in work.run.spec ? ofModel : ofVersion)(work);

/** The one that does the work of each kind. */
export const handlers: Readonly<Record<RunKind, Handler>> = {
  import: importCaged,
  freeze,
  export: modelOr(exportModel, exportVersion),
  push: modelOr(pushModel, pushVersion),
  sft: train("sft"),
  reward: train("reward"),
  preference: train("preference"),
  kto: train("kto"),
  new_model: newModel,
  generate,
  score,
  embed,
  search,
  evaluate,
  benchmark,
  chat,
  preview,
  probe,
  judge,
  judge_try: judgeTry,
  guard,
  construct,
  collect,
};

import type { RunKind } from "../../server/run/schema";
import type { Handler } from "../handler";
import { chat } from "./chat";
import { evaluate } from "./evaluate";
import { exportVersion } from "./export";
import { exportModel } from "./export-model";
import { freeze } from "./freeze";
import { generate } from "./generate";
import { importUpload } from "./import";
import { newModel } from "./new-model";
import { preview } from "./preview";
import { pushVersion } from "./push";
import { pushModel } from "./push-model";
import { score } from "./score";
import { train } from "./train";

/** Models and dataset versions leave in the same two ways; the spec names one of them. */
const modelOr =
  (ofModel: Handler, ofVersion: Handler): Handler =>
  (work) =>
    ("modelId" in work.run.spec ? ofModel : ofVersion)(work);

/** What this package's workers can do, a handler a kind. */
export const handlers: Partial<Record<RunKind, Handler>> = {
  import: importUpload,
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
  evaluate,
  chat,
  preview,
};

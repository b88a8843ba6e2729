import type { RunKind } from "../../server/run/schema";
import type { Handler } from "../handler";
import { chat } from "./chat";
import { evaluate } from "./evaluate";
import { exportVersion } from "./export";
import { freeze } from "./freeze";
import { generate } from "./generate";
import { importUpload } from "./import";
import { newModel } from "./new-model";
import { preview } from "./preview";
import { push } from "./push";
import { score } from "./score";
import { train } from "./train";

/** What this package's workers can do, a handler a kind. */
export const handlers: Partial<Record<RunKind, Handler>> = {
  import: importUpload,
  freeze,
  export: exportVersion,
  push,
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

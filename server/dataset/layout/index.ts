import type { ExportLayout } from "../schema";
import { axolotl } from "./axolotl";
import type { Layout } from "./layout";
import { llamaFactory } from "./llama-factory";
import { msSwift } from "./ms-swift";
import { nemoRl } from "./nemo-rl";
import { openAi } from "./openai";
import { openRlhf } from "./openrlhf";
import { trl } from "./trl";
import { unsloth } from "./unsloth";
import { verl } from "./verl";

/** A layout is one file and its line here. */
export const layouts: Readonly<Record<ExportLayout, Layout>> = {
  trl,
  openrlhf: openRlhf,
  axolotl,
  "llama-factory": llamaFactory,
  "ms-swift": msSwift,
  verl,
  "nemo-rl": nemoRl,
  unsloth,
  openai: openAi,
};

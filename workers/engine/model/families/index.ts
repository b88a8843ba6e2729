import type { Family as FamilyName } from "../family-defaults";
import type { Family } from "../network";
import { gemma2 } from "./gemma2";
import { gemma3 } from "./gemma3";
import { gpt2 } from "./gpt2";
import { llama } from "./llama";
import { mistral } from "./mistral";
import { phi3 } from "./phi3";
import { qwen2 } from "./qwen2";
import { qwen3 } from "./qwen3";

/** Every family the engine trains, by the `model_type` of config.json. */
export const families: Readonly<Record<FamilyName, Family>> = {
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3_text: gemma3,
  gpt2,
  phi3,
};

import type { ModelConfig } from "../config";
import type { FamilyDescription } from "../family";
import { exaone4 } from "./exaone4";
import { gemma2 } from "./gemma2";
import { gemma3 } from "./gemma3";
import { glm4 } from "./glm4";
import { gpt2 } from "./gpt2";
import { granite } from "./granite";
import { internlm3 } from "./internlm3";
import { iquestcoder } from "./iquestcoder";
import { llama } from "./llama";
import { ministral3 } from "./ministral3";
import { mistral } from "./mistral";
import { olmo2 } from "./olmo2";
import { olmo3 } from "./olmo3";
import { phi3 } from "./phi3";
import { qwen2 } from "./qwen2";
import { qwen3 } from "./qwen3";
import { smollm3 } from "./smollm3";

/** Every family that the engine trains. */
export const families: readonly FamilyDescription[] = [
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3,
  gpt2,
  phi3,
  internlm3,
  iquestcoder,
  smollm3,
  granite,
  ministral3,
  olmo2,
  olmo3,
  glm4,
  exaone4,
];

const byName = new Map(families.map((family) => [family.name, family]));

/** The description of a model's family. */
export function familyOf({ family: name }: Pick<ModelConfig, "family">): FamilyDescription {
  const family = byName.get(name);
  if (!family) throw new Error(`no family is called ${name}`);
  return family;
}

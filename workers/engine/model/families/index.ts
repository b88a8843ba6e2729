import type { ModelConfig } from "../config";
import type { FamilyDescription } from "../family";
import { gemma2 } from "./gemma2";
import { gemma3 } from "./gemma3";
import { gpt2 } from "./gpt2";
import { llama } from "./llama";
import { mistral } from "./mistral";
import { phi3 } from "./phi3";
import { qwen2 } from "./qwen2";
import { qwen3 } from "./qwen3";

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
];

const byName = new Map(families.map((family) => [family.name, family]));

/** The description of a model's family. */
export function familyOf({ family: name }: Pick<ModelConfig, "family">): FamilyDescription {
  const family = byName.get(name);
  if (!family) throw new Error(`no family is called ${name}`);
  return family;
}

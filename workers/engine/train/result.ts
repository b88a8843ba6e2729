/** What a run leaves behind: `output/output/` with the trained weights, the tokenizer and a model card. */
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { copyFile } from "../file/files";
import type { WeightType } from "../file/safetensors";
import { copyTokenizer } from "../model/directory";
import type { RunSpec } from "../spec/spec";
import { saveWeights } from "./checkpoint";
import { writeModelCard } from "./model-card";
import type { Run } from "./run";

const dtypes: Readonly<Record<RunSpec["save_dtype"], WeightType>> = {
  float32: "F32",
  bfloat16: "BF16",
  float16: "F16",
};

/**
 * Writes the result beside its place and renames it there: it appears complete or not at all.
 * @param step the step that gave these weights
 */
export function saveResult({ spec, weights, examples }: Run, step: number): void {
  const complete = join(spec.output, "output");
  const partial = `${complete}.partial`;
  rmSync(partial, { recursive: true, force: true });
  saveWeights(partial, weights, dtypes[spec.save_dtype]);
  copyTokenizer(weights.model.dir, partial);
  if (spec.chat_template_path) copyFile(spec.chat_template_path, join(partial, "chat_template.jinja"));
  rmSync(complete, { recursive: true, force: true });
  renameSync(partial, complete);
  writeModelCard({
    spec,
    adapter: weights.adapter?.settings ?? null,
    rows: examples,
    step,
  });
}

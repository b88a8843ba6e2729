import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { readJson } from "../file/files";
import { mergeAdapter } from "../model/adapter/merge";
import { readAdapter } from "../model/adapter/peft";
import { openModel } from "../model/directory";
import { readOptions, required, runCommand } from "./command";

const usage = `npm run merge -- --adapter DIR --out DIR [--model DIR] [--dtype float32|bfloat16|float16]
  --adapter  PEFT adapter to merge (LoRA)
  --model    its base model; default: base_model_name_or_path of the adapter
  --out      directory for the full model
  --dtype    type of the written weights; default float32`;

const dtypes = { float32: "F32", bfloat16: "BF16", float16: "F16" } as const;
const baseSchema = z.looseObject({ base_model_name_or_path: z.string() });

await runCommand(usage, () => {
  const text = { type: "string" } as const;
  const options = readOptions({ adapter: text, model: text, out: text, dtype: text }, usage);
  const adapterDir = resolve(required(options.adapter, "adapter", usage));
  const out = resolve(required(options.out, "out", usage));
  const name = z.enum(["float32", "bfloat16", "float16"]).safeParse(options.dtype ?? "float32");
  if (!name.success) throw new EngineError(`--dtype ${options.dtype} is not known.\n${usage}`);
  const config = `${adapterDir}/adapter_config.json`;
  const base = options.model ?? readJson(config, baseSchema).base_model_name_or_path;
  if (options.model === undefined && !existsSync(base))
    throw new EngineError(
      `${config}: base_model_name_or_path is “${base}”, which is no directory here; give the directory of that model with --model.`,
    );
  const model = openModel(base);
  if (out === model.dir || out === adapterDir || out === dirname(model.dir)) {
    throw new EngineError(`--out ${out} must be a new directory, not one of the inputs.`);
  }
  mergeAdapter(out, model, readAdapter(adapterDir, model.config), dtypes[name.data]);
  console.log(`Merged ${adapterDir} into ${model.dir}: ${out}`);
});

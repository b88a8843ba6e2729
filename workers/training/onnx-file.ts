import { writeFileSync } from "node:fs";
import { toOnnx } from "../engine/graph/onnx";
import * as ops from "../engine/graph/ops";
import { scoreHead } from "../engine/model/adapter/peft";
import { treeAttention } from "../engine/model/attention";
import { decode, headOf } from "../engine/model/decode";
import { openModel } from "../engine/model/directory";
import { logits } from "../engine/model/head";
import { weightsOf } from "../engine/model/weights";

/**
 * Writes a full model as ONNX: the engine's own forward graph for one sequence, with the weights left as external
 * data in the safetensors files, beside which the file has to lie.
 *
 * Inputs `input_ids` and `position_ids` (int64 [tokens], positions from 0); output `logits` [tokens, vocabulary],
 * or `rewards` [tokens, 1] of a reward model, of which the last token's counts.
 * @param directory Hugging Face directory of a full model
 * @throws EngineError for a directory that the engine cannot read
 */
export function writeOnnx(directory: string, file: string): void {
  const model = openModel(directory);
  const { config } = model;
  const weights = weightsOf(model, new Map(), null);
  const ids = ops.input("input_ids", ["tokens"], "int64");
  const positions = ops.input("position_ids", ["tokens"], "int64");
  const attend = treeAttention({
    count: 1,
    bounds: ops.concat([ops.integers(0), ops.sizeOf(ids, 0)], 0),
    positions,
    // One branch: every token sees all before it.
    branches: ops.sub(positions, positions),
  });
  const { hidden } = decode(config, weights, { ids, positions }, attend);
  const { bytes } = toOnnx(
    config.head === "score"
      ? { rewards: ops.gemm(hidden, weights.parameter(scoreHead), { transB: true }) }
      : { logits: logits(headOf(config, weights), hidden) },
  );
  writeFileSync(file, bytes);
}

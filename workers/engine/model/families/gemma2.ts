import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import { rmsNorm } from "../layers";
import type { Family, Network } from "../network";
import { embedTokens, gatedMlp, layerName, selfAttention } from "./decoder";

/** Gemma stores its norm weights as their distance from one. */
export const gemmaNorm = ({ config, parameter }: Network, name: string, x: Value) =>
  rmsNorm(x, ops.add(parameter(`${name}.weight`), 1), config.norm_eps);

/**
 * Gemma 2 (arXiv 2408.00118): scaled embeddings, norms before and after each half of a layer, soft caps on
 * scores and logits, every other layer sliding.
 */
export const gemma2: Family = {
  embed: (network, ids) => ops.mul(embedTokens(network, ids), Math.sqrt(network.config.hidden_size)),
  layer: (network, x, index) => gemmaLayer(network, x, index),
  finalNorm: (network, x) => gemmaNorm(network, "model.norm", x),
};

export function gemmaLayer(
  network: Network,
  x: Value,
  index: number,
  prepare?: Parameters<typeof selfAttention>[3],
): Value {
  const normed = (name: string, value: Value) => gemmaNorm(network, `${layerName(index)}.${name}`, value);
  const attended = selfAttention(network, index, normed("input_layernorm", x), prepare);
  const h = ops.add(x, normed("post_attention_layernorm", attended));
  const fed = gatedMlp(network, index, normed("pre_feedforward_layernorm", h));
  return ops.add(h, normed("post_feedforward_layernorm", fed));
}

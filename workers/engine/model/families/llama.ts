import * as ops from "../../graph/ops";
import type { Family } from "../network";
import { embedTokens, finalNorm, gatedMlp, layerName, norm, selfAttention } from "./decoder";

/** Llama (arXiv 2302.13971, 2407.21783), and what is shaped like it: SmolLM, TinyLlama. */
export const llama: Family = {
  embed: embedTokens,
  layer(network, x, index) {
    const name = layerName(index);
    const h = ops.add(x, selfAttention(network, index, norm(network, `${name}.input_layernorm`, x)));
    return ops.add(h, gatedMlp(network, index, norm(network, `${name}.post_attention_layernorm`, h)));
  },
  finalNorm,
};

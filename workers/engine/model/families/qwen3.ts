import * as ops from "../../graph/ops";
import type { Family } from "../network";
import { embedTokens, finalNorm, gatedMlp, layerName, norm, selfAttention } from "./decoder";

/** Qwen 3, dense (arXiv 2505.09388): Llama with a norm on every query and key head. */
export const qwen3: Family = {
  embed: embedTokens,
  layer(network, x, index) {
    const name = layerName(index);
    const attended = selfAttention(network, index, norm(network, `${name}.input_layernorm`, x), {
      query: (heads) => norm(network, `${name}.self_attn.q_norm`, heads),
      key: (heads) => norm(network, `${name}.self_attn.k_norm`, heads),
    });
    const h = ops.add(x, attended);
    return ops.add(h, gatedMlp(network, index, norm(network, `${name}.post_attention_layernorm`, h)));
  },
  finalNorm,
};

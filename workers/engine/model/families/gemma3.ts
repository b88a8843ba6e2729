import type { Family } from "../network";
import { layerName } from "./decoder";
import { gemma2, gemmaLayer, gemmaNorm } from "./gemma2";

/** Gemma 3, text only (arXiv 2503.19786): Gemma 2 with norms on query and key heads instead of soft caps. */
export const gemma3: Family = {
  ...gemma2,
  layer: (network, x, index) =>
    gemmaLayer(network, x, index, {
      query: (heads) => gemmaNorm(network, `${layerName(index)}.self_attn.q_norm`, heads),
      key: (heads) => gemmaNorm(network, `${layerName(index)}.self_attn.k_norm`, heads),
    }),
};

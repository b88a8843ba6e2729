import { EngineError } from "../../errors";
import type { Defaults, FamilyDescription } from "../family";
import { decoderFields, decoderShape, llamaDefaults } from "../read";
import { llama } from "./llama";

const defaults: Defaults = {
  ...llamaDefaults,
  head_dim: 128,
  num_key_value_heads: 2,
  epsilon: 1e-5,
  max_position_embeddings: 32_768,
  pad_token_id: 2,
};

/** InternLM 3: Llama under another name; transformers runs it by Llama's own classes. */
export const internlm3: FamilyDescription = {
  ...llama,
  name: "internlm3",
  architectures: { causal: ["LlamaForCausalLM", "InternLM3ForCausalLM"], score: null },
  defaults,
  read(raw, file) {
    // Its older configurations call the biases qkv_bias and bias.
    const attention_bias = raw.attention_bias ?? raw.qkv_bias ?? false;
    const mlp_bias = raw.mlp_bias ?? raw.bias ?? false;
    if (attention_bias !== mlp_bias) {
      throw new EngineError(`${file}: qkv_bias and bias of an internlm3 model must be equal.`);
    }
    return decoderShape(decoderFields({ ...raw, attention_bias, mlp_bias }, file), defaults, file);
  },
  tokenizer: { registered: "file", writtenCounts: false },
};

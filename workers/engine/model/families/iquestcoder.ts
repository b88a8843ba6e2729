import { EngineError } from "../../errors";
import type { Defaults, FamilyDescription } from "../family";
import { decoderFields, decoderShape, llamaDefaults } from "../read";
import { llama } from "./llama";

const defaults: Defaults = {
  ...llamaDefaults,
  head_dim: 128,
  num_key_value_heads: 8,
  epsilon: 1e-5,
  max_position_embeddings: 131_072,
};

/** IQuest Coder: Llama under another name; transformers runs it by Llama's own classes. */
export const iquestcoder: FamilyDescription = {
  ...llama,
  name: "iquestcoder",
  architectures: { causal: ["LlamaForCausalLM", "IQuestCoderForCausalLM"], score: null },
  defaults,
  read(raw, file) {
    const fields = decoderFields(raw, file);
    const unknown = fields.use_sliding_window ? "use_sliding_window" : "clip_qkv";
    if (fields.use_sliding_window || (raw.clip_qkv ?? null) !== null) {
      throw new EngineError(`${file}: ${unknown} is not supported for iquestcoder.`);
    }
    return decoderShape(fields, defaults, file);
  },
  tokenizer: { registered: "file", writtenCounts: false },
};

import { join } from "node:path";
import { z } from "zod";
import { makeFolder, writeText } from "../engine/file/files";
import { type TensorToWrite, writeSafetensors } from "../engine/file/safetensors";
import { writeJson } from "../engine/model/directory";
import { plainBpe } from "../engine/tokenize/tokenizer-class";
import type { Gguf } from "./gguf";

const factsSchema = z.object({
  "llama.block_count": z.number(),
  "llama.context_length": z.number(),
  "llama.embedding_length": z.number(),
  "llama.feed_forward_length": z.number(),
  "llama.attention.head_count": z.number(),
  "llama.attention.head_count_kv": z.number(),
  "llama.rope.freq_base": z.number(),
  "llama.attention.layer_norm_rms_epsilon": z.number(),
  "llama.vocab_size": z.number(),
  "tokenizer.ggml.tokens": z.array(z.string()),
  "tokenizer.ggml.token_type": z.array(z.number()),
  "tokenizer.ggml.merges": z.array(z.string()),
  "tokenizer.chat_template": z.string(),
});
type Facts = z.infer<typeof factsSchema>;

/** Tokens that stand for themselves in llama.cpp's numbers of kinds. */
const CONTROL = 3;
const special = { bos: "<|im_start|>", eos: "<|im_end|>", unk: "<|endoftext|>" };

/**
 * Writes SmolLM2 from its GGUF file as a Hugging Face directory of float32 weights. The file keeps neither the
 * splitting into single digits nor the end-of-turn token: both are set as the model's authors published them.
 */
export function writeSmolLm2(file: Gguf, directory: string): void {
  const facts = factsSchema.parse(Object.fromEntries(file.facts));
  makeFolder(directory);
  writeJson(join(directory, "config.json"), configOf(facts));
  writeJson(join(directory, "generation_config.json"), { bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 });
  writeTokenizer(facts, directory);
  writeSafetensors(join(directory, "model.safetensors"), tensorsOf(file, facts));
}

const configOf = (facts: Facts) => ({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: facts["llama.vocab_size"],
  hidden_size: facts["llama.embedding_length"],
  intermediate_size: facts["llama.feed_forward_length"],
  num_hidden_layers: facts["llama.block_count"],
  num_attention_heads: facts["llama.attention.head_count"],
  num_key_value_heads: facts["llama.attention.head_count_kv"],
  max_position_embeddings: facts["llama.context_length"],
  rope_theta: facts["llama.rope.freq_base"],
  // Stored as a float32 of it.
  rms_norm_eps: Number(facts["llama.attention.layer_norm_rms_epsilon"].toPrecision(6)),
  hidden_act: "silu",
  attention_bias: false,
  mlp_bias: false,
  initializer_range: 0.041666666666666664,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: 2,
  torch_dtype: "float32",
});

function writeTokenizer(facts: Facts, directory: string): void {
  const tokens = facts["tokenizer.ggml.tokens"];
  const added = tokens.flatMap((content, id) =>
    facts["tokenizer.ggml.token_type"][id] === CONTROL
      ? [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }]
      : [],
  );
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  writeText(
    join(directory, "tokenizer.json"),
    JSON.stringify({
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel],
      },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        ...plainBpe,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: facts["tokenizer.ggml.merges"].map((merge) => merge.split(" ")),
      },
    }),
  );
  writeText(join(directory, "chat_template.jinja"), facts["tokenizer.chat_template"]);
  writeJson(join(directory, "tokenizer_config.json"), {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: special.bos,
    eos_token: special.eos,
    pad_token: special.eos,
    unk_token: special.unk,
    model_max_length: facts["llama.context_length"],
    clean_up_tokenization_spaces: false,
  });
}

/** Names of llama.cpp and of transformers, within a layer. */
const layerNames = {
  attn_norm: "input_layernorm",
  ffn_norm: "post_attention_layernorm",
  attn_q: "self_attn.q_proj",
  attn_k: "self_attn.k_proj",
  attn_v: "self_attn.v_proj",
  attn_output: "self_attn.o_proj",
  ffn_gate: "mlp.gate_proj",
  ffn_up: "mlp.up_proj",
  ffn_down: "mlp.down_proj",
};

function tensorsOf(file: Gguf, facts: Facts): TensorToWrite[] {
  const heads: Readonly<Record<string, number>> = {
    attn_q: facts["llama.attention.head_count"],
    attn_k: facts["llama.attention.head_count_kv"],
  };
  const one = (from: string, name: string, headCount?: number): TensorToWrite => {
    const shape = file.tensors.get(from)?.shape ?? [];
    return {
      name,
      shape,
      dtype: "F32",
      values: () => (headCount ? halvesApart(file.valuesOf(from), shape, headCount) : file.valuesOf(from)),
    };
  };
  const layers = Array.from({ length: facts["llama.block_count"] }, (_, layer) =>
    Object.entries(layerNames).map(([from, to]) =>
      one(`blk.${layer}.${from}.weight`, `model.layers.${layer}.${to}.weight`, heads[from]),
    ),
  );
  return [
    one("token_embd.weight", "model.embed_tokens.weight"),
    ...layers.flat(),
    one("output_norm.weight", "model.norm.weight"),
  ];
}

/** llama.cpp turns neighbouring rows of a head together, transformers its two halves: puts the rows back. */
function halvesApart(values: Float32Array, [rows, width]: readonly number[], heads: number): Float32Array {
  const result = new Float32Array(values.length);
  const half = rows / heads / 2;
  for (let row = 0; row < rows; row++) {
    const [head, within] = [Math.floor(row / (2 * half)), row % (2 * half)];
    const to = head * 2 * half + (within % 2) * half + Math.floor(within / 2);
    result.set(values.subarray(row * width, (row + 1) * width), to * width);
  }
  return result;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { families } from "@/workers/engine/model/families";
import { configToWrite, parseModelConfig } from "@/workers/engine/model/read-config";
import { ropeFrequencies } from "@/workers/engine/model/rope";

/** SmolLM2-135M-Instruct's config.json as it lies on the Hub, in the layout of transformers 4. */
const smollm = {
  architectures: ["LlamaForCausalLM"],
  attention_bias: false,
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: 2,
  hidden_act: "silu",
  hidden_size: 576,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  model_type: "llama",
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-5,
  rope_interleaved: false,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  transformers_version: "4.42.3",
  vocab_size: 49152,
};
const withoutRaw = (raw: Record<string, unknown>) => ({ ...parseModelConfig(raw, "config.json"), raw: null });

test("the layout of transformers 4 reads as that of transformers 5 does", () => {
  const config = parseModelConfig(smollm, "config.json");
  expect(config).toMatchObject({
    head_dim: 64,
    query_scale: 0.125,
    eos_token_ids: [2],
    tie_word_embeddings: true,
    rope: { full_attention: { theta: 100000, scaling: { type: "default" } } },
  });
  const written = configToWrite(config, "float32");
  expect(written).toMatchObject({
    dtype: "float32",
    rope_parameters: { rope_theta: 100000, rope_type: "default" },
  });
  for (const old of ["torch_dtype", "rope_theta", "rope_scaling"]) expect(written).not.toHaveProperty(old);
  expect(withoutRaw(written)).toEqual({ ...config, raw: null });
});

const llama3 = {
  factor: 32,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};
const small = {
  vocab_size: 320,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 7,
  num_attention_heads: 4,
  num_key_value_heads: 2,
};

test.each([
  [
    "llama3",
    { rope_theta: 5e5, rope_scaling: { ...llama3, rope_type: "llama3" } },
    { rope_parameters: { ...llama3, rope_type: "llama3", rope_theta: 5e5 } },
  ],
  [
    "linear under its old key",
    { rope_scaling: { type: "linear", factor: 2 } },
    { rope_parameters: { rope_type: "linear", factor: 2, rope_theta: 10000 } },
  ],
  [
    "yarn",
    {
      max_position_embeddings: 4096,
      rope_theta: 1e6,
      rope_scaling: { type: "yarn", factor: 4, original_max_position_embeddings: 1024 },
    },
    {
      max_position_embeddings: 4096,
      rope_parameters: {
        rope_type: "yarn",
        factor: 4,
        original_max_position_embeddings: 1024,
        rope_theta: 1e6,
      },
    },
  ],
])("rope scaling %s reads the same in both layouts", (_, old, now) => {
  const base = { ...small, model_type: "llama" };
  expect(withoutRaw({ ...base, ...old })).toEqual(withoutRaw({ ...base, ...now }));
});

test("gemma 3 has two rotations, in both layouts", () => {
  const base = { ...small, model_type: "gemma3_text", query_pre_attn_scalar: 256, sliding_window: 8 };
  const old = {
    ...base,
    rope_theta: 1e6,
    rope_local_base_freq: 1e4,
    sliding_window_pattern: 6,
    rope_scaling: { rope_type: "linear", factor: 8 },
  };
  const now = {
    ...base,
    rope_parameters: {
      full_attention: { rope_type: "linear", factor: 8, rope_theta: 1e6 },
      sliding_attention: { rope_type: "default", rope_theta: 1e4 },
    },
  };
  expect(withoutRaw(old)).toEqual(withoutRaw(now));
  const { layer_types, query_scale, head_dim, tie_word_embeddings } = withoutRaw(old);
  expect(layer_types.map((type) => type === "full_attention")).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect([query_scale, head_dim, tie_word_embeddings]).toEqual([1 / 16, 256, true]);
});

test.each([
  [
    "qwen2 slides only where it is switched on",
    { model_type: "qwen2", sliding_window: 8, max_window_layers: 2 },
    [0, 0],
  ],
  [
    "qwen2 slides from max_window_layers on",
    { model_type: "qwen2", sliding_window: 8, use_sliding_window: true, max_window_layers: 5 },
    [8, 2],
  ],
  ["mistral slides everywhere", { model_type: "mistral", sliding_window: 8 }, [8, 7]],
  [
    "mistral slides where its layer types say so",
    {
      model_type: "mistral",
      sliding_window: 8,
      layer_types: Array.from({ length: 7 }, (_, i) => (i % 2 ? "full_attention" : "sliding_attention")),
    },
    [8, 4],
  ],
  ["mistral without a window", { model_type: "mistral", sliding_window: null }, [0, 0]],
  ["gemma2 slides in every other layer", { model_type: "gemma2", sliding_window: 8 }, [8, 4]],
])("%s", (_, fields, [window, sliding]) => {
  const config = withoutRaw({ ...small, ...fields });
  expect(config.layer_types.filter((type) => type === "sliding_attention")).toHaveLength(sliding);
  expect(config.sliding_window ?? 0).toBe(window);
});

test.each([
  ["llama", 1],
  ["qwen3", 1],
  ["phi3", 0.5],
  ["glm4", 0.5],
])("partial_rotary_factor counts only where the family has it: %s", (model_type, share) => {
  const { rope } = withoutRaw({ ...small, model_type, partial_rotary_factor: 0.5 });
  expect(rope?.full_attention.partial_rotary_factor).toBe(share);
});

test.each([
  // As published: rope scaling on the full layers only, and those by another layout.
  ["olmo3", { rope_theta: 5e5, rope_scaling: { rope_type: "yarn", factor: 8 } }, "yarn", "default"],
  ["ministral3", {}, "yarn", "yarn"],
] as const)(
  "%s scales the positions of the layers that transformers scales",
  (model_type, fields, full, sliding) => {
    const { rope } = withoutRaw({ ...small, model_type, ...fields });
    expect(rope?.full_attention.scaling.type).toBe(full);
    expect(rope?.sliding_attention.scaling.type).toBe(sliding);
  },
);

test("a family is named in its own file, in the index and in tests, nowhere else", () => {
  const engine = "workers/engine";
  const names = families.map(({ name }) => name);
  const literal = new RegExp(`["'\`](?:${names.join("|")})["'\`]`);
  const files = readdirSync(engine, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  const naming = files.filter((path) => {
    if (path.startsWith("model/families/")) return false;
    const named = literal.exec(readFileSync(join(engine, path), "utf8"));
    // yarn's and Llama 3's scalings of positions, and our own chat templates, are no families.
    return named !== null && !path.startsWith("tokenize/tagged-templates");
  });
  expect(naming).toEqual(["cli/new-model.ts"]); // llama, what a new model is unless told otherwise
  const own = readdirSync(`${engine}/model/families`).filter(
    (file) => !["index.ts", "decoder.ts"].includes(file),
  );
  expect(own).toHaveLength(families.length);
  for (const { name } of families) {
    const homes = own.filter((file) =>
      readFileSync(`${engine}/model/families/${file}`, "utf8").includes(`name: "${name}"`),
    );
    expect(homes, name).toHaveLength(1);
  }
});

describe("what is not supported is refused by name", () => {
  test.each([
    [
      { model_type: "mixtral", architectures: ["MixtralForCausalLM"] },
      /architecture MixtralForCausalLM is not supported; supported model types are llama, .*torch engine/,
    ],
    [
      {
        model_type: "mistral3",
        architectures: ["Mistral3ForConditionalGeneration"],
        text_config: { model_type: "ministral3" },
      },
      /Mistral3ForConditionalGeneration is not supported.*holds a text model \(ministral3\)/,
    ],
    [
      { model_type: "llama", architectures: ["LlamaForTokenClassification"] },
      /LlamaForTokenClassification is not supported/,
    ],
    [{ model_type: "llama", quantization_config: { bits: 4 } }, /quantised checkpoints/],
    [
      { model_type: "llama", rope_scaling: { type: "dynamic", factor: 2 } },
      /rope scaling dynamic is not supported/,
    ],
    [
      { model_type: "phi3", rope_scaling: { type: "longrope" } },
      /rope scaling longrope is not supported for phi3/,
    ],
    [
      { model_type: "llama", rope_scaling: { rope_type: "llama3", factor: 2 } },
      /llama3 needs low_freq_factor/,
    ],
    [
      {
        model_type: "llama",
        partial_rotary_factor: 0.5,
        rope_scaling: { rope_type: "linear", factor: 2 },
      },
      /partial_rotary_factor 0.5 has no place in llama/,
    ],
    [
      { model_type: "internlm3", qkv_bias: true, bias: false },
      /qkv_bias and bias of an internlm3 model must be equal/,
    ],
    [{ model_type: "iquestcoder", clip_qkv: 8 }, /clip_qkv is not supported for iquestcoder/],
    [{ model_type: "smollm3", no_rope_layers: [1] }, /no_rope_layers names 1 layers/],
    [
      { model_type: "granite", architectures: ["GraniteForSequenceClassification"] },
      /granite loads as GraniteForCausalLM\./,
    ],
    [{ model_type: "llama", hidden_act: "relu" }, /activation relu is not supported/],
    [
      { model_type: "gemma3_text", use_bidirectional_attention: true },
      /use_bidirectional_attention is not supported/,
    ],
    [
      { model_type: "qwen3", layer_types: ["full_attention"] },
      /layer_types names 1 layers, num_hidden_layers 7/,
    ],
    [{ model_type: "llama", num_key_value_heads: 3 }, /4 is not a multiple of num_key_value_heads 3/],
    [{ model_type: "llama", hidden_size: "wide" }, /config\.json: hidden_size: /],
  ])("%j", (fields, message) => {
    expect(() => parseModelConfig({ ...small, ...fields }, "config.json")).toThrow(message);
  });
});

const golden: {
  rotary: {
    shared: Record<string, unknown>;
    cases: { rope_parameters: Record<string, unknown>; inverse: number[]; attention_factor: number }[];
  };
} = JSON.parse(readFileSync("tests/parity/golden/inference.json", "utf8"));

test.each(golden.rotary.cases)(
  "frequencies are transformers': $rope_parameters",
  ({ rope_parameters, inverse, attention_factor }) => {
    const raw = { ...small, ...golden.rotary.shared, model_type: "llama", rope_parameters };
    const { rope, head_dim } = parseModelConfig(raw, "config.json");
    if (!rope) throw new Error("llama has rotary positions");
    const found = ropeFrequencies(rope.full_attention, head_dim);
    expect(found.attention_factor).toBeCloseTo(attention_factor, 6);
    for (const [index, value] of inverse.entries()) expect(found.inverse[index] / value).toBeCloseTo(1, 5);
  },
);

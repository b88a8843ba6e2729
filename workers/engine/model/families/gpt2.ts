import { z } from "zod";
import { EngineError } from "../../errors";
import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import { generalSchema, size } from "../config-fields";
import type { Defaults, FamilyDescription } from "../family";
import { activations, layerNorm } from "../layers";
import type { Network } from "../network";
import { layerNorm as normWeights, repeat, transposed } from "../parameters";
import { everyLayer, llamaDefaults, parse, readActivation } from "../read";
import { attentionLayer } from "./decoder";

const schema = generalSchema.extend({
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_positions: size.nullish(),
  n_inner: size.nullish(),
  activation_function: z.string().nullish(),
  layer_norm_epsilon: z.number().positive().nullish(),
  embd_pdrop: z.number().nullish(),
  attn_pdrop: z.number().nullish(),
  resid_pdrop: z.number().nullish(),
  scale_attn_weights: z.boolean().nullish(),
  scale_attn_by_inverse_layer_idx: z.boolean().nullish(),
  add_cross_attention: z.boolean().nullish(),
});

const defaults: Defaults = {
  ...llamaDefaults,
  tied: true,
  activation: "gelu_new",
  epsilon: 1e-5,
  max_position_embeddings: 1024,
};

/** GPT-2 (Radford et al., 2019): learned positions, layer norms with biases, one projection for q, k and v. */
export const gpt2: FamilyDescription = {
  name: "gpt2",
  architectures: { causal: ["GPT2LMHeadModel"], score: "GPT2ForSequenceClassification" },
  defaults,
  read(raw, file) {
    const fields = parse(schema, raw, file);
    if (
      fields.scale_attn_weights === false ||
      fields.scale_attn_by_inverse_layer_idx ||
      fields.add_cross_attention
    ) {
      throw new EngineError(
        `${file}: scale_attn_weights: false, scale_attn_by_inverse_layer_idx and add_cross_attention are not supported.`,
      );
    }
    const { n_embd: hidden_size, n_layer: layers, n_head: heads } = fields;
    const head_dim = hidden_size / heads;
    if (!Number.isInteger(head_dim)) {
      throw new EngineError(`${file}: n_embd ${hidden_size} is not a multiple of n_head ${heads}.`);
    }
    return {
      hidden_size,
      intermediate_size: fields.n_inner ?? 4 * hidden_size,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: heads,
      head_dim,
      max_position_embeddings: fields.n_positions ?? defaults.max_position_embeddings,
      norm_eps: fields.layer_norm_epsilon ?? defaults.epsilon,
      hidden_act: readActivation(fields.activation_function ?? defaults.activation, file),
      attention_bias: { qkv: true, output: true },
      mlp_bias: true,
      rope: null,
      rope_pairs: "halves",
      rotated: everyLayer(layers, false),
      layer_types: everyLayer(layers, "full_attention"),
      sliding_window: null,
      query_scale: head_dim ** -0.5,
      query_growth: null,
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      logit_scale: 1,
      multipliers: { embedding: 1, residual: 1 },
      dropout: {
        embedding: fields.embd_pdrop ?? 0.1,
        attention: fields.attn_pdrop ?? 0.1,
        residual: fields.resid_pdrop ?? 0.1,
      },
    };
  },
  write: () => ({}),
  fieldNames: {
    hidden_size: "n_embd",
    intermediate_size: "n_inner",
    num_hidden_layers: "n_layer",
    num_attention_heads: "n_head",
    max_position_embeddings: "n_positions",
  },
  parameters(config) {
    const { hidden_size: hidden, intermediate_size: wide } = config;
    return [
      { name: "transformer.wte.weight", shape: [config.vocab_size, hidden], role: "embedding" },
      { name: "transformer.wpe.weight", shape: [config.max_position_embeddings, hidden], role: "position" },
      ...repeat("transformer.h.", config.num_hidden_layers, [
        ...normWeights("ln_1", hidden),
        ...transposed("attn.c_attn", hidden, 3 * hidden),
        ...transposed("attn.c_proj", hidden, hidden),
        ...normWeights("ln_2", hidden),
        ...transposed("mlp.c_fc", hidden, wide),
        ...transposed("mlp.c_proj", wide, hidden),
      ]),
      ...normWeights("transformer.ln_f", hidden),
    ];
  },
  prefix: "transformer.",
  embedding: "transformer.wte.weight",
  transposed: true,
  loraTargets: ["c_attn"],
  initialise: {
    norm: 1,
    // What is added to the residual stream shrinks by the number of additions.
    shrink: ({ name }, { num_hidden_layers }) =>
      name.endsWith("c_proj.weight") ? Math.sqrt(2 * num_hidden_layers) : 1,
  },
  tokenizer: { registered: "GPT2Tokenizer", writtenCounts: true },
  layers: {
    embed: ({ parameter, positions }, ids) =>
      ops.add(
        ops.gather(parameter("transformer.wte.weight"), ids),
        ops.gather(parameter("transformer.wpe.weight"), positions),
      ),
    layer(network, x, index) {
      const name = `transformer.h.${index}`;
      const h = ops.add(x, attention(network, index, norm(network, `${name}.ln_1`, x)));
      const wide = network.linear(`${name}.mlp.c_fc`, norm(network, `${name}.ln_2`, h));
      const active = activations[network.config.hidden_act](wide);
      return ops.add(h, network.linear(`${name}.mlp.c_proj`, active));
    },
    finalNorm: (network, x) => norm(network, "transformer.ln_f", x),
  },
};

const norm = ({ config, parameter }: Network, name: string, x: Value) =>
  layerNorm(x, parameter(`${name}.weight`), parameter(`${name}.bias`), config.norm_eps);

function attention(network: Network, index: number, x: Value): Value {
  const { hidden_size: hidden } = network.config;
  const name = `transformer.h.${index}.attn`;
  const joint = network.linear(`${name}.c_attn`, x);
  const [q, k, v] = [0, 1, 2].map((part) => ops.slice(joint, 1, part * hidden, (part + 1) * hidden));
  return network.linear(`${name}.c_proj`, network.attend(attentionLayer(network.config, index), q, k, v));
}

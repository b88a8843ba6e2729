import type { Value } from "../../graph/graph";
import * as ops from "../../graph/ops";
import { activations, layerNorm } from "../layers";
import type { Family, Network } from "../network";
import { attentionLayer } from "./decoder";

/** GPT-2 (Radford et al., 2019): learned positions, layer norms with biases, one projection for q, k and v. */
export const gpt2: Family = {
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

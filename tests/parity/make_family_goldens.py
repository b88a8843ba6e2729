"""Goldens for tests/parity/families.test.ts: a tiny random model of every family as transformers saves it, its
log-probabilities and all its gradients in float32.

    python tests/parity/make_family_goldens.py [NAME…]

Writes tests/parity/golden/families/<name>/ (all of them, or those named) with config.json, model.safetensors, expected.json and
gradients.safetensors. Versions: torch 2.13, transformers 5.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

OUT = Path(__file__).parent / "golden" / "families"

SHARED = dict(
    vocab_size=48,
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=64,
    bos_token_id=1,
    eos_token_id=2,
    pad_token_id=0,
    initializer_range=0.3,
)
LLAMA3 = dict(
    rope_type="llama3",
    rope_theta=500.0,
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=16,
)
YARN = dict(rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=16)

CASES = {
    "llama": transformers.LlamaConfig(**SHARED, tie_word_embeddings=True),
    "llama-biased-llama3": transformers.LlamaConfig(
        **SHARED, attention_bias=True, mlp_bias=True, head_dim=6, rope_parameters=LLAMA3
    ),
    "llama-yarn": transformers.LlamaConfig(**SHARED, rope_parameters=YARN),
    "mistral": transformers.MistralConfig(**SHARED, sliding_window=4),
    "qwen2": transformers.Qwen2Config(**SHARED, use_sliding_window=True, max_window_layers=1, sliding_window=4),
    "qwen3": transformers.Qwen3Config(**SHARED, head_dim=6),
    "gemma2": transformers.Gemma2Config(
        **SHARED, head_dim=6, query_pre_attn_scalar=9, sliding_window=4, attn_logit_softcapping=2.0, final_logit_softcapping=3.0
    ),
    "gemma3": transformers.Gemma3TextConfig(**SHARED, head_dim=6, query_pre_attn_scalar=9, sliding_window=4),
    "gpt2": transformers.GPT2Config(
        vocab_size=48, n_embd=16, n_layer=2, n_head=4, n_positions=32, initializer_range=0.3, bos_token_id=1, eos_token_id=2
    ),
    # As the Hub has it: model_type mistral with layer_types, which transformers runs by its Ministral classes.
    "mistral-layers": transformers.MinistralConfig(
        **SHARED, head_dim=4, sliding_window=4, layer_types=["sliding_attention", "full_attention"]
    ),
    "internlm3": transformers.InternLM3Config(**SHARED, head_dim=6, attention_bias=True, mlp_bias=True),
    "iquestcoder": transformers.IQuestCoderConfig(**SHARED, head_dim=6),
    "smollm3": transformers.SmolLM3Config(**SHARED, no_rope_layer_interval=2, tie_word_embeddings=True),
    "granite": transformers.GraniteConfig(
        **SHARED, embedding_multiplier=3.0, residual_multiplier=0.4, attention_multiplier=0.2, logits_scaling=2.5
    ),
    "ministral3": transformers.Ministral3Config(
        **SHARED,
        head_dim=6,
        rope_parameters=dict(
            rope_type="yarn",
            rope_theta=100.0,
            factor=4.0,
            original_max_position_embeddings=4,
            beta_fast=32.0,
            beta_slow=1.0,
            mscale=1.0,
            mscale_all_dim=1.0,
            llama_4_scaling_beta=0.3,
        ),
    ),
    "olmo2": transformers.Olmo2Config(**SHARED),
    "olmo3": transformers.Olmo3Config(
        **SHARED,
        sliding_window=4,
        layer_types=["sliding_attention", "full_attention"],
        rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=100.0), full_attention=dict(YARN, beta_fast=4.0)
        ),
    ),
    "glm4": transformers.Glm4Config(**SHARED, head_dim=8),
    "exaone4": transformers.Exaone4Config(**SHARED, sliding_window=4, layer_types=["sliding_attention", "full_attention"]),
    "phi3": transformers.Phi3Config(**{**SHARED, "hidden_size": 32}, sliding_window=4, rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)),
}

PROMPTS = [[1, 5, 9, 13, 7], [1, 4, 4]]
RESPONSES = [[[11, 3, 8, 2], [6, 2]], [[10, 20, 30, 40, 45, 2], [9, 8, 7, 2]]]


def main() -> None:
    for name in sys.argv[1:] or CASES:
        config = CASES[name]
        torch.manual_seed(0)
        config._attn_implementation = "eager"
        model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim == 1:
                    parameter.add_(0.2 * torch.randn_like(parameter))
        sums, logps, weight = [], [], 0.0
        loss = torch.zeros(())
        for prompt, responses in zip(PROMPTS, RESPONSES):
            for response in responses:
                logits = model(torch.tensor([prompt + response])).logits[0].float()
                logp = logits.log_softmax(-1)[len(prompt) - 1 : -1].gather(1, torch.tensor(response)[:, None])[:, 0]
                weight += 0.25
                loss = loss - weight * logp.sum()
                logps.append(logp.tolist())
                sums.append(logp.sum().item())
        loss.backward()
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        if name == "mistral-layers":
            written = json.loads((folder / "config.json").read_text())
            written |= {"model_type": "mistral", "architectures": ["MistralForCausalLM"]}
            (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
        gradients = {key: value.grad.contiguous() for key, value in model.named_parameters()}
        save_file(gradients, folder / "gradients.safetensors", metadata={"format": "pt"})
        expected = {"prompts": PROMPTS, "responses": RESPONSES, "logps": logps, "loss": loss.item()}
        (folder / "expected.json").write_text(json.dumps(expected) + "\n")
        print(name, loss.item())


if __name__ == "__main__":
    main()

"""Goldens for inference, peft, merge and safetensors tests, and for the BPE trainer.

    python tests/parity/make_inference_goldens.py [families]

Needs golden/families (make_family_goldens.py). Writes golden/inference.json: greedy continuations and mean hidden
states of every family (these alone with the argument), rotary frequencies, half-precision rounding, a byte-level BPE vocabulary; and
golden/adapters/<name>/: adapters as PEFT saves them, with what the model with the adapter computes.
Versions: torch 2.13, transformers 5.24, PEFT 0.21.2, tokenizers 0.23.
"""

import json
import shutil
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft_reference import answer, load
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

GOLDEN = Path(__file__).parent / "golden"
FAMILIES = GOLDEN / "families"
ADAPTERS = GOLDEN / "adapters"

PROMPTS = [[1, 5, 9, 13, 7], [1, 4, 4], [3, 3, 8, 9, 10, 11, 12, 13, 20, 31, 40], [7]]
RESPONSES = [[[11, 3, 8, 2], [6, 2]], [[10, 20, 30, 40, 45, 2], [9, 8, 7, 2]], [[5, 5, 2]], [[30, 12, 2]]]
NEW_TOKENS = 14

LORA = dict(r=4, lora_alpha=10)
ADAPTER_CASES = {
    "lora": ("llama", "causal", peft.LoraConfig(**LORA, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")),
    "lora-all-rslora": ("qwen3", "causal", peft.LoraConfig(**LORA, target_modules="all-linear", use_rslora=True, task_type="CAUSAL_LM")),
    "lora-phi3": ("phi3", "causal", peft.LoraConfig(**LORA, target_modules=["qkv_proj", "down_proj"], task_type="CAUSAL_LM")),
    "lora-gpt2": ("gpt2", "causal", peft.LoraConfig(**LORA, target_modules="all-linear", fan_in_fan_out=True, task_type="CAUSAL_LM")),
    "reward": ("llama", "score", peft.LoraConfig(**LORA, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS")),
    "reward-gemma2": ("gemma2", "score", peft.LoraConfig(**LORA, target_modules=["o_proj"], task_type="SEQ_CLS")),
    "prefix": ("llama", "causal", peft.PrefixTuningConfig(num_virtual_tokens=3, task_type="CAUSAL_LM")),
    "prefix-reward": ("qwen2", "score", peft.PrefixTuningConfig(num_virtual_tokens=3, task_type="SEQ_CLS")),
}

BPE_TEXT = [
    "Low, lower, lowest: the newest widest newer wider. It's 2024, isn't it?  Two  spaces\n\tand a tab.\n\n",
    "Größe über alles; façade, naïve, Ελληνικά, русский текст, 日本語のテキスト, 中文文本, العربية, 🙂🙃🙂.",
    "aaaa aaaaa aaaaaa banana bananas bandana " * 3,
    "the of and to in is that it was for on are as with his they be at one have this from or had by " * 4,
]
BPE_SIZE = 420


def families():
    found = {}
    for folder in sorted(FAMILIES.iterdir()):
        model = load(str(folder), None, "causal")
        greedy = []
        for prompt in PROMPTS:
            ids = torch.tensor([prompt])
            out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW_TOKENS, eos_token_id=None, pad_token_id=0)
            greedy.append(out[0, len(prompt) :].tolist())
        with torch.no_grad():
            means = [model.base_model(torch.tensor([prompt])).last_hidden_state[0].mean(0).tolist() for prompt in PROMPTS]
        found[folder.name] = {"greedy": greedy, "means": means}
    return found


def adapters():
    shutil.rmtree(ADAPTERS, ignore_errors=True)
    for name, (family, head, config) in ADAPTER_CASES.items():
        torch.manual_seed(0)
        model = peft.get_peft_model(load(str(FAMILIES / family), None, head), config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.copy_(0.5 * torch.randn_like(parameter))
        folder = ADAPTERS / name
        model.save_pretrained(folder)
        (folder / "README.md").unlink()
        written = json.loads((folder / "adapter_config.json").read_text())
        written["base_model_name_or_path"] = f"../../families/{family}"
        (folder / "adapter_config.json").write_text(json.dumps(written, indent=2))
        model = load(str(FAMILIES / family), str(folder), head)
        expected = {"family": family, "head": head, **answer(model, head, PROMPTS, RESPONSES)}
        (folder / "expected.json").write_text(json.dumps(expected))


def rotary():
    shared = dict(hidden_size=64, num_attention_heads=4, max_position_embeddings=4096)
    cases = [
        dict(rope_type="linear", rope_theta=10000.0, factor=4.0),
        dict(rope_type="llama3", rope_theta=500000.0, factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=1024),
        dict(rope_type="yarn", rope_theta=10000.0, factor=8.0, original_max_position_embeddings=512),
        dict(rope_type="yarn", rope_theta=1000000.0, factor=4.0, original_max_position_embeddings=1024, beta_fast=16.0, beta_slow=2.0, mscale=0.7, mscale_all_dim=0.5),
    ]
    found = []
    for case in cases:
        config = transformers.LlamaConfig(**shared, rope_parameters=dict(case))
        inverse, factor = ROPE_INIT_FUNCTIONS[case["rope_type"]](config, "cpu")
        found.append({"rope_parameters": case, "inverse": inverse.tolist(), "attention_factor": factor})
    return {"shared": shared, "cases": found}


def halves():
    values = torch.tensor([0.0, -0.0, 1.0, -1.5, 0.1, 3.14159, 65504.0, 65519.0, 65520.0, 1e6, 6e-8, 3e-8, 2.9e-8, 5.96e-8, 6.1e-5, 6.097e-5, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 1e-40, 3.4e38, -2.5e-5])
    bits = lambda dtype: [v & 0xFFFF for v in values.to(dtype).view(torch.int16).tolist()]
    return {"float32": [v & 0xFFFFFFFF for v in values.view(torch.int32).tolist()], "float16": bits(torch.float16), "bfloat16": bits(torch.bfloat16)}


def bpe():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=BPE_SIZE, min_frequency=2, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(BPE_TEXT, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = [token for token, _ in sorted(model["vocab"].items(), key=lambda entry: entry[1])]
    return {"texts": BPE_TEXT, "size": BPE_SIZE, "vocabulary": vocabulary, "merges": model["merges"]}


if __name__ == "__main__":
    if sys.argv[1:] == ["families"]:
        known = json.loads((GOLDEN / "inference.json").read_text())
        golden = {**known, "families": {**families(), **known["families"]}}
        (GOLDEN / "inference.json").write_text(json.dumps(golden, ensure_ascii=False))
        sys.exit()
    adapters()
    golden = {"prompts": PROMPTS, "responses": RESPONSES, "families": families(), "rotary": rotary(), "halves": halves(), "bpe": bpe()}
    (GOLDEN / "inference.json").write_text(json.dumps(golden, ensure_ascii=False))

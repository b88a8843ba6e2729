#!/bin/sh
# peft 0.21.2 with transformers 5.24.0 (torch 2.13.0)
#
# One would expect prefix tuning to work with task_type SEQ_CLS, a reward model for one: PEFT documents it, has a class
# for it and accepts the configuration. The forward pass is refused for every model. PEFT looks for an argument called
# past_key_values in the model's forward; transformers 5.24 calls it cache. The message blames the model. A causal
# model, whose argument was renamed as well, is tuned: there PEFT passes the old name without looking, and transformers
# still takes it.
#
# Seen on 30 November 2026 (not reported):
#   CAUSAL_LM tuned
#   SEQ_CLS ValueError: Model does not support past key values which are required for prefix tuning.
#   forward of the classifier takes cache
#
# What we do: our engine computes prefixes of reward models; the live test against PEFT leaves that one case out
# (tests/parity/peft.test.ts) and holds it to numbers that an earlier pair of the two computed.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.24.0 peft==0.21.2
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import inspect

import torch
from peft import PrefixTuningConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
config = LlamaConfig(vocab_size=64, num_labels=1, pad_token_id=0, **size)
batch = {"input_ids": torch.tensor([[1, 2, 3]]), "attention_mask": torch.ones(1, 3, dtype=torch.long)}


def tuned(kind, model):
    prefixed = get_peft_model(model(config), PrefixTuningConfig(task_type=kind, num_virtual_tokens=4))
    try:
        prefixed(**batch)
        return "tuned"
    except ValueError as error:
        return f"ValueError: {error}"


causal = tuned("CAUSAL_LM", LlamaForCausalLM)
classifier = tuned("SEQ_CLS", LlamaForSequenceClassification)
names = inspect.signature(LlamaForSequenceClassification.forward).parameters
print("CAUSAL_LM", causal)
print("SEQ_CLS", classifier)
print("forward of the classifier takes", *(name for name in ("past_key_values", "cache") if name in names))
assert causal == "tuned", "prefixes of causal models are refused now"
assert classifier.startswith("ValueError: Model does not support past key values"), "classifiers are tuned now"
PYTHON

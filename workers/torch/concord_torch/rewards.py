"""GRPO's judge: one of our reward models, a full one or an adapter with its score head."""

from typing import Any

from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from .errors import RunError
from .model import _check_directory, adapter_config, frozen_dtype
from .spec import Spec


def reward_arguments(spec: Spec) -> dict[str, Any]:
    """What GRPOTrainer takes besides the policy; nothing for the other methods."""
    if spec.method != "grpo":
        return {}
    _check_directory(spec["reward_model"], "reward_model")
    tokenizer = AutoTokenizer.from_pretrained(spec["reward_model"])
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForSequenceClassification.from_pretrained(
        spec["reward_model"], num_labels=1, dtype=frozen_dtype(spec)
    )
    model.config.pad_token_id = tokenizer.pad_token_id
    if spec["reward_adapter"] is not None:
        config = adapter_config(spec["reward_adapter"], "reward_adapter")
        if config.get("task_type") != "SEQ_CLS":
            raise RunError(f"{spec['reward_adapter']} is no reward model's adapter: it has no score head.")
        model = PeftModel.from_pretrained(model, spec["reward_adapter"]).merge_and_unload()
    model.eval()
    return {"reward_funcs": [model], "reward_processing_classes": [tokenizer]}

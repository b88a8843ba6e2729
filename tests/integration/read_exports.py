"""Reads exports as their trainers do. Arguments: a JSON object {name: {"folder": …, "kind": …}}, and a model to train.

Prints one JSON object {name: {"rows": [row, …], "warnings": text}} of what `datasets` reads; with a model, trains each
kind for two steps with TRL and adds "steps".
"""

import json
import logging
import os
import sys
import warnings
from io import StringIO

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TQDM_DISABLE="1", TRL_EXPERIMENTAL_SILENCE="1")

from datasets import disable_progress_bars, load_dataset

disable_progress_bars()
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
said = StringIO()
logging.getLogger("datasets").addHandler(logging.StreamHandler(said))
warnings.simplefilter("error")


def read(folder: str, kind: str) -> dict:
    said.truncate(0)
    said.seek(0)
    splits = load_dataset(folder, kind, cache_dir=f"{folder}/cache")
    return {"rows": [row for split in splits.values() for row in split], "warnings": said.getvalue()}


def train(folder: str, kind: str, model: str) -> int:
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

    warnings.simplefilter("default")
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = load_dataset(folder, kind, cache_dir=f"{folder}/cache")["train"]
    trainers = {
        "preference": (DPOConfig, DPOTrainer),
        "reward": (RewardConfig, RewardTrainer),
        "sft": (SFTConfig, SFTTrainer),
        "unpaired": (KTOConfig, KTOTrainer),
    }
    config, trainer = trainers[kind]
    if kind == "reward":
        loaded = AutoModelForSequenceClassification.from_pretrained(model, num_labels=1)
        loaded.config.pad_token_id = tokenizer.pad_token_id
    else:
        loaded = AutoModelForCausalLM.from_pretrained(model)
    args = config(
        output_dir=f"{folder}/trained",
        max_steps=2,
        per_device_train_batch_size=2,
        max_length=256,
        report_to=[],
        use_cpu=True,
        save_strategy="no",
        bf16=False,
    )
    run = trainer(model=loaded, args=args, train_dataset=rows, processing_class=tokenizer)
    run.train()
    return run.state.global_step


exports = json.loads(sys.argv[1])
answer = {name: read(**of) for name, of in exports.items()}
if len(sys.argv) > 2:
    for name, of in exports.items():
        answer[name]["steps"] = train(**of, model=sys.argv[2])
answers.write(json.dumps(answer))
answers.flush()

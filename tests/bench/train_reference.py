"""TRL's side of tests/bench/train.ts: the trainer that the run.yaml asks for, one optimizer step for each line on
standard input, with its best settings on CPU.

    python tests/bench/train_reference.py RUN.yaml float32|bfloat16

float32 weights, bf16 by autocast; gradient checkpointing off; reference log-probabilities precomputed; padding only
to the longest sequence of a batch.
"""

import json
import os
import resource
import sys
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRL_EXPERIMENTAL_SILENCE="1")
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes to standard error

import datasets
import torch
import transformers
import trl
import yaml
from peft import LoraConfig

transformers.logging.set_verbosity_error()
datasets.disable_progress_bars()
run = yaml.safe_load(open(sys.argv[1]))
reward = run["method"] == "reward"


def answer(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


class OneStepALine(transformers.TrainerCallback):
    def on_train_begin(self, *_, **__):
        answer({"ready": True})

    def on_step_begin(self, args, state, control, **_):
        if not sys.stdin.readline():
            os._exit(0)
        self.began, self.cpu = time.perf_counter(), time.process_time()

    def on_log(self, args, state, control, logs=None, **_):
        if "loss" not in logs:
            return
        answer(
            {
                "seconds": self.seconds,
                "cpu": self.used,
                "loss": logs["loss"],
                "tokens": logs["num_tokens"],
                "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )

    def on_step_end(self, *_, **__):
        self.seconds, self.used = time.perf_counter() - self.began, time.process_time() - self.cpu


common = dict(
    output_dir=tempfile.mkdtemp(),
    use_cpu=True,
    bf16=sys.argv[2] == "bfloat16",
    gradient_checkpointing=False,
    per_device_train_batch_size=run["per_device_train_batch_size"],
    max_steps=run["max_steps"],
    learning_rate=run["learning_rate"],
    max_length=run["max_length"],
    train_sampling_strategy="sequential",
    logging_steps=1,
    save_strategy="no",
    report_to=[],
    disable_tqdm=True,
)
lora = LoraConfig(
    r=run["peft"]["r"],
    lora_alpha=run["peft"]["lora_alpha"],
    lora_dropout=0.0,
    target_modules="all-linear",
    task_type="SEQ_CLS" if reward else "CAUSAL_LM",
    modules_to_save=["score"] if reward else None,
)
tokenizer = transformers.AutoTokenizer.from_pretrained(run["model"])
family = transformers.AutoModelForSequenceClassification if reward else transformers.AutoModelForCausalLM
model = family.from_pretrained(run["model"], dtype=torch.float32, **({"num_labels": 1} if reward else {}))
config, trainer = {
    "preference": (trl.DPOConfig, trl.DPOTrainer),
    "reward": (trl.RewardConfig, trl.RewardTrainer),
    "sft": (trl.SFTConfig, trl.SFTTrainer),
}[run["method"]]
extra = dict(precompute_ref_log_probs=True) if run["method"] == "preference" else {}
rows = datasets.load_dataset("json", data_files=run["train"], split="train")
trainer(
    model=model,
    args=config(**common, **extra),
    train_dataset=rows,
    processing_class=tokenizer,
    peft_config=lora,
    callbacks=[OneStepALine()],
).train()

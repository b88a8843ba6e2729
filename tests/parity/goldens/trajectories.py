"""Training runs of TRL's own trainers on tiny random models: loss, grad_norm, learning rate and adapter by step."""

import json
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import torch
import yaml
from datasets import Dataset
from peft import LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    LlamaConfig,
    Qwen2Config,
    Qwen3Config,
)
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

from .fixtures import CORPUS, load_tokenizer, write_tokenizer

SHAPE = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, initializer_range=0.1)
MODELS = {
    "llama": (LlamaConfig, "llama3", dict(tie_word_embeddings=False)),
    "qwen2": (Qwen2Config, "qwen", dict(tie_word_embeddings=True)),
    "qwen3": (Qwen3Config, "qwen", dict(tie_word_embeddings=True, head_dim=16)),
}
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Case:
    name: str
    model: str
    method: str
    form: str  # text or chat
    options: dict = field(default_factory=dict)  # as in run.yaml
    full: bool = False  # every weight instead of LoRA
    prefix: bool = False  # prefix tuning instead of LoRA
    targets: tuple = tuple(LINEAR)


BASE = dict(
    per_device_train_batch_size=4, gradient_accumulation_steps=2, learning_rate=1e-3, max_steps=40, max_length=96,
    logging_steps=1, seed=42, lr_scheduler_type="linear", warmup_steps=0, weight_decay=0.0,
)

CASES = [
    Case("dpo-sigmoid-llama", "llama", "preference", "chat", dict(loss_type=["sigmoid"], beta=0.1)),
    Case("reward-llama", "llama", "reward", "chat", dict(center_rewards_coefficient=0.01)),
    Case("sft-llama", "llama", "sft", "chat", dict(lr_scheduler_type="cosine", warmup_steps=4)),
    Case("sft-messages-qwen3", "qwen3", "sft", "messages", dict(assistant_only_loss=True, weight_decay=0.1)),
    Case("sft-packed-llama", "llama", "sft", "chat", dict(packing=True, max_length=64, per_device_train_batch_size=2)),
    Case("sft-prefix-qwen2", "qwen2", "sft", "chat", dict(learning_rate=1e-2), prefix=True),
    Case("sft-full-qwen2", "qwen2", "sft", "text", dict(weight_decay=0.1), full=True),
    # Its padding token ends every turn as well, and torch does not train the row of the embedding by looking that up.
    Case("sft-full-llama", "llama", "sft", "chat", dict(lr_scheduler_type="cosine"), full=True),
    Case("dpo-full-qwen3", "qwen3", "preference", "text", dict(learning_rate=2e-4, weight_decay=0.1), full=True),
    Case("dpo-ipo-qwen2", "qwen2", "preference", "text", dict(loss_type=["ipo"], warmup_steps=0.1)),
    Case("dpo-mpo-qwen3", "qwen3", "preference", "chat", dict(loss_type=["sigmoid", "bco_pair", "sft"], loss_weights=[0.8, 0.2, 1.0])),
    Case("dpo-robust-ld-llama", "llama", "preference", "chat", dict(loss_type=["robust"], label_smoothing=0.1, ld_alpha=0.5)),
    Case("dpo-js-qwen2", "qwen2", "preference", "chat", dict(f_divergence_type="js_divergence", max_grad_norm=0.5)),
    Case("dpo-wpo-qwen3", "qwen3", "preference", "text", dict(use_weighting=True, beta=0.5)),
    Case("dpo-aot-llama", "llama", "preference", "chat", dict(loss_type=["aot"], lr_scheduler_type="constant")),
    Case("dpo-apo-zero-qwen2", "qwen2", "preference", "text", dict(loss_type=["apo_zero"]), targets=("q_proj", "v_proj")),
    Case("reward-qwen3", "qwen3", "reward", "text", dict(weight_decay=0.01)),
    Case("kto-qwen2", "qwen2", "kto", "chat", dict(desirable_weight=1.2, undesirable_weight=0.8)),
    Case("kto-llama", "llama", "kto", "text", dict(beta=0.2)),
    Case("kto-pairs-cut-llama", "llama", "kto", "pairs", dict(max_length=24)),
    Case("orpo-qwen3", "qwen3", "preference", "text", dict(loss_type=["orpo"])),
    Case("cpo-qwen2", "qwen2", "preference", "text", dict(loss_type=["cpo"], cpo_alpha=0.5)),
    Case("simpo-qwen3", "qwen3", "preference", "text", dict(loss_type=["simpo"], beta=2.0, simpo_gamma=0.5)),
]


def write_models(directory: Path) -> None:
    for name, (config_class, tokenizer_name, extra) in MODELS.items():
        target = directory / name
        write_tokenizer(tokenizer_name, target)
        tokenizer = load_tokenizer(target)
        config = config_class(
            vocab_size=len(tokenizer), bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id, **SHAPE, **extra,
        )
        torch.manual_seed(len(name))
        model = AutoModelForCausalLM.from_config(config)
        with torch.no_grad():  # norms and biases away from 1 and 0, or their gradients would go untested
            for key, weight in model.named_parameters():
                if "norm" in key or key.endswith("bias"):
                    weight.add_(0.1 * torch.randn_like(weight))
        model.save_pretrained(target)
        write_tokenizer(tokenizer_name, target)
        (target / "generation_config.json").unlink(missing_ok=True)


def phrase(draw: random.Random) -> str:
    words = draw.choice(CORPUS).split(" ")
    start = draw.randrange(len(words))
    return " ".join(words[start : start + draw.randint(2, 7)])


def rows(case: Case, count: int = 42) -> list[dict]:
    """42 rows in micro-batches of 4, two a step: the last micro-batch and the last group of an epoch are short."""
    draw = random.Random(case.name)
    chat = case.form != "text"
    prompt = lambda: [{"role": "user", "content": phrase(draw)}] if chat else phrase(draw)
    reply = lambda: [{"role": "assistant", "content": phrase(draw)}] if chat else " " + phrase(draw)
    made = []
    for i in range(count):
        if case.form == "messages":
            made.append({"messages": prompt() + reply() + (prompt() + reply() if i % 3 == 0 else [])})
        elif case.method == "sft":
            made.append({"prompt": prompt(), "completion": reply()})
        elif case.form == "pairs":  # TRL takes comparisons apart; max_length cuts answers and drops long prompts
            made.append({"prompt": prompt(), "chosen": reply(), "rejected": reply()})
        elif case.method == "kto":
            made.append({"prompt": prompt(), "completion": reply(), "label": draw.random() < 0.5})
        else:
            margin = {"margin": round(draw.random(), 2)} if case.method == "reward" and case.model == "llama" else {}
            row = {"prompt": prompt(), "chosen": reply(), "rejected": reply(), **margin}
            while row["chosen"] == row["rejected"]:  # a tie would be decided by rounding
                row["rejected"] = reply()
            made.append(row)
    return made


def initial_adapter(case: Case, model) -> "PeftModel":
    """B is drawn too: with PEFT's zeros the first steps would not notice a wrong A."""
    task = "SEQ_CLS" if case.method == "reward" else "CAUSAL_LM"
    lora = LoraConfig(r=4, lora_alpha=8, target_modules=list(case.targets), task_type=task)
    model = get_peft_model(model, PrefixTuningConfig(num_virtual_tokens=4, task_type=task) if case.prefix else lora)
    torch.manual_seed(7)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "lora_" in key or "score" in key or "prompt_encoder" in key:
                weight.copy_(0.1 * torch.randn_like(weight))
    return model


def base_model(case: Case, directory: Path):
    if case.method == "reward":
        return AutoModelForSequenceClassification.from_pretrained(directory, num_labels=1, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32)


def trainer_for(case: Case, options: dict, model, tokenizer, dataset, output: str):
    shared = dict(
        output_dir=output, report_to="none", use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no",
        train_sampling_strategy="sequential", disable_tqdm=True,
    )
    losses = options.get("loss_type", [])
    if losses == ["orpo"]:
        config, trainer = ORPOConfig, ORPOTrainer
        options.pop("loss_type")
    elif losses in (["cpo"], ["simpo"]):
        config, trainer = CPOConfig, CPOTrainer
        options["loss_type"] = "sigmoid" if losses == ["cpo"] else "simpo"
        options.setdefault("cpo_alpha", 0.0)
    else:
        config, trainer = {
            "preference": (DPOConfig, DPOTrainer),
            "sft": (SFTConfig, SFTTrainer),
            "reward": (RewardConfig, RewardTrainer),
            "kto": (KTOConfig, KTOTrainer),
        }[case.method]
    return trainer(model=model, args=config(**shared, **options), train_dataset=dataset, processing_class=tokenizer)


def run(case: Case, golden: Path) -> None:
    target = golden / "trajectories" / case.name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    data = rows(case)
    (target / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in data))
    options = {**BASE, **case.options}
    adapter = {} if case.full else {"adapter": "adapter"}
    spec = {"method": case.method, "model": f"../../models/{case.model}", **adapter, "train": "train.jsonl", "output": "out", "shuffle": False, **options}
    (target / "run.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))

    directory = golden / "models" / case.model
    tokenizer = load_tokenizer(directory)
    model = base_model(case, directory)
    if not case.full:
        model = initial_adapter(case, model)
        model.save_pretrained(target / "adapter")
        (target / "adapter" / "README.md").unlink(missing_ok=True)
        settings = json.loads((target / "adapter" / "adapter_config.json").read_text())
        settings["base_model_name_or_path"] = f"../../models/{case.model}"
        (target / "adapter" / "adapter_config.json").write_text(json.dumps(settings, indent=1))
        if not case.prefix:  # PEFT does not continue a saved prefix; a LoRA adapter loaded from disk becomes the reference
            model = PeftModel.from_pretrained(base_model(case, directory), target / "adapter", is_trainable=True)
    with tempfile.TemporaryDirectory() as output:
        trainer = trainer_for(case, dict(options), model, tokenizer, Dataset.from_list(data), output)
        trainer.train()
        steps = [entry for entry in trainer.state.log_history if "loss" in entry]
        trainer.save_model(output)
        if case.full:
            final = {key: weight.detach().to(torch.float16) for key, weight in trainer.model.named_parameters()}
            save_file({key: weight.contiguous() for key, weight in final.items()}, target / "final.safetensors")
        else:
            shutil.copy(Path(output) / "adapter_model.safetensors", target / "final.safetensors")
    (target / "log.json").write_text("[" + ",\n".join(json.dumps(step) for step in steps) + "]\n")
    first, last = steps[0], steps[-1]
    print(f"{case.name}: loss {first['loss']:.4f} → {last['loss']:.4f}, grad_norm {first['grad_norm']:.3f}, lr {first['learning_rate']}")

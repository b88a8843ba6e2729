"""The options of run.yaml as TRL's configurations."""

from pathlib import Path
from typing import Any

import torch
from trl import DPOConfig, GRPOConfig, KTOConfig, RewardConfig, SFTConfig
from trl.experimental.cpo import CPOConfig
from trl.experimental.orpo import ORPOConfig

from .spec import Spec

CHECKPOINTS = "checkpoints"


def trainer_kind(spec: Spec) -> str:
    """Which of TRL's trainers runs this: the preference losses have three."""
    if spec.method != "preference":
        return spec.method
    loss = spec["loss_type"][0]
    return {"orpo": "orpo", "cpo": "cpo", "simpo": "cpo"}.get(loss, "dpo")


def arguments(spec: Spec, *, gradient_checkpointing: bool) -> Any:
    """TRL's configuration. Saving, early stopping and the best model are the reporter's, as is the log file."""
    config = {
        "sft": SFTConfig,
        "reward": RewardConfig,
        "dpo": DPOConfig,
        "orpo": ORPOConfig,
        "cpo": CPOConfig,
        "kto": KTOConfig,
        "grpo": GRPOConfig,
    }[trainer_kind(spec)]
    made = config(**_shared(spec, gradient_checkpointing), **_of_method(spec))
    if made.n_gpu > 1:
        # One process computes on one device: where it sees several, Trainer would spread it over all of them, which TRL
        # refuses. Several are had by `devices`.
        made._n_gpu = 1
    return made


def _shared(spec: Spec, gradient_checkpointing: bool) -> dict[str, Any]:
    on_cuda = uses_gpu()
    return {
        "output_dir": str(Path(spec["output"]) / CHECKPOINTS),
        "use_cpu": not on_cuda,
        "bf16": bool(spec["bf16"]),
        "seed": spec["seed"],
        "max_steps": spec["max_steps"],
        "num_train_epochs": spec["num_train_epochs"],
        "per_device_train_batch_size": spec["per_device_train_batch_size"],
        "per_device_eval_batch_size": spec["per_device_eval_batch_size"],
        "gradient_accumulation_steps": spec["gradient_accumulation_steps"],
        "learning_rate": spec["learning_rate"],
        "lr_scheduler_type": spec["lr_scheduler_type"],
        "warmup_steps": spec["warmup_steps"],
        "weight_decay": spec["weight_decay"],
        "adam_beta1": spec["adam_beta1"],
        "adam_beta2": spec["adam_beta2"],
        "adam_epsilon": spec["adam_epsilon"],
        "optim": "adamw_torch_fused" if on_cuda else "adamw_torch",
        "max_grad_norm": spec["max_grad_norm"],
        "gradient_checkpointing": gradient_checkpointing,
        "torch_compile": bool(spec["torch_compile"]),
        "logging_strategy": "steps",
        "logging_steps": spec["logging_steps"],
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "eval_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": on_cuda,
    }


def uses_gpu() -> bool:
    """CUDA wherever there is one: `device` is the onnx engine's choice, and its default is cpu."""
    return bool(torch.cuda.is_available())


def _of_method(spec: Spec) -> dict[str, Any]:
    kind = trainer_kind(spec)
    # Rows are cut already, and TRL allows no limit for batches without padding.
    cut = kind == "grpo" or (kind == "sft" and spec["padding_free"] and not spec["packing"])
    length = ({"max_length": None} if kind == "sft" else {}) if cut else {"max_length": spec["max_length"]}
    reference = {"precompute_ref_log_probs": precomputes(spec)}
    loss = spec["loss_type"][0]
    options: dict[str, Any]
    if kind == "sft":
        options = {
            "loss_type": loss,
            "packing": spec["packing"],
            "packing_strategy": spec["packing_strategy"],
            "padding_free": bool(spec["padding_free"]),
            "dataset_kwargs": {"skip_prepare_dataset": True},
        }
    elif kind == "reward":
        options = {"center_rewards_coefficient": spec["center_rewards_coefficient"]}
    elif kind == "dpo":
        options = _same(spec, "beta loss_type loss_weights label_smoothing ld_alpha use_weighting") | reference
        options |= _same(spec, "f_divergence_type f_alpha_divergence_coef discopop_tau")
    elif kind == "orpo":
        options = {"beta": spec["beta"]}
    elif kind == "cpo":
        default = 0.0 if loss == "simpo" else 1.0
        options = {
            "beta": spec["beta"],
            "loss_type": "simpo" if loss == "simpo" else "sigmoid",
            "label_smoothing": spec["label_smoothing"],
            "cpo_alpha": default if spec["cpo_alpha"] is None else spec["cpo_alpha"],
            "simpo_gamma": spec["simpo_gamma"],
        }
    elif kind == "kto":
        options = _same(spec, "beta desirable_weight undesirable_weight") | reference | {"loss_type": loss}
        # The mismatched answers are neighbours in the file: TRL insists on this word when it checks them.
        options["train_sampling_strategy"] = "sequential"
    else:
        options = _same(spec, "beta num_generations max_completion_length temperature top_p top_k num_iterations")
        options |= _same(spec, "repetition_penalty epsilon scale_rewards mask_truncated_completions")
        options |= {"loss_type": loss, "shuffle_dataset": spec["shuffle"]}
    return {**length, **options}


def _same(spec: Spec, names: str) -> dict[str, Any]:
    """Options that TRL knows by the same name."""
    return {name: spec[name] for name in names.split()}


def precomputes(spec: Spec) -> bool:
    """The reference scores every row once, before the first step, unless run.yaml says otherwise."""
    chosen = spec.get("precompute_ref_log_probs")
    return spec.needs_reference and (chosen is None or bool(chosen))

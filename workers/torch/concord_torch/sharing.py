"""Several devices that share one model: FSDP2 and ZeRO-3 of DeepSpeed, as accelerate, transformers and TRL drive them.

Everything here was found by comparing two such processes with one (tests/test_sharing_nightly.py).
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate import PartialState
from accelerate.utils.fsdp_utils import fsdp2_prepare_model

from .arguments import uses_gpu
from .errors import RunError
from .spec import SHARING, Spec

ENVIRONMENT = {
    "fsdp2": {
        "ACCELERATE_USE_FSDP": "true",
        "FSDP_VERSION": "2",
        "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
        "FSDP_RESHARD_AFTER_FORWARD": "true",
        "FSDP_CPU_RAM_EFFICIENT_LOADING": "true",
        "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT",
    },
    "deepspeed_zero3": {
        "ACCELERATE_USE_DEEPSPEED": "true",
        "ACCELERATE_DEEPSPEED_ZERO_STAGE": "3",
        "ACCELERATE_DEEPSPEED_ZERO3_INIT": "true",
        "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "true",
    },
}


def join_group(spec: Spec) -> None:
    """Tells accelerate, transformers and DeepSpeed how the processes of this group share the work.

    By environment variables, as `accelerate launch` would: so Ray's groups and torchrun's are told as well. Call it
    before anything of these libraries, so that only the first process reads the weights. Raises RunError where
    DeepSpeed is not installed.
    """
    if not uses_gpu():
        # Or accelerate numbers the processes' devices cpu:0, cpu:1, to which torch restores no optimizer on resuming.
        os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
    kind = spec["distributed"]
    if kind not in SHARING or int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return
    if kind == "deepspeed_zero3":
        if importlib.util.find_spec("deepspeed") is None:
            raise RunError("deepspeed_zero3 needs DeepSpeed: install it (pip install deepspeed==0.19.8), or use fsdp2.")
        os.environ["ACCELERATE_GRADIENT_ACCUMULATION_STEPS"] = str(spec["gradient_accumulation_steps"])
        os.environ["ACCELERATE_GRADIENT_CLIPPING"] = str(spec["max_grad_norm"])
    os.environ.update(ENVIRONMENT[kind])
    if kind == "fsdp2":
        PartialState(cpu=not uses_gpu())


def refuse_without_gpus(spec: Spec) -> None:
    """Raises RunError for a model shared out on a machine where there is no GPU to share it."""
    if spec["distributed"] in SHARING and not uses_gpu():
        raise RunError(
            f"distributed {spec['distributed']} shares a model between GPUs, and there is none here: use ddp."
        )


class Shareable:
    """Mixed into TRL's trainers: what they lack where no device holds the whole model."""

    accelerator: Any
    model: Any
    is_fsdp_enabled: bool
    is_deepspeed_enabled: bool

    def create_accelerator_and_postprocess(self) -> None:
        super().create_accelerator_and_postprocess()  # type: ignore[misc]
        if self.accelerator.mixed_precision != "bf16":
            return
        if self.is_fsdp_enabled:
            # accelerate's choice adds up gradients and leaves logits in bf16. With these a bf16 run differs from one
            # process's by what two DDP processes differ by (loss 0.001), else by up to six times as much.
            self.accelerator.state.fsdp_plugin.mixed_precision_policy = torch.distributed.fsdp.MixedPrecisionPolicy(
                param_dtype=torch.bfloat16, reduce_dtype=torch.float32, output_dtype=torch.float32
            )
        elif self.is_deepspeed_enabled:
            # Elsewhere autocast does this: log-probabilities added up in bf16 lose what DPO subtracts.
            self.model.register_forward_hook(_float_logits)

    @contextmanager
    def dealt_out(self) -> Iterator[None]:
        """The model computes with every weight before the training has begun: until then only the first process has
        them (FSDP2). Afterwards each process holds its part alone, as the optimizer must find it."""
        if not self.is_fsdp_enabled:
            yield
            return
        fsdp2_prepare_model(self.accelerator, self.model)
        try:
            yield
        finally:
            for module in self.model.modules():
                if isinstance(module, torch.distributed.fsdp.FSDPModule):
                    module.reshard()

    def _prepare_input(self, data: Any) -> Any:
        """As they are: transformers rounds what DeepSpeed is fed to bf16, the reference's log-probabilities too."""
        if self.is_deepspeed_enabled and isinstance(data, torch.Tensor):
            return data.to(self.accelerator.device)
        return super()._prepare_input(data)  # type: ignore[misc]

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """A tied head is written once: gathered from several devices it is no longer seen to be the embedding."""
        for head, embedding in getattr(self.model, "all_tied_weights_keys", {}).items():
            if state_dict is not None and embedding in state_dict:
                state_dict.pop(head, None)
        super()._save(output_dir, state_dict)  # type: ignore[misc]


def _float_logits(_model: Any, _inputs: Any, outputs: Any) -> Any:
    """TRL's fused head, which has no logits, gives float32 by itself."""
    if getattr(outputs, "logits", None) is not None:
        outputs.logits = outputs.logits.float()
    return outputs

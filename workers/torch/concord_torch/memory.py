"""Whether a run fits: an estimate of its peak, and gradient checkpointing only where that asks for it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .errors import RunError
from .spec import SHARING, Spec
from .tokens import Rows

GIB = 2**30
# CUDA context, cuBLAS workspaces and fragmentation.
RUNTIME_BYTES = 1.2 * GIB


@dataclass(frozen=True)
class Fitted:
    gradient_checkpointing: bool
    bytes: int
    message: str


def fit(spec: Spec, model: Any, rows: Rows, *, on_gpu: bool) -> Fitted:
    """Chooses whether activations are kept. Raises RunError where the run would not fit even when they are not."""
    budget = _budget(spec, on_gpu)
    wanted = spec["gradient_checkpointing"]
    kept = estimate(spec, model, rows, keep=True)
    recomputes = bool(wanted) or (wanted is None and kept > budget)
    needed = estimate(spec, model, rows, keep=False) if recomputes else kept
    if spec["memory_budget_gb"] is not None and needed > budget:
        raise RunError(
            f"This run needs about {gibibytes(needed)} of memory and may use {gibibytes(budget)}: lower "
            "per_device_train_batch_size or max_length, train an adapter (peft) instead of every weight, or raise "
            "memory_budget_gb."
        )
    how = "recomputing every layer" if recomputes else "keeping activations"
    return Fitted(
        recomputes,
        int(needed),
        f"Estimated peak memory {gibibytes(needed)} of {gibibytes(budget)}, {how} in the backward pass.",
    )


def estimate(spec: Spec, model: Any, rows: Rows, *, keep: bool) -> float:
    """Bytes at the peak of a step: weights, what AdamW keeps, activations of the longest batch, its logits."""
    config = model.config
    processes = max(1, int(os.environ.get("WORLD_SIZE", "1"))) if spec["distributed"] in SHARING else 1
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters()) / processes
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    state = trained * 12 / processes  # float32: gradient and two running means
    if spec.needs_reference and spec["adapter"] is None and trained == sum(p.numel() for p in model.parameters()):
        state += 0 if spec.get("precompute_ref_log_probs") is not False else weights
    item = 2 if spec["bf16"] else 4
    sides = 1 if spec.method in ("sft", "grpo") else 2
    batch = spec["per_device_train_batch_size"] * sides
    longest = max(rows.lengths)
    if spec.method == "grpo":
        longest = min(longest, 1024) + spec["max_completion_length"]
    tokens = batch * longest
    hidden = config.hidden_size
    inner = getattr(config, "intermediate_size", None) or 4 * hidden
    layers = config.num_hidden_layers
    # Kept for the backward pass of one layer: two norms and their inputs, q, k, v, attention, o, gate, up, product.
    layer = tokens * (8 * hidden + 4 * inner) * item + tokens * hidden * 8
    activations = layer * layers if keep else layer + tokens * hidden * item * layers
    # Logits, their float32 copy, and the gradients of both.
    logits = 0 if spec.method == "reward" else tokens * config.vocab_size * (2 * item + 8)
    return float(weights + state + activations + logits + RUNTIME_BYTES)


def _budget(spec: Spec, on_gpu: bool) -> float:
    if spec["memory_budget_gb"] is not None:
        return float(spec["memory_budget_gb"]) * GIB
    if on_gpu:
        free, _total = torch.cuda.mem_get_info()
        return float(free)
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(encoding="utf8"), re.MULTILINE)
        if found:
            return float(found[1]) * 1024
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def gibibytes(count: float) -> str:
    return f"{count / GIB:.1f} GiB"

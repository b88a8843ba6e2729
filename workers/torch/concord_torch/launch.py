"""Several devices on one machine: the run starts itself again under `accelerate launch`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from .errors import RunError
from .spec import Spec

# What a process says with its exit status when a step did not fit: the launcher may try a smaller one.
OUT_OF_MEMORY = 75
INSIDE = "CONCORD_LAUNCHED"


def needs_launch(spec: Spec) -> bool:
    """Whether this process is the one that a person started, and the run wants more than one."""
    return (spec["devices"] or 1) > 1 and "WORLD_SIZE" not in os.environ


def accelerate_config(spec: Spec) -> dict[str, Any]:
    """What `accelerate config` would have asked for."""
    devices = spec["devices"] or 1
    kind = spec["distributed"] or "ddp"
    on_gpu = torch.cuda.is_available()
    config: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "machine_rank": 0,
        "num_machines": 1,
        "num_processes": devices,
        "main_process_port": 0,
        "mixed_precision": "bf16" if spec["bf16"] else "no",
        "use_cpu": not on_gpu,
        "debug": False,
        "rdzv_backend": "static",
        "same_network": True,
    }
    if kind == "ddp":
        return {**config, "distributed_type": "MULTI_GPU" if on_gpu else "MULTI_CPU"}
    if not on_gpu:
        raise RunError(f"distributed {kind} shares a model between GPUs, and there is none here: use ddp.")
    if torch.cuda.device_count() < devices:
        raise RunError(f"devices is {devices} and this machine has {torch.cuda.device_count()} GPUs: lower it.")
    if kind == "fsdp2":
        sharding = {
            "fsdp_version": 2,
            "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "fsdp_reshard_after_forward": True,
            "fsdp_offload_params": False,
            "fsdp_cpu_ram_efficient_loading": True,
            "fsdp_state_dict_type": "FULL_STATE_DICT",
            "fsdp_activation_checkpointing": False,
        }
        return {**config, "distributed_type": "FSDP", "fsdp_config": sharding}
    zero = {
        "zero_stage": 3,
        "offload_optimizer_device": "none",
        "offload_param_device": "none",
        "zero3_init_flag": True,
        "zero3_save_16bit_model": True,
        "gradient_accumulation_steps": spec["gradient_accumulation_steps"],
        "gradient_clipping": spec["max_grad_norm"],
    }
    return {**config, "distributed_type": "DEEPSPEED", "deepspeed_config": zero}


def launch(path: Path, spec: Spec, flags: list[str], changes: dict[str, int]) -> int:
    """Runs every process to its end and returns the exit status; a signal to this process goes on to all of them."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "accelerate.json"
        config.write_text(json.dumps(accelerate_config(spec)), encoding="utf8")
        command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
        command += ["-m", "concord_torch", str(path.resolve()), *flags]
        environment = {**os.environ, INSIDE: json.dumps(changes)}
        child = subprocess.Popen(command, env=environment)
        return _wait(child, spec)


def _wait(child: "subprocess.Popen[bytes]", spec: Spec) -> int:
    import signal
    from types import FrameType

    stops = spec.output / "stop-requested"
    stops.unlink(missing_ok=True)
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        if heard:
            child.terminate()
            return
        heard.append(number)
        spec.output.mkdir(parents=True, exist_ok=True)
        # torchrun answers a signal by killing its processes: they are asked by a file instead, and save.
        stops.touch()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    status = child.wait()
    stops.unlink(missing_ok=True)
    return 128 + heard[0] if heard and status == 0 else status

"""Several devices on one machine: the run starts itself again under `accelerate launch`."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from .errors import OutOfMemory, RunError
from .spec import Spec

# Options that take the place of run.yaml's, handed to the launched processes.
CHANGES = "CONCORD_CHANGES"
# In the run's output: launcher and launched talk through files, because torchrun passes on neither a signal that
# leaves time to save nor the exit status of a process.
STOP = "stop-requested"
TOO_LARGE = "out-of-memory.json"


def needs_launch(spec: Spec) -> bool:
    """Whether this is the process that a person started, of a run that wants several."""
    return (spec["devices"] or 1) > 1 and "WORLD_SIZE" not in os.environ


def accelerate_config(spec: Spec) -> dict[str, Any]:
    """What `accelerate config` would have asked for."""
    devices = spec["devices"] or 1
    kind = spec["distributed"] or "ddp"
    on_gpu = torch.cuda.is_available()
    if kind != "ddp" and not on_gpu:
        raise RunError(f"distributed {kind} shares a model between GPUs, and there is none here: use ddp.")
    if on_gpu and torch.cuda.device_count() < devices:
        raise RunError(f"devices is {devices} and this machine has {torch.cuda.device_count()} GPUs: lower it.")
    return {
        "compute_environment": "LOCAL_MACHINE",
        "machine_rank": 0,
        "num_machines": 1,
        "num_processes": devices,
        "main_process_port": 0,  # any that is free
        "mixed_precision": "bf16" if spec["bf16"] else "no",
        "use_cpu": False,  # without a GPU the processes find that out themselves, and talk by gloo
        **_sharing(kind, spec),
    }


def _sharing(kind: str, spec: Spec) -> dict[str, Any]:
    if kind == "fsdp2":
        return {
            "distributed_type": "FSDP",
            "fsdp_config": {
                "fsdp_version": 2,
                "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
                "fsdp_reshard_after_forward": True,
                "fsdp_offload_params": False,
                "fsdp_cpu_ram_efficient_loading": True,
                "fsdp_state_dict_type": "FULL_STATE_DICT",
                "fsdp_activation_checkpointing": False,
            },
        }
    if kind == "deepspeed_zero3":
        return {
            "distributed_type": "DEEPSPEED",
            "deepspeed_config": {
                "zero_stage": 3,
                "offload_optimizer_device": "none",
                "offload_param_device": "none",
                "zero3_init_flag": True,
                "zero3_save_16bit_model": True,
                "gradient_accumulation_steps": spec["gradient_accumulation_steps"],
                "gradient_clipping": spec["max_grad_norm"],
            },
        }
    return {"distributed_type": "MULTI_GPU"}


def launch(path: Path, spec: Spec, flags: set[str], changes: dict[str, int]) -> int:
    """Runs all processes to their end and returns the exit status. Raises OutOfMemory where a step did not fit."""
    for name in (STOP, TOO_LARGE):
        (spec.output / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "accelerate.json"
        config.write_text(json.dumps(accelerate_config(spec)), encoding="utf8")
        command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
        command += ["-m", "concord_torch", str(path.resolve()), *sorted(flags)]
        child = subprocess.Popen(command, env={**os.environ, CHANGES: json.dumps(changes)}, preexec_fn=_die_with_parent)
        status = _wait(child, spec.output)
    report = spec.output / TOO_LARGE
    if report.exists():
        found = json.loads(report.read_text(encoding="utf8"))
        report.unlink()
        raise OutOfMemory(found["message"], found["settings"])
    return status


def given_changes() -> dict[str, int]:
    """What the launcher hands to the processes it starts."""
    parsed: dict[str, int] = json.loads(os.environ.get(CHANGES, "{}"))
    return parsed


def is_launched() -> bool:
    return CHANGES in os.environ


def asked_to_stop(output: Path) -> bool:
    return (output / STOP).exists()


def report_out_of_memory(output: Path, error: OutOfMemory) -> None:
    """For the launcher, which alone can start all processes again."""
    report = {"message": str(error), "settings": error.settings}
    (output / TOO_LARGE).write_text(json.dumps(report), encoding="utf8")


def _wait(child: "subprocess.Popen[bytes]", output: Path) -> int:
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        if heard:
            child.terminate()
            return
        heard.append(number)
        output.mkdir(parents=True, exist_ok=True)
        (output / STOP).touch()

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        (output / STOP).unlink(missing_ok=True)
    return 128 + heard[0] if heard and status == 0 else status


def _die_with_parent() -> None:
    """A killed launcher takes torchrun with it (Linux); its processes see that and end by themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)

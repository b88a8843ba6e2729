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

from .arguments import uses_gpu
from .errors import OutOfMemory, RunError
from .sharing import refuse_without_gpus
from .spec import Spec

# A folder in which launcher and launched talk: torchrun passes on neither a signal that leaves time to save, nor the
# exit status of a process, nor its last words.
FOLDER = "CONCORD_LAUNCH_FOLDER"
CHANGES = "changes.json"  # options that take the place of run.yaml's
STOP = "stop"  # there: save and end after this step
FAILURE = "failure.json"  # the sentence of the process that failed, and the lower settings of an out-of-memory


def needs_launch(spec: Spec) -> bool:
    """Whether this is the process that a person started, of a run that wants several."""
    return (spec["devices"] or 1) > 1 and "WORLD_SIZE" not in os.environ


def accelerate_config(spec: Spec) -> dict[str, Any]:
    """What `accelerate config` would have asked for."""
    devices = spec["devices"] or 1
    refuse_without_gpus(spec)
    if uses_gpu() and torch.cuda.device_count() < devices:
        raise RunError(f"devices is {devices} and this machine has {torch.cuda.device_count()} GPUs: lower it.")
    return {
        "compute_environment": "LOCAL_MACHINE",
        "machine_rank": 0,
        "num_machines": 1,
        "num_processes": devices,
        "main_process_port": 0,  # any that is free
        "mixed_precision": "bf16" if spec["bf16"] else "no",
        "use_cpu": False,  # without a GPU the processes find that out themselves, and talk by gloo
        "distributed_type": "MULTI_GPU",  # and how they share the model, the processes themselves say
    }


def launch(path: Path, spec: Spec, flags: set[str], changes: dict[str, int]) -> int:
    """Runs all processes to their end and returns the exit status. Raises what one of them failed with."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / CHANGES).write_text(json.dumps(changes), encoding="utf8")
        config = folder / "accelerate.json"
        config.write_text(json.dumps(accelerate_config(spec)), encoding="utf8")
        command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
        command += ["-m", "concord_torch", str(path.resolve()), *sorted(flags)]
        child = subprocess.Popen(command, env={**os.environ, FOLDER: name}, preexec_fn=_die_with_parent)
        status = _wait(child, folder)
        if status != 0 and (folder / FAILURE).exists():
            failure = json.loads((folder / FAILURE).read_text(encoding="utf8"))
            if failure["settings"] is not None:
                raise OutOfMemory(failure["message"], failure["settings"])
            raise RunError(failure["message"])
    return status


def given_changes() -> dict[str, int]:
    """What the launcher hands to the processes it starts."""
    if not is_launched():
        return {}
    parsed: dict[str, int] = json.loads((Path(os.environ[FOLDER]) / CHANGES).read_text(encoding="utf8"))
    return parsed


def is_launched() -> bool:
    return FOLDER in os.environ


def asked_to_stop() -> bool:
    return is_launched() and (Path(os.environ[FOLDER]) / STOP).exists()


def report_failure(error: RunError) -> None:
    """For the launcher, which says it last and can start all processes again."""
    settings = error.settings if isinstance(error, OutOfMemory) else None
    report = {"message": str(error), "settings": settings}
    (Path(os.environ[FOLDER]) / FAILURE).write_text(json.dumps(report), encoding="utf8")


def _wait(child: "subprocess.Popen[bytes]", folder: Path) -> int:
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        if heard:
            child.terminate()
            return
        heard.append(number)
        (folder / STOP).touch()

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 + heard[0] if heard and status == 0 else status


def _die_with_parent() -> None:
    """A killed launcher takes torchrun with it (Linux); its processes see that and end by themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)

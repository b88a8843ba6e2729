"""python -m concord_torch.ray_job

The job of a run on a Ray cluster. It starts Ray Train's TorchTrainer, which calls the engine in every worker; rows and
model come from Concord's site, and events, checkpoints and the result go there. Beside this package lies run.yaml.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

os.environ.setdefault("RAY_TRAIN_V2_ENABLED", "1")

import ray
import ray.train
from ray.exceptions import RayError
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer
from ray.train.v2._internal.exceptions import RayTrainError
from ray.train.v2.api.exceptions import WorkerGroupError

from .errors import OutOfMemory, RunError
from .ray_site import RunOver, Site, SiteError

# The first process of each machine fetches the model while the others wait.
START_S = 2 * 3600
STOP_FLAG = "concord-stop-flag"


class StopFlag:
    """Says to the training processes that the job was asked to stop."""

    def __init__(self) -> None:
        self.raised = False

    def raise_it(self) -> None:
        self.raised = True

    def is_raised(self) -> bool:
        return self.raised


def site_from_environment() -> Site:
    return Site(os.environ["CONCORD_SITE"], os.environ["CONCORD_RUN_TOKEN"])


def main() -> None:
    """Exit status 0 when the run is done or stopped with its work kept, 1 for an error, which the site was told."""
    # Beside the package, not in the current folder: Ray may have moved the driver elsewhere.
    spec = (Path(__file__).parent.parent / "run.yaml").read_text(encoding="utf8")
    ray.init()
    flag = ray.remote(StopFlag).options(name=STOP_FLAG, get_if_exists=True, num_cpus=0).remote()

    def hear(_number: int, _frame: FrameType | None) -> None:
        flag.raise_it.remote()

    signal.signal(signal.SIGTERM, hear)
    try:
        try:
            fit(spec, {})
        except OutOfMemory as error:
            # Asked for in the run's options, and once.
            if error.settings is None or not retries(spec):
                raise
            fit(spec, dict(error.settings))
    except RunOver as error:
        print(error, flush=True)
        sys.exit(0)
    except (RunError, SiteError) as error:
        print(error, flush=True)
        tell_error(site_from_environment(), str(error))
        sys.exit(1)


def retries(spec: str) -> bool:
    import yaml

    return bool(yaml.safe_load(spec).get("retry_on_out_of_memory"))


def fit(spec: str, changes: dict[str, Any]) -> None:
    """One TorchTrainer from start to end. Raises what its processes raised; a lost machine raises Ray's own error."""
    scaling = json.loads(os.environ["CONCORD_SCALING"])
    trainer = TorchTrainer(
        train,
        train_loop_config={"spec": spec, "changes": changes},
        scaling_config=ScalingConfig(**scaling),
        torch_config=TorchConfig(timeout_s=START_S),
        # Nothing is kept there, checkpoints go to the site. A lost job is submitted again by Concord.
        run_config=RunConfig(
            name=os.environ["CONCORD_JOB"],
            storage_path=tempfile.mkdtemp(prefix="concord-"),
            failure_config=FailureConfig(max_failures=0),
        ),
    )
    try:
        trainer.fit()
    except WorkerGroupError as error:
        raise cause_of(list(error.worker_failures.values()), error) from error


def cause_of(failures: list[Exception], otherwise: Exception) -> Exception:
    """What a person should hear of the failures of several processes; one failure brings the others down."""
    # Ray wraps what a process raised, or not, depending on its version.
    raised: list[Exception] = [getattr(failure, "_base_exc", failure) for failure in failures]
    for kind in (RunOver, OutOfMemory, RunError, SiteError):
        for error in raised:
            if isinstance(error, kind):
                return error
    if not raised or any(isinstance(error, (RayError, RayTrainError)) for error in raised):
        # A process died without a word: its machine, or Ray, ended it.
        return otherwise
    said = str(raised[0]).splitlines() or [""]
    return RunError(f"The engine crashed: {type(raised[0]).__name__}: {said[0]}")


def tell_error(site: Site, message: str) -> None:
    """The last line of the events, unless the engine has said it already."""
    try:
        lines = site.events()
        if lines and json.loads(lines[-1]).get("message") == message:
            return
        site.tell_events(len(lines), [json.dumps({"type": "log", "level": "error", "message": message})])
    except (RunOver, SiteError) as error:
        print(error, flush=True)


def train(config: dict[str, Any]) -> None:
    """One process of the group."""
    from .ray_worker import work

    context = ray.train.get_context()
    flag = ray.get_actor(STOP_FLAG)
    folder = Path(os.environ.get("CONCORD_SCRATCH", tempfile.gettempdir())) / os.environ["CONCORD_JOB"]
    try:
        work(
            site_from_environment(),
            folder,
            config["spec"],
            config["changes"],
            rank=context.get_world_rank(),
            local_rank=context.get_local_rank(),
            stop_raised=lambda: bool(ray.get(flag.is_raised.remote())),
        )
    finally:
        if context.get_local_rank() == 0:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # Under its own name: what is pickled for the other processes must be found there by that name.
    from concord_torch.ray_job import main as named_main

    named_main()

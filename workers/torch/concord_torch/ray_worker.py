"""One training process of a run on a cluster: fetches what the run needs, trains, and brings back what comes out."""

import contextlib
import logging
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .events import events_file, rewind_events
from .ray_site import Site
from .ray_teller import Teller

LOOK_EVERY_STEPS_S = 1.0


def work(
    site: Site,
    folder: Path,
    spec: str,
    changes: dict[str, Any],
    *,
    rank: int,
    local_rank: int,
    stop_raised: Callable[[], bool],
) -> None:
    """Trains in `folder`, which the processes of a machine share. The first process of all speaks to the site."""
    _quiet()
    manifest = site.start()
    if local_rank == 0:
        fetch_folder(site, folder, spec, manifest)
    torch.distributed.barrier()

    from .run import run
    from .sharing import refuse_without_gpus
    from .spec import read_spec

    path = folder / "run.yaml"
    refuse_without_gpus(read_spec(path))
    teller = Teller(site, folder) if rank == 0 else None
    if teller is not None:
        teller.start()
    asked = stop_asked(teller, stop_raised)
    finishing = bool(manifest["finishing"])
    try:
        end = run(path, resume=True, finish=finishing, should_stop=asked, changes=changes)
        if end == "stopped" and (teller is None or teller.problem is None):
            run(path, resume=True, finish=True, changes=changes)
    finally:
        if teller is not None:
            teller.finish()
    torch.distributed.barrier()


def fetch_folder(site: Site, folder: Path, spec: str, manifest: dict[str, Any]) -> None:
    """The run's folder as the site has it: inputs, the newest checkpoint, and the events up to it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.yaml").write_text(spec, encoding="utf8")
    newest = newest_step([file["path"] for file in manifest["files"]])
    for file in manifest["files"]:
        path = Path(file["path"])
        if path.parts[0] != "output" or path.parts[:3] == ("output", "checkpoints", f"step-{newest}"):
            target = folder / path
            if not target.exists():
                site.fetch(file["sha256"], target)
    output = folder / "output"
    output.mkdir(exist_ok=True)
    if newest:
        events_file(output).write_text("".join(f"{line}\n" for line in site.events()), encoding="utf8")
        # Before the teller looks: what was said after the checkpoint is said again.
        rewind_events(output, newest)


def newest_step(paths: list[str]) -> int:
    steps = [Path(path).parts[2] for path in paths if path.startswith("output/checkpoints/")]
    return max((int(step.removeprefix("step-")) for step in steps), default=0)


def stop_asked(teller: Teller | None, stop_raised: Callable[[], bool]) -> Callable[[], bool]:
    """Asked after every step; the flag is looked at once a second at most."""
    state = {"looked": 0.0, "raised": False}

    def asked() -> bool:
        if teller is not None and teller.stop_asked:
            return True
        now = time.monotonic()
        if now - state["looked"] > LOOK_EVERY_STEPS_S and not state["raised"]:
            state["looked"] = now
            with contextlib.suppress(Exception):
                state["raised"] = stop_raised()
        return bool(state["raised"])

    return asked


def _quiet() -> None:
    """The libraries' own bars and warnings: what matters of them is said in a sentence of ours."""
    for name, value in {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore")
    logging.getLogger("trl").setLevel(logging.ERROR)

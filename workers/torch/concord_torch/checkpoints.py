"""Checkpoints: `checkpoints/step-N/` appears complete or not at all, and holds all that resuming needs."""

import json
import re
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .arguments import CHECKPOINTS
from .errors import RunError

PROGRESS = "progress.json"


@dataclass
class Progress:
    """What a run remembers besides weights, optimizer and random numbers; as in workers/engine/train/checkpoint.ts."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    rows: int = 0
    rowsHash: str = ""  # of the rows as they are learnt; checkpoints of older versions have none
    best: dict[str, float] | None = None
    evaluationsWithoutGain: int = 0
    window: dict[str, Any] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        (directory / PROGRESS).write_text(json.dumps(asdict(self)) + "\n", encoding="utf8")


def read_progress(directory: Path) -> Progress:
    try:
        return Progress(**json.loads((directory / PROGRESS).read_text(encoding="utf8")))
    except (OSError, TypeError, json.JSONDecodeError) as error:
        raise RunError(
            f"{directory} was not written by this engine: remove it, or continue the run on the engine it began on."
        ) from error


def steps(output: Path) -> list[int]:
    """Steps of the complete checkpoints, ascending."""
    folder = output / CHECKPOINTS
    names = [child.name for child in folder.iterdir()] if folder.exists() else []
    return sorted(int(found[1]) for name in names if (found := re.fullmatch(r"step-(\d+)", name)))


def directory_of(output: Path, step: int) -> Path:
    return output / CHECKPOINTS / f"step-{step}"


def complete(output: Path, progress: Progress, keep: int | None) -> str:
    """Gives what the trainer wrote its final name and removes the oldest beyond `keep`, never the best one."""
    written = output / CHECKPOINTS / f"checkpoint-{progress.step}"
    # The frozen copy of the initial adapter: with it there, transformers resumes it in place of the trained one.
    shutil.rmtree(written / "ref", ignore_errors=True)
    progress.write(written)
    final = directory_of(output, progress.step)
    shutil.rmtree(final, ignore_errors=True)
    written.rename(final)
    if keep is not None:
        best = None if progress.best is None else int(progress.best["step"])
        for step in steps(output)[:-keep]:
            if step != best:
                shutil.rmtree(directory_of(output, step))
    return str(final.relative_to(output))


def clear_partial(output: Path) -> None:
    """What a killed process left half-written."""
    folder = output / CHECKPOINTS
    for child in folder.glob("checkpoint-*") if folder.exists() else []:
        shutil.rmtree(child)

"""python -m concord_torch path/to/run.yaml [--resume [--finish]]

--resume  continue from the newest checkpoint in the run's output directory
--finish  take no further step: make the result of the newest checkpoint
"""

import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

from .errors import OutOfMemory, RunError
from .events import write_event
from .spec import Spec, read_spec


def main() -> None:
    """Exit status 0 when the run is done, 1 for an error (one sentence), 128 + the signal's number when stopped."""
    arguments = sys.argv[1:]
    files = [argument for argument in arguments if not argument.startswith("--")]
    flags = {argument for argument in arguments if argument.startswith("--")}
    if len(files) != 1 or flags - {"--resume", "--finish"} or flags == {"--finish"}:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    path = Path(files[0])
    try:
        spec = read_spec(path)
        sys.exit(_with_one_retry(path, spec, flags))
    except RunError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _with_one_retry(path: Path, spec: Spec, flags: set[str]) -> int:
    """After an out-of-memory once more with half the micro-batch, where run.yaml allows it."""
    from .launch import given_changes, is_launched

    changes = given_changes()
    try:
        return _execute(path, spec, flags, changes)
    except OutOfMemory as error:
        if is_launched() or not spec["retry_on_out_of_memory"] or error.settings is None or changes:
            raise
        changes = error.settings
    # Outside the except block: the traceback holds the model that did not fit.
    gc.collect()
    _free_device()
    told = " and ".join(f"{key} {value}" for key, value in changes.items())
    message = f"A step did not fit into memory: trying once more with {told}."
    write_event(spec.output, {"type": "log", "level": "warning", "message": message})
    print(message)
    return _execute(path, spec.replaced(**changes), flags | {"--resume"}, changes)


def _free_device() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _execute(path: Path, spec: Spec, flags: set[str], changes: dict[str, int]) -> int:
    from . import launch

    if launch.needs_launch(spec):
        return launch.launch(path, spec, flags, changes)
    _quiet()
    from .progress import ProgressLine
    from .run import run

    heard: list[int] = []
    is_first = os.environ.get("RANK", "0") == "0"
    with Path(os.devnull).open("w", encoding="utf8") as nowhere:
        line = ProgressLine(sys.stdout if is_first else nowhere)

        def hear(number: int, _frame: FrameType | None) -> None:
            signal.signal(number, signal.SIG_DFL)
            heard.append(number)
            line.say("Stopping after this step; a second signal ends the run at once.")

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN if launch.is_launched() else hear)
        parent = os.getppid()

        def should_stop() -> bool:
            if launch.is_launched() and os.getppid() != parent:
                os._exit(1)  # whoever launched this was killed: nobody follows the run any more
            return bool(heard) or launch.asked_to_stop()

        try:
            end = run(
                path,
                resume="--resume" in flags,
                finish="--finish" in flags,
                should_stop=should_stop,
                on_step=line.show,
                on_message=line.say,
                changes=changes,
            )
        except RunError as error:
            if launch.is_launched():
                launch.report_failure(error)
            raise
        line.say(f"Trained: {spec.output / 'output'}" if end == "done" else "Stopped.")
    return 128 + heard[0] if end == "stopped" and heard else 0


def _quiet() -> None:
    """The libraries' own bars and warnings: what matters of them is said in a sentence of ours."""
    import logging
    import warnings

    warnings.filterwarnings("ignore")
    import datasets
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    logging.getLogger("trl").setLevel(logging.ERROR)


if __name__ == "__main__":
    main()

"""python -m concord_torch path/to/run.yaml [--resume [--finish]]

--resume  continue from the newest checkpoint in the run's output directory
--finish  take no further step: make the result of the newest checkpoint
"""

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

from .errors import RunError
from .spec import Spec, read_spec


def main() -> None:
    """Exit status 0 when the run is done, 1 for an error (one sentence), 128 + the signal's number when stopped."""
    arguments = sys.argv[1:]
    files = [argument for argument in arguments if not argument.startswith("--")]
    flags = {argument for argument in arguments if argument.startswith("--")}
    if len(files) != 1 or flags - {"--resume", "--finish"} or flags == {"--finish"}:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        path = Path(files[0])
        spec = read_spec(path)
        sys.exit(_execute(path, spec, flags))
    except RunError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def _execute(path: Path, spec: Spec, flags: set[str]) -> int:
    _quiet()
    from .progress import ProgressLine
    from .run import run

    heard: list[int] = []
    line = ProgressLine(sys.stdout)

    def hear(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        heard.append(number)
        line.say("Stopping after this step; a second signal ends the run at once.")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    end = run(
        path,
        resume="--resume" in flags,
        finish="--finish" in flags,
        should_stop=lambda: bool(heard),
        on_step=line.show,
        on_message=line.say,
    )
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
    os.environ.setdefault("TQDM_DISABLE", "1")


if __name__ == "__main__":
    main()

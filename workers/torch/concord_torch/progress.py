"""The line that tells a person how far a run is."""

from collections import deque
from typing import TextIO

from .reporter import StepStatus

RECENT = 20  # steps over which speed is averaged


class ProgressLine:
    """Rewrites one line on a terminal, else adds one."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.recent: deque[StepStatus] = deque(maxlen=RECENT)
        self.open = False

    def show(self, status: StepStatus) -> None:
        self.recent.append(status)
        seconds = sum(step.seconds for step in self.recent) or 1e-9
        tokens = sum(step.tokens for step in self.recent)
        left = (status.steps - status.step) * seconds / len(self.recent)
        speed = f"{tokens / seconds:.0f} tokens/s · {duration(left)} left"
        text = f"step {status.step}/{status.steps} · loss {status.loss:.4f} · {speed}"
        terminal = self.out.isatty()
        self.out.write(f"\r\x1b[K{text}" if terminal else f"{text}\n")
        self.out.flush()
        self.open = terminal

    def say(self, message: str) -> None:
        self.out.write(("\n" if self.open else "") + f"{message}\n")
        self.out.flush()
        self.open = False


def duration(seconds: float) -> str:
    hours, minutes = int(seconds // 3600), int(seconds % 3600 // 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {round(seconds % 60)} s" if minutes else f"{round(seconds)} s"

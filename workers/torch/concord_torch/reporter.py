"""Follows a trainer: events, checkpoints, evaluations, early stopping, stopping on request."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import TrainerCallback

from . import checkpoints
from .checkpoints import Progress
from .errors import RunError
from .events import write_event
from .spec import Spec
from .telemetry import Telemetry
from .tokens import Rows

# Speeds of an evaluation and sums over a run, which the other engine does not tell either.
UNTOLD = ("runtime", "samples_per_second", "steps_per_second", "total_flos", "num_tokens")
WINDOW = "window"


@dataclass(frozen=True)
class StepStatus:
    """What a person is shown after a step: `tokens` and `seconds` of this step alone."""

    step: int
    steps: int
    loss: float
    tokens: int
    seconds: float


class Reporter(TrainerCallback):  # type: ignore[misc]
    """Writes on the first process; what it decides is the same on all of them."""

    def __init__(
        self,
        spec: Spec,
        progress: Progress,
        *,
        should_stop: Callable[[], bool],
        on_step: Callable[[StepStatus], None],
        telemetry: Telemetry,
        held_out: Rows | None,
    ) -> None:
        self.spec, self.progress, self.held_out = spec, progress, held_out
        self.should_stop, self.on_step, self.telemetry = should_stop, on_step, telemetry
        self.trainer: Any = None
        self.stopped = False
        self.began = 0.0
        self.summed = 0.0

    @property
    def is_first(self) -> bool:
        return bool(self.trainer.is_world_process_zero())

    def tell(self, event: dict[str, Any]) -> None:
        if self.is_first:
            write_event(self.spec.output, event)

    def say(self, message: str, level: str = "info") -> None:
        self.tell({"type": "log", "level": level, "message": message})

    # --- before and after a step

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.tell({"type": "log", "level": "info", "message": f"{state.max_steps} steps.", "steps": state.max_steps})
        self._restore_window()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.began = time.perf_counter()
        self.summed = float(self.trainer._tr_loss)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        spec, progress = self.spec, self.progress
        seconds = time.perf_counter() - self.began
        loss = float(self.trainer._tr_loss) - self.summed
        before = progress.tokens
        progress.step = state.global_step
        progress.seconds += seconds
        progress.tokens = self._tokens()
        is_last = state.global_step >= state.max_steps
        control.should_log = state.global_step % spec["logging_steps"] == 0 or is_last
        self.stopped = self._agreed_stop() and not is_last
        every = spec["eval_steps"]
        # The last step is evaluated before it is saved, so that its checkpoint knows the best one.
        due = is_last or (every is not None and state.global_step % every == 0)
        control.should_evaluate = spec["eval"] is not None and not self.stopped and due
        control.should_save = self.stopped or is_last or state.global_step % spec["save_steps"] == 0
        control.should_training_stop = self.stopped or is_last
        status = StepStatus(state.global_step, state.max_steps, loss, progress.tokens - before, seconds)
        self.on_step(status)
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        if logs is None or "loss" not in logs:
            return
        head: dict[str, Any] = {key: logs[key] for key in ("loss", "grad_norm", "learning_rate") if key in logs}
        rest = {key: value for key, value in logs.items() if key not in (*head, "epoch") and _is_number(value)}
        self.tell(
            {
                "type": "metrics",
                "step": state.global_step,
                "epoch": state.epoch,
                **head,
                **rest,
                "num_tokens": self.progress.tokens,
                **self.telemetry.measure(),
            }
        )

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float] | None = None, **_: Any
    ) -> Any:
        told = {key: value for key, value in (metrics or {}).items() if _is_number(value) and not key.endswith(UNTOLD)}
        told.pop("epoch", None)
        counted = {} if self.held_out is None else {"held_out": self.trainer.held_out(self.held_out)}
        self.tell({"type": "eval", "step": state.global_step, "epoch": state.epoch or 0, **told, **counted})
        self._judge(told)
        is_best = self.progress.best is not None and self.progress.best["step"] == state.global_step
        patience = self.spec["early_stopping_patience"]
        if patience is not None and self.progress.evaluationsWithoutGain >= patience:
            control.should_save = control.should_training_stop = True
        if is_best and self.spec["load_best_model_at_end"]:
            control.should_save = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._keep_window()
        # Every process writes its random numbers into the folder that the first one is about to rename.
        self.trainer.accelerator.wait_for_everyone()
        if self.is_first:
            path = checkpoints.complete(self.spec.output, self.progress, self.spec["save_total_limit"])
            self.tell({"type": "checkpoint", "step": state.global_step, "path": path})
        self.trainer.accelerator.wait_for_everyone()

    # --- what lies behind

    def done(self, weights_step: int) -> None:
        progress = self.progress
        self.tell(
            {
                "type": "done",
                "step": progress.step,
                "weights_step": weights_step,
                "seconds": progress.seconds,
                "tokens": progress.tokens,
                "peak_memory_bytes": peak_memory(),
            }
        )

    def _tokens(self) -> int:
        return int(getattr(self.trainer, "_total_train_tokens", 0) or self.trainer.state.num_input_tokens_seen or 0)

    def _agreed_stop(self) -> bool:
        """Processes hear a signal at different moments: if one has heard it, all stop after this step."""
        heard = self.should_stop()
        if self.trainer.accelerator.num_processes == 1:
            return heard
        flag = torch.tensor(int(heard), device=self.trainer.accelerator.device)
        return bool(self.trainer.accelerator.reduce(flag, reduction="sum").item() > 0)

    def _judge(self, metrics: dict[str, float]) -> None:
        spec, progress = self.spec, self.progress
        name: str = spec["metric_for_best_model"]
        value = metrics.get(name if name.startswith("eval_") else f"eval_{name}")
        if value is None:
            raise RunError(
                f"metric_for_best_model: there is no {name}; an evaluation gives {', '.join(sorted(metrics))}."
            )
        larger = spec["greater_is_better"]
        larger = (not name.endswith("loss")) if larger is None else larger
        best = progress.best
        gain = float("inf") if best is None else (value - best["value"]) * (1 if larger else -1)
        progress.evaluationsWithoutGain = (
            0 if gain > spec["early_stopping_threshold"] else progress.evaluationsWithoutGain + 1
        )
        if gain > 0:
            progress.best = {"step": progress.step, "value": value}

    # A line of metrics is a mean since the last line: what has been summed up by a checkpoint is kept with it.

    def _keep_window(self) -> None:
        trainer = self.trainer
        self.progress.window = {
            "loss": float(trainer._tr_loss.item()),
            "since": trainer._globalstep_last_logged,
            "metrics": _lists(getattr(trainer, "_metrics", {}).get("train", {})),
            "stored": _lists(getattr(trainer, "_stored_metrics", {}).get("train", {})),
        }

    def _restore_window(self) -> None:
        trainer, window = self.trainer, self.progress.window
        if self.progress.step == 0 or not window:
            return
        trainer._total_train_tokens = self.progress.tokens
        if self.progress.tokens and hasattr(trainer, "state"):
            trainer.state.num_input_tokens_seen = max(trainer.state.num_input_tokens_seen, 0)
        # The sum is this process's own; the others' are as good a guess as any, and exact where there is one.
        trainer._tr_loss += window["loss"]
        trainer._globalstep_last_logged = window["since"]
        for name in ("metrics", "stored"):
            kept = getattr(trainer, "_metrics" if name == "metrics" else "_stored_metrics", None)
            if kept is not None:
                for key, values in window[name].items():
                    kept["train"][key].extend(values)


def _lists(metrics: Any) -> dict[str, list[float]]:
    return {key: [float(value) for value in values] for key, values in metrics.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def peak_memory() -> int:
    """The card's where there is one, else the process's."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

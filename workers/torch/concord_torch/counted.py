"""What an evaluation counts: every row once, where TRL's metrics are means of micro-batches' means.

The names are those of workers/engine/train/events.ts.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from .tokens import Rows

RIGHT = ("rewards/accuracies", "accuracy")
# Means over the rows of a micro-batch. Where a loss sees pairs, its other metrics are of tokens or of the batch.
OF_ROWS = ("rewards/", "logps/", "log_odds_")


class Counted:
    """Mixed into TRL's trainers: `held_out` tells what the last evaluation counted."""

    accelerator: Any

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        self.sums: dict[str, float] = defaultdict(float)
        self.counts: dict[str, int] = defaultdict(int)
        return super().evaluate(*args, **kwargs)  # type: ignore[misc]

    def held_out(self, rows: Rows) -> dict[str, Any]:
        """Of the held-out file's rows those that were scored, left out, and right; and means over all of them."""
        means = {name: self.sums[name] / count for name, count in self.counts.items() if count > 0}
        if "rewards/chosen" in means and "rewards/rejected" in means:
            # KTO's good and bad answers are no pairs, their distance is that of the two means.
            means.setdefault("rewards/margins", means["rewards/chosen"] - means["rewards/rejected"])
        right = next((name for name in RIGHT if name in means), None)
        return {
            "scored": rows.examples,
            "dropped": len(rows.dropped),
            **({} if right is None else {"right": round(self.sums[right]), "compared": self.counts[right]}),
            "means": means,
        }

    def add(self, name: str, mean: float, count: int) -> None:
        self.sums[name] += mean * count
        self.counts[name] += count

    def prediction_step(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        local = self.rows_in(inputs)
        # Several processes fill up the last micro-batch with rows from the beginning, which count once.
        real = None if local is None else self.together(torch.ones(local)).shape[0]
        with self.without_repeats(real):
            answer = super().prediction_step(model, inputs, *args, **kwargs)  # type: ignore[misc]
        self.count(inputs, real)
        return answer

    def together(self, values: torch.Tensor) -> torch.Tensor:
        """Rows of all processes, each once."""
        gathered: torch.Tensor = self.accelerator.gather_for_metrics(values.to(self.accelerator.device))
        return gathered

    def rows_in(self, _inputs: Any) -> int | None:
        """Rows of this process's micro-batch, where the loss sees pairs."""
        return None

    def count(self, _inputs: Any, real: int | None) -> None:
        """Adds a micro-batch of which `real` rows, those of all processes, count."""
        if real is None:
            return
        for name, value in self.measured().items():
            if name.startswith(OF_ROWS):
                self.add(name, value, real)

    def measured(self) -> dict[str, float]:
        """The metrics of the micro-batch that was just scored."""
        metrics = getattr(self, "_stored_metrics" if hasattr(self, "_stored_metrics") else "_metrics")["eval"]
        return {name.removeprefix("eval_"): float(values[-1]) for name, values in metrics.items() if values}

    @contextmanager
    def without_repeats(self, real: int | None) -> Iterator[None]:
        """DPO's trainer gathers the rows that fill up the last micro-batch too."""
        accelerator = self.accelerator
        if real is None or accelerator.num_processes == 1:
            yield
            return
        gather = accelerator.gather
        accelerator.gather = lambda tensor: gather(tensor)[:real]
        try:
            yield
        finally:
            del accelerator.gather

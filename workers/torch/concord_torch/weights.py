"""Weights of rows, which workers/engine/tokenize/row-weight.ts defines, in the losses of TRL's trainers.

TRL reduces its losses by row with a mean over the micro-batch. Inside `weighing` that mean multiplies each row's loss
by the row's factor first, so that every loss of TRL is weighed by the same few lines and none is written again here.
"""

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from .errors import RunError
from .examples import Line
from .spec import Spec

WEIGHT = "weight"


def row_weight(line: Line) -> float:
    """1 where a row says nothing. Raises RunError naming file, row and field."""
    weight = line.row.get(WEIGHT)
    if weight is None:
        return 1.0
    if isinstance(weight, (int, float)) and not isinstance(weight, bool) and math.isfinite(weight) and weight >= 0:
        return float(weight)
    raise RunError(
        f"{line.place}: weight is not valid; give a number from 0, which leaves the row out, or remove the field."
    )


def multipliers(weights: Sequence[float], sizes: Sequence[int]) -> list[float] | None:
    """What each row's loss is multiplied by; None where all weights are equal. `sizes` is what each row adds to the
    sum that the loss is divided by."""
    if all(weight == weights[0] for weight in weights):
        return None
    mean = sum(weight * size for weight, size in zip(weights, sizes, strict=True)) / sum(sizes)
    return [weight / mean for weight in weights]


def refuse_where_rows_join(spec: Spec) -> None:
    """Raises RunError for a run whose rows have no loss of their own to weigh."""
    if spec.method == "grpo":
        raise RunError(
            f"{spec['train']}: its rows have weights, and grpo draws its own batches of answers. "
            "Remove weight from the rows."
        )
    joins = spec.joins_pairs if spec.method == "preference" else None
    if joins is not None:
        raise RunError(
            f"{spec['train']}: its rows have weights, and {joins} takes the pairs of a micro-batch together, so that "
            "no pair has a loss of its own to weigh. Choose another loss, such as sigmoid, or remove weight from the "
            "rows."
        )


class WithWeights:
    """TRL's collator, and the factors of the micro-batch's rows beside what it makes: [rows], or for lists, one number
    a token, in the shape of the labels."""

    def __init__(self, collate: Callable[[list[dict[str, Any]]], dict[str, Any]]) -> None:
        self.collate = collate

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        weights = [example[WEIGHT] for example in examples if WEIGHT in example]
        batch = self.collate([{key: value for key, value in row.items() if key != WEIGHT} for row in examples])
        if not weights:
            return batch
        if isinstance(weights[0], list):
            shape = batch["labels"].shape
            laid = [[*chain.from_iterable(weights)]] if shape[0] < len(weights) else weights
            weights = [[*row, *[1.0] * (shape[1] - len(row))] for row in laid]
        return {**batch, WEIGHT: torch.tensor(weights, dtype=torch.float32)}


class weighing(TorchFunctionMode):  # type: ignore[misc]
    """Multiplies the losses of `weight`'s rows where TRL takes their mean. TRL's other means have no gradient."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight, self.found = weight, 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in (torch.Tensor.mean, torch.mean, torch.Tensor.nanmean) and len(args) == 1 and not kwargs:
            losses = args[0]
            if losses.requires_grad and losses.shape == self.weight.shape:
                self.found += 1
                return func(losses * self.weight.to(losses))
        return func(*args, **(kwargs or {}))


class Weighed:
    """Mixed into TRL's trainers: their losses by row, times the rows' factors where the file has weights."""

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()  # type: ignore[misc]
        columns: list[str] = getattr(self, "_signature_columns")  # noqa: B009
        if WEIGHT not in columns:
            columns.append(WEIGHT)

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **more: Any) -> Any:
        weight = inputs.pop(WEIGHT, None)
        compute: Callable[..., Any] = super().compute_loss  # type: ignore[misc]
        if weight is None:
            return compute(model, inputs, *args, **more)
        if "labels" in inputs and weight.shape == inputs["labels"].shape:
            return compute(_by_token(model, weight), inputs, *args, **more)
        with weighing(self.in_order_of_losses(weight, inputs)) as mode:
            computed = compute(model, inputs, *args, **more)
        if mode.found == 0:
            raise RunError("This version of TRL takes no mean over rows where it could be weighed; remove weight.")
        return computed

    def in_order_of_losses(self, weight: torch.Tensor, _inputs: Any) -> torch.Tensor:
        return weight


def _by_token(model: Any, weight: torch.Tensor) -> Callable[..., Any]:
    """The model with the log-probabilities of its labels times their factors; a label's predecessor has its place, and
    virtual tokens come before all of them."""

    def called(**inputs: Any) -> Any:
        outputs = model(**inputs)
        factors = weight[:, 1:].to(outputs.log_probs)
        virtual = outputs.log_probs.shape[1] - factors.shape[1]
        outputs.log_probs = outputs.log_probs * torch.nn.functional.pad(factors, (virtual, 0), value=1.0)
        return outputs

    return called

"""run.yaml is checked from the shared declaration; what TRL has not is refused by name."""

from typing import Any

import pytest

from concord_torch.order import grouped_by_length, order_of_epoch
from concord_torch.spec import declaration, parse_spec

BASE = {"model": "m", "train": "t", "output": "o"}


@pytest.mark.parametrize(
    ("options", "key", "says"),
    [
        ({"method": "preference", "loss_type": "rrhf"}, "loss_type", "TRL has no rrhf loss: run it on engine: onnx"),
        ({"method": "reward", "loss_type": "plackett_luce"}, "loss_type", "run it on engine: onnx"),
        ({"method": "preference", "rpo_alpha": 1.0}, "rpo_alpha", "loss_weights"),
        ({"method": "preference", "label_smoothing": 0.1}, "label_smoothing", "use robust"),
        ({"method": "preference", "loss_type": ["cpo", "sigmoid"]}, "loss_type", "keep cpo alone"),
        ({"method": "sft", "load_in_4bit": True}, "load_in_4bit", "lora"),
        ({"method": "sft", "distributed": "ddp"}, "distributed", "set devices"),
        ({"method": "sft", "engine": "onnx"}, "engine", "set engine: torch"),
        ({"method": "sft", "devices": 2, "distributed": "fsdp2", "peft": {"method": "prefix"}}, "peft.method", "ddp"),
        (
            {"method": "kto", "devices": 2, "distributed": "deepspeed_zero3", "precompute_ref_log_probs": False},
            "precompute_ref_log_probs",
            "remove this",
        ),
        (
            {"method": "sft", "cluster": "ray", "distributed": "deepspeed_zero3"},
            "distributed",
            "use fsdp2 on a cluster",
        ),
        ({"method": "sft", "gradient_checkpointing": "yes"}, "gradient_checkpointing", "expected boolean"),
        ({"method": "grpo", "reward_model": "r", "num_generations": 3}, "num_generations", "must divide"),
        ({"method": "grpo"}, "reward_model", "reward_model is missing"),
    ],
)
def test_what_cannot_run_is_refused_by_name(options: dict[str, Any], key: str, says: str) -> None:
    spec, problems = parse_spec({**BASE, **options})
    assert spec is None
    assert [problem.key for problem in problems] == [key]
    assert says in problems[0].message


@pytest.mark.parametrize("method", ["sft", "reward", "preference", "kto", "grpo"])
def test_every_option_is_read_whatever_its_kind(method: str) -> None:
    """Its default is valid, and so is every truth value where one may be given; no mapping ends in an exception."""
    for key, option in declaration()["methods"][method]["properties"].items():
        base = {**BASE, "method": method, **({"reward_model": "r"} if method == "grpo" else {})}
        kinds = option.get("type")
        values = [option["default"]] if "default" in option else []
        if kinds == "boolean" or (isinstance(kinds, list) and "boolean" in kinds):
            values += [True, False]
        for value in values:
            shape = [problem for problem in parse_spec({**base, key: value})[1] if "Invalid" in problem.message]
            assert shape == [], (key, value)
        parse_spec({**base, key: {"unheard": ["of"]}})


def test_defaults_are_the_declarations() -> None:
    spec, problems = parse_spec({**BASE, "method": "preference", "loss_type": "ipo"})
    assert problems == [] and spec is not None
    assert (spec["loss_type"], spec["beta"], spec["learning_rate"], spec["max_length"]) == (["ipo"], 0.1, 1e-6, 1024)
    assert spec.needs_reference


def test_length_grouping_keeps_every_row_and_pads_less() -> None:
    lengths = [(row * 7919) % 500 + 1 for row in range(400)]
    order = order_of_epoch(400, 0, 42, True)
    grouped = grouped_by_length(order, lengths, 8)
    assert sorted(grouped) == list(range(400))

    def padded(rows: list[int]) -> int:
        batches = [rows[i : i + 8] for i in range(0, 400, 8)]
        return sum(8 * max(lengths[row] for row in batch) for batch in batches)

    assert padded(grouped) < 0.8 * padded(order)


def test_resources_are_a_mapping_or_a_text() -> None:
    for resources, valid in [({"GPU": 1}, True), ("CPU=4, GPU=1", True), ("many", False), ({"GPU": -1}, False)]:
        spec, _ = parse_spec({**BASE, "method": "sft", "cluster": "ray", "resources_per_worker": resources})
        assert (spec is not None) == valid, resources

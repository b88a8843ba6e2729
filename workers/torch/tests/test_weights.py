"""Weights of rows: what they are by plain torch, that equal ones are none, and that 0 leaves a row out."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM

from concord_torch.errors import RunError
from concord_torch.run import run

from .runs import GOLDEN, copied_run, metrics

WEIGHTS = [1.0, 0.25, 3.0, 0.5]
RUNS = ["sft-llama", "sft-packed-llama", "dpo-sigmoid-llama", "simpo-qwen3", "kto-llama", "reward-llama"]


def weighed_run(name: str, folder: Path, weights: list[float | None], **changes: Any) -> Path:
    """The golden run on its first rows, as many as weights, with these; a row whose weight is None is not there."""
    source = GOLDEN / "trajectories" / name
    rows = [json.loads(line) for line in (source / "train.jsonl").read_text().splitlines()][: len(weights)]
    kept = [{**row, "weight": weight} for row, weight in zip(rows, weights, strict=True) if weight is not None]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in kept))
    return copied_run(name, folder, train=str(folder / "train.jsonl"), **changes)


def ended(spec: Path) -> tuple[list[dict[str, Any]], bytes]:
    """The curve, without when and how fast, and the weights at the end."""
    assert run(spec) == "done"
    output = spec.parent / "out"
    timed = ("time", "tokens_per_second", "step_seconds", "memory")
    curve = [{key: value for key, value in event.items() if key not in timed} for event in metrics(output)]
    return curve, next((output / "output").glob("*.safetensors")).read_bytes()


@pytest.mark.parametrize("name", RUNS)
def test_equal_weights_are_none_and_weight_0_leaves_a_row_out(name: str, tmp_path: Path) -> None:
    short = {"max_steps": 3, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 2, "shuffle": True}
    if name == "simpo-qwen3":
        short["cpo_alpha"] = 0
    without = ended(weighed_run(name, tmp_path / "without", [1.0] * 5 + [None] * 3, **short))
    ones = ended(weighed_run(name, tmp_path / "same", [0.7] * 5 + [0.0] * 3, **short))
    assert ones == without


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("name", ["sft-llama", "reward-llama", "kto-llama"])
def test_weights_are_the_same_in_micro_batches_of_any_size(name: str, size: int, tmp_path: Path) -> None:
    shape = {"max_steps": 1, "per_device_train_batch_size": size, "gradient_accumulation_steps": 4 // size}
    changes: dict[str, Any] = {"loss_type": "apo_zero_unpaired"} if name == "kto-llama" else {}
    (one,), _ = ended(weighed_run(name, tmp_path / "parts", WEIGHTS, **shape, **changes))
    (whole,), _ = ended(weighed_run(name, tmp_path / "whole", WEIGHTS, **{**shape, **WHOLE}, **changes))
    (plain,), _ = ended(weighed_run(name, tmp_path / "plain", [1.0] * 4, **{**shape, **WHOLE}, **changes))
    for key in ("loss", "grad_norm"):
        assert one[key] == pytest.approx(whole[key], rel=2e-5)
    assert one["loss"] != pytest.approx(plain["loss"], rel=1e-4) or one["grad_norm"] != pytest.approx(
        plain["grad_norm"], rel=1e-3
    )


WHOLE = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1}


GOLDENS = json.loads((GOLDEN / "weights.json").read_text())


@pytest.mark.parametrize("name", GOLDENS["runs"])
def test_both_engines_take_the_same_weighted_steps(name: str, tmp_path: Path) -> None:
    """tests/parity/weights.test.ts holds the other engine to the same numbers, which these runs gave."""
    golden = GOLDENS["runs"][name]
    curve, _ = ended(weighed_run(name, tmp_path, GOLDENS["weights"], **GOLDENS["options"], **golden["options"]))
    for step, expected in zip(curve, golden["steps"], strict=True):
        for key, value in expected.items():
            assert step[key] == pytest.approx(value, rel=1e-5), key


def test_the_loss_of_weighted_demonstrations_is_plain_torchs(tmp_path: Path) -> None:
    spec = weighed_run("sft-full-llama", tmp_path, WEIGHTS, max_steps=1, **WHOLE)
    (step,), _ = ended(spec)

    from concord_torch.model import open_tokenizer
    from concord_torch.spec import read_spec
    from concord_torch.tokens import load_rows

    options = read_spec(spec)
    rows = load_rows(Path(options["train"]), options, open_tokenizer(options), training=True)
    model = AutoModelForCausalLM.from_pretrained(options["model"], dtype=torch.float32).train()
    losses, tokens = [], []
    for row in rows.dataset:
        ids, labels = torch.tensor([row["input_ids"]]), torch.tensor([row["labels"]])
        logits = model(ids).logits[:, :-1]
        losses.append(torch.nn.functional.cross_entropy(logits[0], labels[0, 1:], reduction="sum"))
        tokens.append(int((labels[:, 1:] != -100).sum()))
    loss = sum(w * nll for w, nll in zip(WEIGHTS, losses, strict=True)) / sum(
        w * n for w, n in zip(WEIGHTS, tokens, strict=True)
    )
    loss.backward()
    norm = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None]).norm()
    assert step["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert step["grad_norm"] == pytest.approx(norm.item(), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("dpo-aot-llama", {}, "aot takes the pairs of a micro-batch together"),
        ("orpo-qwen3", {}, "orpo takes the pairs"),
        ("simpo-qwen3", {"cpo_alpha": 0.1}, "simpo with cpo_alpha above 0 takes the pairs"),
    ],
)
def test_losses_without_rows_of_their_own_are_refused(name: str, changes: Any, said: str, tmp_path: Path) -> None:
    spec = weighed_run(name, tmp_path, WEIGHTS, **changes)
    if name.startswith("dpo-aot"):
        values = yaml.safe_load(spec.read_text())
        assert any(loss.startswith("aot") for loss in values["loss_type"])
        said = f"{values['loss_type'][0]} takes the pairs of a micro-batch together"
    with pytest.raises(RunError, match=said):
        run(spec)


@pytest.mark.parametrize("weight", [-1, "2", True])
def test_what_is_no_weight_is_named(weight: Any, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="row 2: weight is not valid; give a number from 0"):
        run(weighed_run("dpo-sigmoid-llama", tmp_path, [1.0, weight]))

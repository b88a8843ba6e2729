"""The engine equals TRL's own trainers step by step: the goldens that the TypeScript engine is held to."""

import json
from pathlib import Path

import pytest

from concord_torch.run import run

from .runs import GOLDEN, copied_run, metrics

# What torch.test.ts does not compare with the other engine, which is held to the same goldens.
CASES = ["sft-packed-llama", "sft-prefix-qwen2", "kto-pairs-cut-llama", "dpo-robust-ld-llama", "simpo-qwen3"]


@pytest.mark.parametrize("name", CASES)
def test_a_run_equals_trl(name: str, tmp_path: Path) -> None:
    spec = copied_run(name, tmp_path)
    assert run(spec) == "done"
    expected = json.loads((GOLDEN / "trajectories" / name / "log.json").read_text())
    found = metrics(tmp_path / "out")
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        for key in ("loss", "grad_norm", "learning_rate", "epoch"):
            assert ours[key] == pytest.approx(theirs[key], rel=1e-4, abs=1e-7), (ours["step"], key)
        for key in theirs.keys() & ours.keys():
            assert ours[key] == pytest.approx(theirs[key], rel=1e-3, abs=1e-4), (ours["step"], key)


@pytest.mark.parametrize("name", ["dpo-robust-ld-llama", "dpo-wpo-qwen3", "sft-llama"])
def test_batches_without_padding_change_nothing(name: str, tmp_path: Path) -> None:
    spec = copied_run(name, tmp_path, padding_free=True)
    seen: list[int] = []
    run(spec, on_step=lambda status: seen.append(status.step), should_stop=lambda: len(seen) == 11)
    expected = json.loads((GOLDEN / "trajectories" / name / "log.json").read_text())[:12]
    for ours, theirs in zip(metrics(tmp_path / "out"), expected, strict=True):
        assert ours["num_tokens"] == theirs["num_tokens"]
        for key in theirs.keys() & ours.keys():
            assert ours[key] == pytest.approx(theirs[key], rel=1e-3, abs=1e-4), (ours["step"], key)

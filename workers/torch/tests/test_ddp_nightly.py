"""Two processes that each hold the model (DDP) against one: the same curve, and a resume to the bit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from concord_torch.run import run

from .runs import copied_run, events, metrics

PACKAGE = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1"}


def test_two_processes_equal_one_with_the_same_global_batch(tmp_path: Path) -> None:
    options: dict[str, Any] = {"max_steps": 8, "shuffle": True, "save_steps": 4}
    rows = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2, "devices": 2, "distributed": "ddp"}
    two = copied_run("dpo-sigmoid-llama", tmp_path / "two", **options, **rows)
    one = copied_run("dpo-sigmoid-llama", tmp_path / "one", **options)
    for spec in (two, one):
        values = yaml.safe_load(spec.read_text())
        # Seven rows: the second process fills up with a row from the beginning, which counts once.
        held_out = spec.parent / "held-out.jsonl"
        held_out.write_text("".join(Path(values["train"]).read_text().splitlines(keepends=True)[:7]))
        spec.write_text(yaml.safe_dump({**values, "eval": str(held_out), "per_device_eval_batch_size": 2}))

    def launched(*flags: str) -> None:
        command = [sys.executable, "-m", "concord_torch", str(two), *flags]
        ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr[-3000:]

    launched()
    run(one)
    found, expected = metrics(tmp_path / "two/out"), metrics(tmp_path / "one/out")
    assert len(found) == len(expected) == 8
    # The last group of an epoch is short: there two processes pad it with rows from its beginning, so it is left out.
    for ours, theirs in list(zip(found, expected, strict=True))[:5]:
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-4), ours["step"]
        assert ours["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=1e-3), ours["step"]
    assert [event["type"] for event in events(tmp_path / "two/out")].count("checkpoint") == 2
    shared, alone = (
        next(event for event in events(tmp_path / name / "out") if event["type"] == "eval")["held_out"]
        for name in ("two", "one")
    )
    assert (shared["scored"], shared["right"], shared["compared"]) == (7, alone["right"], 7)
    # The short last group of an epoch trained them on other rows, so their weights differ a little.
    assert shared["means"]["rewards/chosen"] == pytest.approx(alone["means"]["rewards/chosen"], abs=0.05)

    result = tmp_path / "two/out/output/adapter_model.safetensors"
    whole = result.read_bytes()
    shutil.rmtree(tmp_path / "two/out/checkpoints/step-8")
    launched("--resume")
    assert result.read_bytes() == whole

"""Two processes that share out one model against one process that holds it: the same losses, weights and files."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from concord_torch import launch, model
from concord_torch.run import run
from concord_torch.spec import read_spec

from .runs import GOLDEN, copied_run, events, metrics, wide_llama

PACKAGE = Path(__file__).resolve().parents[1]
TWO: dict[str, Any] = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2, "devices": 2}
ONE: dict[str, Any] = {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2}
has_deepspeed = importlib.util.find_spec("deepspeed") is not None and shutil.which("c++") is not None
KINDS = [
    "fsdp2",
    pytest.param(
        "deepspeed_zero3",
        marks=pytest.mark.skipif(not has_deepspeed, reason="needs deepspeed==0.19.8 and a C++ compiler"),
    ),
]


@pytest.fixture(autouse=True)
def without_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "refuse_without_gpus", lambda _: None)


def run_shared(spec: Path, *flags: str) -> None:
    """As `launch` starts it on GPUs, but on the CPU, and with a cache of the reference's of its own."""
    config = spec.parent / "accelerate.json"
    config.write_text(json.dumps(launch.accelerate_config(read_spec(spec))))
    environment = {
        **os.environ,
        "PYTHONPATH": str(PACKAGE),
        "OMP_NUM_THREADS": "1",
        "DS_ACCELERATOR": "cpu",
        "XDG_CACHE_HOME": str(spec.parent / "cache"),
    }
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
    command += ["-m", "tests.as_one_of_a_group", str(spec), *flags]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[:6000]


def weights(folder: Path) -> bytes:
    return (folder / "out/output/model.safetensors").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_shared_model_is_trained_saved_and_resumed_as_one(kind: str, tmp_path: Path) -> None:
    """Every weight of a model with a tied head, by DPO: the reference is scored before the training begins."""
    name = "dpo-full-qwen3"
    options: dict[str, Any] = {"max_steps": 5, "save_steps": 2, "shuffle": True}
    # Held out are the rows that are trained on, so that the last evaluation is the best.
    options |= {"eval": str(GOLDEN / "trajectories" / name / "train.jsonl"), "eval_steps": 2}
    options["load_best_model_at_end"] = True
    shared = copied_run(name, tmp_path / "two", **options, **TWO, distributed=kind)
    run_shared(shared)
    run(copied_run(name, tmp_path / "one", **options, **ONE))

    found, expected = metrics(tmp_path / "two/out"), metrics(tmp_path / "one/out")
    assert found[0]["loss"] == pytest.approx(0.693147, abs=1e-6)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-5), ours["step"]
        assert ours["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=1e-4), ours["step"]
    results = [load_file(tmp_path / side / "out/output/model.safetensors") for side in ("two", "one")]
    assert results[0].keys() == results[1].keys()
    for key, weight in results[0].items():
        assert (weight - results[1][key]).abs().max() < 1e-4, key

    curve = [event["loss"] for event in found]
    whole = weights(tmp_path / "two")
    shutil.rmtree(tmp_path / "two/out/checkpoints/step-4")
    shutil.rmtree(tmp_path / "two/out/checkpoints/step-5")
    run_shared(shared, "--resume")
    assert [event["loss"] for event in metrics(tmp_path / "two/out")] == curve
    assert weights(tmp_path / "two") == whole
    run_shared(shared, "--resume", "--finish")
    assert weights(tmp_path / "two") == whole
    assert [event["type"] for event in events(tmp_path / "two/out")][-1] == "done"


@pytest.mark.parametrize("kind", KINDS)
def test_in_bf16_a_shared_policy_begins_at_its_reference(kind: str, tmp_path: Path) -> None:
    """And goes on as one process does, within what bf16 rounds."""
    options: dict[str, Any] = {"adapter": None, "peft": {"method": "lora"}, "bf16": True, "max_steps": 3}
    run_shared(copied_run("dpo-sigmoid-llama", tmp_path / "two", **options, **TWO, distributed=kind))
    run(copied_run("dpo-sigmoid-llama", tmp_path / "one", **options, **ONE))
    found, expected = metrics(tmp_path / "two/out"), metrics(tmp_path / "one/out")
    assert found[0]["loss"] == pytest.approx(0.693147, abs=2e-4)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=2e-2), ours["step"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_in_4_bits_is_shared(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("bitsandbytes")
    monkeypatch.setattr(model, "refuse_four_bits", lambda: None)
    options: dict[str, Any] = {"model": str(wide_llama(tmp_path / "llama")), "load_in_4bit": True, "bf16": True}
    options |= {"adapter": None, "peft": {"method": "lora"}, "max_steps": 3, "warmup_steps": 0}
    run_shared(copied_run("sft-llama", tmp_path / "two", **options, **TWO, distributed=kind))
    run(copied_run("sft-llama", tmp_path / "one", **options, **ONE))
    found, expected = metrics(tmp_path / "two/out"), metrics(tmp_path / "one/out")
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-2), ours["step"]
        assert ours["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=2e-2), ours["step"]

"""QLoRA against LoRA on weights that were rounded to 4 bits beforehand.

On the CPU, where bitsandbytes gives wrong gradients once a model has been evaluated: so nothing is, not the reference
before the first step either.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from concord_torch import model
from concord_torch.run import run

from .runs import copied_run, metrics, wide_llama

functional = pytest.importorskip("bitsandbytes.functional")


def rounded(source: Path) -> Path:
    """The same model with every weight of its layers as 4 bits give it back."""
    made = source.with_name("llama-rounded")
    shutil.copytree(source, made)
    tensors = load_file(source / "model.safetensors")
    for name, weight in tensors.items():
        if name.endswith("_proj.weight"):
            packed, state = functional.quantize_4bit(weight.bfloat16(), quant_type="nf4", compress_statistics=True)
            tensors[name] = functional.dequantize_4bit(packed, state).float()
    save_file(tensors, made / "model.safetensors", {"format": "pt"})
    return made


def test_a_model_in_4_bits_is_trained_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "refuse_four_bits", lambda: None)
    peft = {"method": "lora", "target_modules": "all-linear"}
    options: dict[str, Any] = {"adapter": None, "peft": peft, "bf16": True, "max_steps": 6, "save_steps": 3}
    options["precompute_ref_log_probs"] = False
    llama = wide_llama(tmp_path / "llama")
    spec = copied_run("dpo-sigmoid-llama", tmp_path / "four", **options, model=str(llama), load_in_4bit=True)
    run(spec)
    run(copied_run("dpo-sigmoid-llama", tmp_path / "rounded", **options, model=str(rounded(llama))))
    found, expected = metrics(tmp_path / "four/out"), metrics(tmp_path / "rounded/out")
    assert found[0]["loss"] == pytest.approx(0.693147, abs=2e-4)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=5e-3), ours["step"]
        assert ours["grad_norm"] == pytest.approx(theirs["grad_norm"], rel=0.1), ours["step"]

    result = tmp_path / "four/out/output/adapter_model.safetensors"
    whole = result.read_bytes()
    shutil.rmtree(tmp_path / "four/out/checkpoints/step-6")
    run(spec, resume=True)
    assert result.read_bytes() == whole

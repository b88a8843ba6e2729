"""Runs to test with: the tiny models, rows and adapters of tests/parity/golden."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import yaml
from transformers import LlamaConfig, LlamaForCausalLM

GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "parity" / "golden"


def copied_run(name: str, folder: Path, **changes: Any) -> Path:
    """A golden run.yaml with absolute paths, its output under `folder`."""
    source = GOLDEN / "trajectories" / name
    values = yaml.safe_load((source / "run.yaml").read_text())
    for key in ("model", "adapter", "train"):
        if values.get(key) is not None:
            values[key] = str((source / values[key]).resolve())
    values = {**values, "output": str(folder / "out"), **changes}
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "run.yaml"
    spec.write_text(yaml.safe_dump({key: value for key, value in values.items() if value is not None}))
    return spec


def events(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (output / "events.jsonl").read_text().splitlines()]


def metrics(output: Path) -> list[dict[str, Any]]:
    return [event for event in events(output) if event["type"] == "metrics"]


def wide_llama(directory: Path) -> Path:
    """The golden llama made wider: bitsandbytes packs blocks of 64 weights."""
    source = GOLDEN / "models" / "llama"
    shutil.copytree(source, directory)
    (directory / "model.safetensors").unlink()
    config = json.loads((source / "config.json").read_text())
    size = {"hidden_size": 128, "intermediate_size": 256, "num_attention_heads": 2, "num_key_value_heads": 2}
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(**{**config, **size, "head_dim": 64})).save_pretrained(directory)
    return directory

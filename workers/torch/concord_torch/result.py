"""What a run leaves behind: `output/output/` with weights, tokenizer and a model card."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from .spec import Spec

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
)
# TRL's trainers write these besides; they say nothing that run.yaml and the events do not.
UNWANTED = ("training_args.bin", "README.md")


def save_result(spec: Spec, trainer: Any, card: str) -> None:
    """Every process calls it, the first one writes: beside its place, then renamed there."""
    complete = spec.output / "output"
    partial = spec.output / "output.partial"
    trainer.save_model(str(partial))
    if not trainer.is_world_process_zero():
        return
    tidy(partial, Path(spec["model"]))
    _set_dtype(partial, spec["save_dtype"])
    if spec["chat_template_path"] is not None:
        shutil.copyfile(spec["chat_template_path"], partial / "chat_template.jinja")
    (partial / "README.md").write_text(card, encoding="utf8")
    shutil.rmtree(complete, ignore_errors=True)
    partial.rename(complete)


def tidy(directory: Path, model: Path) -> None:
    """The tokenizer's files are the model's own, byte for byte; a frozen reference adapter is no result."""
    for name in (*UNWANTED, *TOKENIZER_FILES):
        (directory / name).unlink(missing_ok=True)
    shutil.rmtree(directory / "ref", ignore_errors=True)
    for name in TOKENIZER_FILES:
        if (model / name).exists():
            shutil.copyfile(model / name, directory / name)
    more = model / "additional_chat_templates"
    if more.exists():
        shutil.copytree(more, directory / more.name, dirs_exist_ok=True)


def _set_dtype(directory: Path, name: str) -> None:
    """Full models are written in `save_dtype`; adapters stay in the precision they were trained in."""
    if (directory / "adapter_config.json").exists():
        return
    dtype = getattr(torch, name)
    for file in directory.glob("*.safetensors"):
        tensors = load_file(file)
        if all(tensor.dtype == dtype for tensor in tensors.values()):
            continue
        save_file({key: tensor.to(dtype) for key, tensor in tensors.items()}, file, {"format": "pt"})
    config = json.loads((directory / "config.json").read_text(encoding="utf8"))
    config["dtype"] = name
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf8")

"""What a run leaves behind: `output/output/` with weights, tokenizer and a model card."""

import json
import shutil
from pathlib import Path

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
WEIGHTS = (
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "adapter_config.json",
)


def save_result(spec: Spec, checkpoint: Path, card: str) -> None:
    """Makes a checkpoint the result: put together beside its place, then renamed there.

    Its weights are whole however many devices shared the model, so nothing is gathered or loaded for it.
    """
    complete = spec.output / "output"
    partial = spec.output / "output.partial"
    model = Path(spec["model"])
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for file in (found for pattern in WEIGHTS for found in checkpoint.glob(pattern)):
        shutil.copyfile(file, partial / file.name)
    # The tokenizer's files are the model's own, byte for byte.
    for name in TOKENIZER_FILES:
        if (model / name).exists():
            shutil.copyfile(model / name, partial / name)
    more = model / "additional_chat_templates"
    if more.exists():
        shutil.copytree(more, partial / more.name)
    _set_dtype(partial, spec["save_dtype"])
    if spec["chat_template_path"] is not None:
        shutil.copyfile(spec["chat_template_path"], partial / "chat_template.jinja")
    (partial / "README.md").write_text(card, encoding="utf8")
    shutil.rmtree(complete, ignore_errors=True)
    partial.rename(complete)


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

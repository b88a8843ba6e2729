"""Log-probabilities of the reference, computed once and kept between runs.

A file's name is a hash of everything they follow from: the token ids, the model's and the adapter's files and the
precision. Another run over the same rows and model finds them there.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from accelerate.utils import broadcast_object_list
from datasets import Dataset, concatenate_datasets
from trl.trainer import dpo_trainer, kto_trainer

from .model import frozen_dtype
from .spec import Spec

# TRL keeps the scores too, in a file named by a hash of every weight, which takes long and fails for weights that are
# shared out (FSDP2). The first process tells the others the name, and ours is the file that is found again: any does.
for trainer in (dpo_trainer, kto_trainer):
    trainer.hash_module = lambda _model: uuid.uuid4().hex

WEIGHTS = ("*.safetensors", "*.bin", "config.json", "adapter_config.json")
IDS = ("prompt_ids", "chosen_ids", "rejected_ids", "completion_ids", "KL_completion_ids")


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "concord" / "reference-log-probs"


class ReferenceCache:
    """Adds the reference's columns to a dataset, from the cache where they are known."""

    def __init__(self, spec: Spec, say: Callable[[str], None]) -> None:
        self.spec, self.say = spec, say

    def columns(self, dataset: Any, compute: Callable[[], Any]) -> Any:
        """`compute` gives the dataset with its columns added; every process calls it or none does."""
        first = int(os.environ.get("RANK", "0")) == 0
        file = cache_folder() / f"{self._key(dataset)}.json" if first else None
        # The first process reads and tells the others, who may be on other machines.
        told: list[Any] = [json.loads(file.read_text(encoding="utf8")) if file and file.exists() else None]
        broadcast_object_list(told, from_process=0)
        if told[0] is None:
            added = self._computed(dataset, compute)
            if file is not None:
                partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
                partial.parent.mkdir(parents=True, exist_ok=True)
                partial.write_text(json.dumps(added), encoding="utf8")
                partial.replace(file)
            told = [added]
            broadcast_object_list(told, from_process=0)
        else:
            self.say("The reference's log-probabilities of these rows are known from an earlier run.")
        return concatenate_datasets([dataset, Dataset.from_dict(told[0])], axis=1)

    def _computed(self, dataset: Any, compute: Callable[[], Any]) -> dict[str, Any] | None:
        """What was added; None where it lies in a temporary file of the first process, which TRL then cannot open."""
        self.say(f"Scoring {len(dataset)} rows with the reference model.")
        try:
            made = compute()
        except FileNotFoundError:
            if int(os.environ.get("RANK", "0")) == 0:
                raise
            return None
        return {column: made[column][:] for column in made.column_names if column not in dataset.column_names}

    def _key(self, dataset: Any) -> str:
        spec = self.spec
        digest = hashlib.sha256()
        settings = [
            spec.get("ld_alpha"),
            str(frozen_dtype(spec)),
            spec["bf16"],
            spec["distributed"] if spec["bf16"] else None,  # each way of sharing has its own places of rounding
            spec["load_in_4bit"],
            spec["max_length"],
        ]
        digest.update(json.dumps(settings).encode())
        for directory in (spec["model"], spec["adapter"]):
            digest.update(b"-" if directory is None else _files_hash(Path(directory)))
        columns = [column for column in IDS if column in dataset.column_names]
        for row in dataset.select_columns(columns):
            digest.update(json.dumps([row[column] for column in columns]).encode())
        return digest.hexdigest()


def _files_hash(directory: Path) -> bytes:
    digest = hashlib.sha256()
    for file in sorted({found for pattern in WEIGHTS for found in directory.glob(pattern)}):
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 24):
                digest.update(block)
    return digest.digest()

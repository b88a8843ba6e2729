"""What AutoTokenizer makes of one tokenizer.json under different class names and architectures."""

import json
import shutil
import tempfile
from pathlib import Path

from transformers import AutoTokenizer

TEXTS = ["1000 and 10 ▁x  y", "hello 2024", "<s> a</s> b", "e\u0301 it's 12345", " leading", "<|user|>\nHi<|end|>"]
CLASSES = ["PreTrainedTokenizerFast", "LlamaTokenizerFast", "GPT2Tokenizer", "Qwen2TokenizerFast", "GemmaTokenizer", None]
ARCHITECTURES = [None, "llama", "mistral", "qwen2", "qwen3", "gemma2", "gpt2", "phi3"]


def classes(tokenizers: Path) -> list[dict]:
    """Classes that need a special token the vocabulary lacks are left out: they would invent an id for it."""
    found = []
    for name in ["phi3", "qwen", "llama3", "gemma", "gpt2"]:
        config = json.loads((tokenizers / name / "tokenizer_config.json").read_text())
        file = json.loads((tokenizers / name / "tokenizer.json").read_text())
        known = set(file["model"]["vocab"]) | {token["content"] for token in file["added_tokens"]}
        for written in CLASSES:
            for architecture in ARCHITECTURES:
                with tempfile.TemporaryDirectory() as directory:
                    target = Path(directory)
                    shutil.copy(tokenizers / name / "tokenizer.json", target)
                    changed = {**config, "tokenizer_class": written}
                    if written is None:
                        changed.pop("tokenizer_class")
                    (target / "tokenizer_config.json").write_text(json.dumps(changed))
                    if architecture:
                        (target / "config.json").write_text(json.dumps({"model_type": architecture}))
                    try:
                        tokenizer = AutoTokenizer.from_pretrained(target)
                        ids = [tokenizer(text).input_ids for text in TEXTS]
                    except Exception:  # a class whose unknown token the vocabulary lacks
                        continue
                if len(tokenizer) == len(known):
                    found.append({"tokenizer": name, "class": written, "architecture": architecture, "ids": ids})
    return found

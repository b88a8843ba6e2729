"""Token ids and masks by TRL's own dataset preparation."""

import json
import logging
from types import SimpleNamespace

import datasets
from datasets import Dataset
from trl import DPOTrainer, KTOTrainer, RewardTrainer, SFTTrainer
from trl.data_utils import _tokenize

datasets.disable_progress_bars()
logging.getLogger("trl").setLevel(logging.ERROR)
for name in ("dpo", "kto", "sft", "reward"):
    logging.getLogger(f"trl.trainer.{name}_trainer").setLevel(logging.CRITICAL)


def assistant_says_something(tokenizer, row: dict, template: str | None) -> bool:
    """TRL stops at a row without an assistant token; the engine drops the row."""
    tools = row.get("tools")
    processed = _tokenize(
        tokenizer,
        row["messages"] if "messages" in row else row["prompt"] + row["completion"],
        tools=json.loads(tools) if isinstance(tools, str) else tools,
        chat_template=template,
        return_assistant_tokens_mask=True,
    )
    return 1 in processed["assistant_masks"]


def prepare(kind: str, tokenizer, rows: list[dict], max_length: int, assistant_only: bool, template: str | None) -> dict[int, dict]:
    """The rows that TRL keeps, by their position."""
    args = SimpleNamespace(
        dataset_num_proc=None,
        max_length=max_length,
        truncation_mode="keep_start",
        per_device_train_batch_size=8,
        assistant_only_loss=assistant_only,
        dataset_text_field="text",
        use_liger_kernel=False,
        shuffle_dataset=False,
    )
    trainer = SimpleNamespace(
        _tokenizer=tokenizer,
        calculate_KL=False,
        desirable_weight=1.0,
        undesirable_weight=1.0,
        chat_template=template,
        completion_only_loss="completion" in rows[0],
    )
    dataset = Dataset.from_list([{**row, "position": i} for i, row in enumerate(rows)])
    with_kind = {
        "preference": lambda: DPOTrainer._prepare_dataset(trainer, dataset, tokenizer, args, "train"),
        "kto": lambda: KTOTrainer._prepare_dataset(trainer, dataset, tokenizer, args, "train"),
        "reward": lambda: RewardTrainer._prepare_dataset(trainer, dataset, tokenizer, args, "train"),
        "sft": lambda: SFTTrainer._prepare_dataset(trainer, dataset, tokenizer, args, False, None, "train"),
    }
    return {row["position"]: row for row in with_kind[kind]()}


def expected(kind: str, tokenizer, rows: list[dict], max_length: int, assistant_only: bool = False, template: str | None = None) -> list[dict]:
    """One object a row, as `npm run tokenize` writes it; `{"dropped": true}` where TRL drops it.

    `template` is TRL's training template for a model whose own has no `{% generation %}` tags.
    """
    said = [i for i, row in enumerate(rows) if not assistant_only or assistant_says_something(tokenizer, row, template)]
    chosen = prepare(kind, tokenizer, [rows[i] for i in said], max_length, assistant_only, template)
    kept = {said[position]: row for position, row in chosen.items()}
    output = []
    for i, row in enumerate(rows):
        if i not in kept:
            output.append({"dropped": True})
            continue
        ids = kept[i]
        room = max_length - len(ids.get("prompt_ids") or [])  # what TRL's collators cut
        if kind == "preference":
            output.append({"prompt_ids": ids["prompt_ids"], "chosen_ids": ids["chosen_ids"][:room], "rejected_ids": ids["rejected_ids"][:room]})
        elif kind == "kto":
            output.append({"prompt_ids": ids["prompt_ids"], "completion_ids": ids["completion_ids"][:room]})
        elif kind == "reward":
            output.append({"chosen_ids": ids["chosen_ids"], "rejected_ids": ids["rejected_ids"]})
        else:
            mask = [int(label != -100) for label in ids["labels"]]
            name = "completion_mask" if "completion" in row else "assistant_mask" if assistant_only else None
            output.append({"input_ids": ids["input_ids"], **({name: mask} if name else {})})
    return output


def alone(tokenizer, line: str, max_length: int) -> dict:
    """One written row of SFT, past Arrow: there a key of one row comes into every other, and big integers fail."""
    row = json.loads(line)
    tools = row.get("tools")
    inputs = {"tools": json.loads(tools) if isinstance(tools, str) else tools, **(row.get("chat_template_kwargs") or {})}
    return {"input_ids": _tokenize(tokenizer, row["messages"], **inputs)["input_ids"][:max_length]}

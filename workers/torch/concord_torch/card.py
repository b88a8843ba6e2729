"""README.md of a trained model: the text of workers/engine/train/model-card.ts, to which a test holds it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .events import events_file
from .spec import Spec, declaration

# What the torch engine alone trains; the words for all other methods come with the declaration of run.yaml.
OWN_KINDS = {"grpo": "A model tuned by reinforcement from a reward model,"}


def model_card(spec: Spec, rows: dict[str, int | None], step: int) -> str:
    """`step` is the one that gave the weights."""
    words = declaration()["card"]
    kind = {**OWN_KINDS, **words["kinds"]}[spec.method]
    events = (
        [json.loads(line) for line in events_file(spec.output).read_text(encoding="utf8").splitlines()]
        if (events_file(spec.output).exists())
        else []
    )
    measured = [event for event in events if event["type"] == "metrics" and event["step"] <= step]
    held = [event for event in events if event["type"] == "eval" and event["step"] == step]
    peft = spec["peft"] or {}
    adapter = peft.get("method") if peft.get("method") != "none" else None
    adapter = adapter or ("lora" if spec["adapter"] is not None else None)
    head = "AutoModelForSequenceClassification" if spec.method == "reward" else "AutoModelForCausalLM"
    front = yaml.safe_dump(
        {
            # The Hub takes no card that names a directory of this machine as its base.
            **({} if Path(spec["model"]).exists() else {"base_model": spec["model"]}),
            "library_name": "peft" if adapter else "transformers",
            "pipeline_tag": "text-classification" if spec.method == "reward" else "text-generation",
            "tags": ["concord", spec.method, *([] if spec.method == "sft" else spec["loss_type"])]
            + ([adapter] if adapter else []),
        },
        sort_keys=False,
    )
    data = [f"Training: `{Path(spec['train']).name}`, {_plural(rows['train'] or 0, 'row')}."]
    if spec["eval"] is not None:
        data.append(f"Held out: `{Path(spec['eval']).name}`, {_plural(rows['eval'] or 0, 'row')}.")
    data += [event["message"] for event in events if event["type"] == "log" and event["level"] == "warning"]
    options = [
        (name, ", ".join(map(_text, value)) if isinstance(value, list) else _text(value))
        for shown in (spec.values, peft if adapter else {})
        for name, value in shown.items()
        if value is not None and name not in words["elsewhere"]
    ]
    made = words["adapters"][adapter] if adapter else "by training all weights"
    parts = [
        f"---\n{front}---",
        f"# {spec.output.name}",
        f"{kind} made from `{Path(spec['model']).name}` {made}. Trained with Concord on TRL.",
        "## Data\n\n" + "\n".join(f"- {line}" for line in data),
        "## Options\n\n" + _table(["Option", "Value"], options),
    ]
    if measured:
        last, counted = measured[-1], held[-1].get("held_out") if held else None
        kept = {"loss": held[-1]["eval_loss"], **counted["means"]} if counted else {}
        shown = [
            (key, _rounded(value), *([_rounded(kept.get(key))] if held else []))
            for key, value in last.items()
            if isinstance(value, (int, float)) and key != "step"
        ]
        titles = ["Metric", "Training", *(["Held out"] if held else [])]
        said = [f"After {_plural(step, 'step')}.", *([_counts(counted)] if counted else []), _table(titles, shown)]
        parts.append("## Metrics\n\n" + "\n\n".join(said))
    labels = ", num_labels=1" if spec.method == "reward" else ""
    use = (
        f"base = {head}.from_pretrained({json.dumps(spec['model'])}{labels})\n"
        'model = PeftModel.from_pretrained(base, "path/to/this/directory")'
        if adapter
        else f'model = {head}.from_pretrained("path/to/this/directory")'
    )
    imports = ("from peft import PeftModel\n" if adapter else "") + f"from transformers import {head}"
    parts.append(f"## Use\n\n```python\n{imports}\n\n{use}\n```")
    return "\n\n".join(parts) + "\n"


def _counts(counted: dict[str, Any]) -> str:
    """What the held-out figures are figures of."""
    said = [f"Held out: {_plural(counted['scored'], 'row')} scored, {counted['dropped']} dropped."]
    if "right" in counted:
        said.append(f"Right in {counted['right']} of {_plural(counted['compared'], 'pair')}; a tie is not right.")
    return " ".join([*said, "The column is of these rows; training's is the mean of the last steps' batches."])


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rounded(value: Any) -> str:
    return "" if value is None else _text(float(f"{value:.5g}"))


def _text(value: Any) -> str:
    """As JavaScript writes it: `true`, `1`, `0.00001` where Python writes `True`, `1.0`, `1e-05`."""
    if isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, float):
        return str(value)
    if value.is_integer():
        return str(int(value))
    return format(Decimal(repr(value)), "f") if abs(value) >= 1e-6 else repr(value).replace("e-0", "e-")


def _table(head: list[str], rows: list[Any]) -> str:
    lines = [head, ["---"] * len(head), *[[str(cell) for cell in row] for row in rows]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

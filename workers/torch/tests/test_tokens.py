"""Rows come out as TRL's own preparation makes them: the tokens that the TypeScript engine is held to as well."""

import json
from pathlib import Path
from typing import Any

import pytest

from concord_torch.errors import RunError
from concord_torch.model import open_tokenizer
from concord_torch.spec import Spec, parse_spec
from concord_torch.tokens import load_rows

from .runs import GOLDEN

CASES: list[dict[str, Any]] = json.loads((GOLDEN / "tokens.json").read_text())


def spec_of(method: str, **options: Any) -> Spec:
    spec, problems = parse_spec({"method": method, "model": "m", "train": "t", "output": "o", **options})
    assert spec is not None, problems
    return spec


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['tokenizer']} {case['form']} {case['assistant_only']}")
def test_tokens_equal_trl(case: dict[str, Any], tmp_path: Path) -> None:
    options = {"assistant_only_loss": True} if case["assistant_only"] else {}
    model = str(GOLDEN / "tokenizers" / case["tokenizer"])
    template = _tagged(case, tmp_path)
    spec = spec_of(case["kind"], max_length=case["max_length"], chat_template_path=template, **options)
    spec = spec.replaced(model=model)
    file = tmp_path / "rows.jsonl"
    expected: dict[int, dict[str, Any]] = {}
    lines = []
    for row, tokens in zip(case["rows"], case["expected"], strict=True):
        if _is_empty(row):  # refused in training, though TRL has tokens for it
            continue
        lines.append(json.dumps(row) + "\n")
        expected[len(lines)] = tokens
    file.write_text("".join(lines))
    kept = {line: tokens for line, tokens in expected.items() if "dropped" not in tokens}
    if not kept:
        with pytest.raises(RunError, match="no row to train on"):
            load_rows(file, spec, open_tokenizer(spec))
        return
    rows = load_rows(file, spec, open_tokenizer(spec))
    assert rows.lines == list(kept)
    assert sorted(line for line, _ in rows.dropped) == sorted(expected.keys() - kept.keys())
    for found, tokens in zip(rows.dataset, kept.values(), strict=True):
        assert _shown(found, case) == tokens


def _tagged(case: dict[str, Any], folder: Path) -> str | None:
    """The goldens of templates without {% generation %} were made with tagged ones of the test's own."""
    if not case["assistant_only"]:
        return None
    import sys

    sys.path.insert(0, str(GOLDEN.parent))
    from goldens.fixtures import TAGGED

    text = TAGGED.get(case["tokenizer"])
    if text is None:
        return None
    (folder / "template.jinja").write_text(text)
    return str(folder / "template.jinja")


def _is_empty(row: dict[str, Any]) -> bool:
    sides = [row.get(name) for name in ("chosen", "rejected", "completion", "messages", "text") if name in row]
    return any(
        side == "" or (isinstance(side, list) and all(not m.get("content") and not m.get("tool_calls") for m in side))
        for side in sides
    )


def _shown(row: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    if case["kind"] == "kto":
        room = case["max_length"] - len(row["prompt_ids"])
        return {"prompt_ids": row["prompt_ids"], "completion_ids": row["completion_ids"][:room]}
    if case["kind"] != "sft":
        return {key: value for key, value in row.items() if key != "margin"}
    mask = [int(label != -100) for label in row["labels"]]
    if "completion" in case["rows"][0]:
        return {"input_ids": row["input_ids"], "completion_mask": mask}
    if case["assistant_only"]:
        return {"input_ids": row["input_ids"], "assistant_mask": mask}
    return {"input_ids": row["input_ids"]}

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


def _name(case: dict[str, Any]) -> str:
    return f"{case.get('template', case['tokenizer'])} {case['form']} {case['assistant_only']}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_tokens_equal_trl(case: dict[str, Any], tmp_path: Path) -> None:
    options = {"assistant_only_loss": True} if case["assistant_only"] else {}
    model = str(GOLDEN / "tokenizers" / case["tokenizer"])
    template = _tagged(case, tmp_path)
    spec = spec_of(case["kind"], max_length=case["max_length"], chat_template_path=template, **options)
    spec = spec.replaced(model=model)
    file = tmp_path / "rows.jsonl"
    expected: dict[int, dict[str, Any]] = {}
    lines = []
    written = case.get("lines") or [json.dumps(row) for row in case["rows"]]
    for line, tokens in zip(written, case["expected"], strict=True):
        if _is_empty(json.loads(line)):  # refused in training, though TRL has tokens for it
            continue
        lines.append(line + "\n")
        expected[len(lines)] = tokens
    file.write_text("".join(lines))
    kept = {line: tokens for line, tokens in expected.items() if "dropped" not in tokens}
    if not kept:
        with pytest.raises(RunError, match="no row to train on"):
            load_rows(file, spec, open_tokenizer(spec), training=True)
        return
    rows = load_rows(file, spec, open_tokenizer(spec), training=True)
    assert rows.lines == list(kept)
    assert sorted(line for line, _ in rows.dropped) == sorted(expected.keys() - kept.keys())
    for found, tokens in zip(rows.dataset, kept.values(), strict=True):
        assert _shown(found, case) == tokens


def test_a_prompt_that_does_not_begin_prompt_and_answer_is_told(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    turns = {
        name: [{"role": role, "content": "a b"}] for name, role in (("prompt", "user"), ("completion", "assistant"))
    }
    file.write_text((json.dumps({"prompt": "a ", "completion": "b"}) + "\n" + json.dumps(turns) + "\n") * 2)
    template = str(GOLDEN / "templates" / "dropped-thought.jinja")
    spec = spec_of("sft", chat_template_path=template).replaced(model=str(GOLDEN / "tokenizers" / "qwen"))
    rows = load_rows(file, spec, open_tokenizer(spec), training=True)
    assert (rows.parted, rows.dropped, len(rows.dataset)) == ([1, 2, 3, 4], [], 4)


def test_wrapped_packing_keeps_every_row(tmp_path: Path) -> None:
    """TRL 1.13 packed the first 1,000 rows, over and over."""
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"text": f"{row}"}) + "\n" for row in range(2500)))
    model = str(GOLDEN / "tokenizers" / "qwen")
    spec = spec_of("sft", max_length=10, packing=True, packing_strategy="wrapped").replaced(model=model)
    tokenizer = open_tokenizer(spec)
    packed = [token for row in load_rows(file, spec, tokenizer, training=True).dataset for token in row["input_ids"]]
    ids = [token for row in range(2500) for token in tokenizer(f"{row}{tokenizer.eos_token}")["input_ids"]]
    assert packed == ids


def test_control_tokens_are_read_as_text_where_that_is_asked(tmp_path: Path) -> None:
    for case in json.loads((GOLDEN / "guard.json").read_text()):
        file = tmp_path / f"{case['tokenizer']}.jsonl"
        rows = [json.loads(line) for line in case["lines"]]
        file.write_text("".join(json.dumps({"messages": row["messages"]}) + "\n" for row in rows))
        model = str(GOLDEN / "tokenizers" / case["tokenizer"])
        spec = spec_of("sft", max_length=4000, sanitize_control_tokens=True).replaced(model=model)
        read = load_rows(file, spec, open_tokenizer(spec), training=True)
        assert [row["input_ids"] for row in read.dataset] == [row["input_ids"] for row in case["expected"]]
        assert read.spelling == []


def _tagged(case: dict[str, Any], folder: Path) -> str | None:
    """The goldens of templates without {% generation %} were made with tagged ones of the test's own."""
    if "template" in case:
        return str(GOLDEN / "templates" / f"{case['template']}.jinja")
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
    if case["form"] in ("sft/chat", "sft/text"):
        return {"input_ids": row["input_ids"], "completion_mask": mask}
    if case["assistant_only"]:
        return {"input_ids": row["input_ids"], "assistant_mask": mask}
    return {"input_ids": row["input_ids"]}

"""Rows of a dataset as they lie in the file (TRL's formats), checked as workers/engine/tokenize/examples.ts does."""

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import RunError

Row = dict[str, Any]

EXPECTATIONS = {
    "preference": "chosen and rejected, and usually prompt: each a text or a list of messages of the same sort",
    "reward": "chosen and rejected, and usually prompt: each a text or a list of messages of the same sort",
    "kto": "prompt and completion (texts or lists of messages) and label (true or false)",
    "sft": "prompt and completion, or messages, or text",
    "grpo": "prompt (a text or a list of messages)",
    "hindsight": "prompt, chosen and rejected, and possibly critique (a text)",
    "quality": "prompt, completions and scores, or prompt, completion and quality (a word) or label (true or false)",
}
FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "preference": (("chosen", "rejected"),),
    "reward": (("chosen", "rejected"),),
    "hindsight": (("chosen", "rejected"),),
    "kto": (("prompt", "completion", "label"),),
    "sft": (("prompt", "completion"), ("messages",), ("text",)),
    "grpo": (("prompt",),),
    "quality": (
        ("prompt", "completions", "scores"),
        ("prompt", "completion", "quality"),
        ("prompt", "completion", "label"),
    ),
}
SIDES = ("prompt", "chosen", "rejected", "completion")


@dataclass(frozen=True)
class Line:
    """A row and where it stands: lines count from 1, as in an editor."""

    file: Path
    number: int
    row: Row

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


def read_lines(file: Path) -> Iterator[Line]:
    """The objects of a JSONL file, also gzipped; empty lines are skipped."""
    if not file.exists():
        raise RunError(f"{file} does not exist.")
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for number, text in enumerate(data.decode("utf8").removeprefix("\ufeff").split("\n"), 1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise RunError(f"{file}, row {number} is not valid JSON; write one object a line.") from error
        if not isinstance(value, dict):
            raise RunError(f"{file}, row {number}: it is not an object.")
        yield Line(file, number, value)


def check(line: Line, kind: str) -> Row:
    """The row, its `tools` as a list. Raises RunError naming file, row and field of what is not valid."""
    row = {key: value for key, value in line.row.items() if value is not None}
    shapes = FIELDS[kind]
    shape = next((shape for shape in shapes if all(name in row for name in shape)), None)
    if shape is None:
        missing = next(name for name in shapes[0] if name not in row)
        reason = f"{missing} is missing" if len(shapes) == 1 else "its keys are of no known form"
        raise RunError(f"{line.place}: {reason}; a {kind} row has {EXPECTATIONS[kind]}.")
    for name in (*SIDES, "messages"):
        if name in row and not _is_text(row[name], only_messages=name == "messages"):
            raise RunError(f"{line.place}: {name} is not valid; a {kind} row has {EXPECTATIONS[kind]}.")
    if "label" in shape and not isinstance(row["label"], bool):
        raise RunError(f"{line.place}: label is not valid; a {kind} row has {EXPECTATIONS[kind]}.")
    for name, value in row.items():
        if re.search(r"\\ud[89a-f]", json.dumps(value, ensure_ascii=True).replace("\\\\", "")) and _lone_surrogate(
            value
        ):
            raise RunError(
                f"{line.place}: {name} contains half a surrogate pair (\\ud800–\\udfff), which is no character; "
                "repair the text."
            )
    sides = [name for name in SIDES if name in row]
    odd = next((name for name in sides if isinstance(row[name], list) != isinstance(row[sides[0]], list)), None)
    if odd is not None:
        raise RunError(
            f"{line.place}: {sides[0]} and {odd} differ in form, one a text and the other messages; "
            "give both in the same form."
        )
    if row.get("prompt") == []:
        raise RunError(f"{line.place}: prompt is an empty list of messages; give at least one message.")
    for name in ("chosen", "rejected", "completion", "messages", "text"):
        if name in row and _is_empty(row[name]):
            raise RunError(f"{line.place}: {name} is empty; remove the row or fill in the text.")
    if isinstance(row.get("tools"), str):
        try:
            row["tools"] = json.loads(row["tools"])
        except json.JSONDecodeError as error:
            raise RunError(
                f"{line.place}: tools is not valid; give a list of functions or such a list as JSON."
            ) from error
    return row


def _is_text(value: object, only_messages: bool) -> bool:
    if isinstance(value, str):
        return not only_messages
    return isinstance(value, list) and all(
        isinstance(message, dict) and isinstance(message.get("role"), str) and message["role"] for message in value
    )


def _is_empty(side: str | list[Row]) -> bool:
    if isinstance(side, str):
        return side == ""
    return all(not message.get("tool_calls") and not message.get("content") for message in side)


def _lone_surrogate(value: object) -> bool:
    """JSON joins pairs; what is left in the text are halves."""
    return any("\ud800" <= character <= "\udfff" for character in json.dumps(value, ensure_ascii=False))


def with_prompt(row: Row) -> Row:
    """Rows that carry the prompt inside chosen and rejected: their longest common beginning, as TRL takes it."""
    if "prompt" in row:
        return row
    chosen, rejected = row["chosen"], row["rejected"]
    shorter = min(len(chosen), len(rejected))
    common = next((i for i in range(shorter) if chosen[i] != rejected[i]), max(shorter - 1, 0))
    if isinstance(chosen, str) and common > 0 and chosen[common - 1] == " " and chosen[common] != rejected[common]:
        common -= 1
    return {**row, "prompt": chosen[:common], "chosen": chosen[common:], "rejected": rejected[common:]}

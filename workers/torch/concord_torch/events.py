"""What a run tells: one JSON object a line in `events.jsonl`, as workers/engine/train/events.ts declares it."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def events_file(output: Path) -> Path:
    return output / "events.jsonl"


def write_event(output: Path, event: Mapping[str, Any]) -> None:
    """Appends one line; numbers that are not finite have no JSON and are left out."""
    told = {key: value for key, value in event.items() if not (isinstance(value, float) and not math.isfinite(value))}
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with events_file(output).open("a", encoding="utf8") as file:
        file.write(json.dumps({**told, "time": now}, ensure_ascii=False) + "\n")


def rewind_events(output: Path, step: int) -> None:
    """Takes back what was said after step `step`: a resumed run says it again."""
    file = events_file(output)
    if not file.exists():
        return
    kept = [line for line in file.read_text(encoding="utf8").split("\n") if line and not _said_after(line, step)]
    partial = file.with_suffix(".partial")
    partial.write_text("".join(f"{line}\n" for line in kept), encoding="utf8")
    partial.replace(file)


def _said_after(line: str, step: int) -> bool:
    """A line that a killed process left unfinished counts as said after."""
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return True
    return bool(event.get("step", 0) > step or event.get("type") == "done")

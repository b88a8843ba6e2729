"""The rules between the options of a run.yaml, as `options.json` states them for both engines.

workers/engine/spec/rules.ts says what the tests of a condition mean; a test runs every rule in both.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Values = Mapping[str, Any]


@cache
def rules() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "options.json").read_text(encoding="utf8")
    found: list[dict[str, Any]] = json.loads(text)["rules"]
    return found


def broken_rules(spec: Values, given: Values) -> list[tuple[str, str]]:
    """Option and sentence of each rule that a run breaks: `spec` has all defaults, `given` is what its file says."""
    return [
        (rule["key"], _filled(rule["message"], rule["when"], spec))
        for rule in rules()
        if all(_holds(condition, spec, given) for condition in rule["when"])
    ]


def _holds(condition: Values, spec: Values, given: Values) -> bool:
    test = condition["test"]
    value = _value_at(spec, condition["option"])
    items: list[Any] = value if isinstance(value, list) else []
    number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    match test:
        case "set":
            return value is not None
        case "unset":
            return value is None
        case "given":
            written = _value_at(given, condition["option"])
            return written is not None and written is not False
        case "is":
            return _same(value, condition["value"])
        case "not":
            return not _same(value, condition["value"])
        case "above":
            return number is not None and number > float(condition["value"])
        case "least":
            return number is not None and number >= float(condition["value"])
        case "fraction":
            return number is not None and not number.is_integer()
        case "longer":
            return len(items) > int(condition["value"])
        case "repeats":
            return len(set(items)) < len(items)
        case "uneven":
            other = _value_at(spec, condition["with"])
            return len(items) != (len(other) if isinstance(other, list) else 0)
        case "some":
            return any(item in condition["values"] for item in items)
        case "none":
            return not any(item in condition["values"] for item in items)
        case "outside":
            return any(item not in condition["values"] for item in items)
    raise ValueError(f"no condition is called {test}")


def _same(value: Any, other: Any) -> bool:
    """Equal as JSON has it: True is not 1."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _filled(message: str, when: list[Any], spec: Values) -> str:
    def replace(found: re.Match[str]) -> str:
        length, name = found.groups()
        if name == "culprit":
            return _culprit(when, spec)
        value = _value_at(spec, name)
        if not isinstance(value, list):
            return str(value)
        return str(len(value)) if length else ", ".join(map(str, value))

    return re.sub(r"\{(#?)([\w.]+)\}", replace, message)


def _culprit(when: list[Any], spec: Values) -> str:
    outside = next(condition for condition in when if condition["test"] == "outside")
    items = _value_at(spec, outside["option"])
    return str(next(item for item in items if item not in outside["values"]))


def _value_at(values: Any, path: str) -> Any:
    for name in path.split("."):
        values = values.get(name) if isinstance(values, Mapping) else None
    return values

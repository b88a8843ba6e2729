"""run.yaml: read, checked and completed from the declaration that the TypeScript engine is built on.

`options.json` beside this file is generated from workers/engine/spec; a test compares the two. It carries the options
and the rules between them; what is written here by hand is only what TRL lacks.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .errors import RunError
from .rules import broken_rules

PATHS = (
    "model",
    "adapter",
    "train",
    "eval",
    "output",
    "chat_template_path",
    "reward_model",
    "reward_adapter",
)


@cache
def declaration() -> dict[str, Any]:
    text = (Path(__file__).parent / "options.json").read_text(encoding="utf8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


@dataclass(frozen=True)
class Problem:
    """What is wrong with one option: `key` as written in run.yaml ("peft.r"), `message` a whole sentence."""

    key: str
    message: str


@dataclass(frozen=True)
class Spec:
    """A checked run.yaml with all defaults, paths absolute. `spec["beta"]` is a value, None where none is set."""

    values: Mapping[str, Any]
    given: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def get(self, key: str) -> Any:
        """The option's value, None for an option that this method has not."""
        return self.values.get(key)

    @property
    def method(self) -> str:
        return str(self.values["method"])

    @property
    def output(self) -> Path:
        return Path(self.values["output"])

    @property
    def needs_reference(self) -> bool:
        """Whether the loss compares the policy with a frozen reference."""
        if self.method == "kto":
            return True
        free = declaration()["losses"]["referenceFree"]
        return self.method == "preference" and not any(loss in free for loss in self["loss_type"])

    @property
    def joins_pairs(self) -> str | None:
        """What takes the pairs of a micro-batch together: joinsPairs of workers/engine/loss/preference.ts."""
        if self.get("rpo_alpha"):
            return "rpo_alpha"
        known = declaration()["losses"]
        for name in self["loss_type"]:
            if name in known["sorted"]:
                return str(name)
            pooled = known["pooled"].get(name)
            if name in ("cpo", "simpo"):
                if pooled if self["cpo_alpha"] is None else self["cpo_alpha"]:
                    return f"{name} with cpo_alpha above 0"
            elif pooled:
                return str(name)
        return None

    def replaced(self, **changes: Any) -> "Spec":
        return Spec({**self.values, **changes}, self.given)


def read_spec(file: Path) -> Spec:
    """Reads a run.yaml. Raises RunError with one sentence for each problem; nothing has been written by then."""
    path = file.resolve()
    if not path.exists():
        raise RunError(f"{path} does not exist: give the path of a run.yaml.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf8"))
    except yaml.YAMLError as error:
        raise RunError(f"{path} is not valid YAML: {error}") from error
    spec, problems = parse_spec(content)
    if spec is None:
        raise RunError("\n".join(f"{path}: {problem.message}" for problem in problems))
    absolute = {
        key: str((path.parent / value).resolve())
        for key, value in spec.values.items()
        if key in PATHS and value is not None
    }
    return spec.replaced(**absolute)


def parse_spec(content: object) -> tuple[Spec | None, list[Problem]]:
    """Checks the content of a run.yaml and fills in the defaults; never raises."""
    if not isinstance(content, dict):
        return None, [Problem("method", "A run is described by keys and values, starting with method.")]
    methods = declaration()["methods"]
    method = content.get("method")
    if not isinstance(method, str) or method not in methods:
        return None, [Problem("method", f"method must be one of {', '.join(methods)}.")]
    schema = methods[method]
    given = {key: _listed(key, value, schema) for key, value in content.items()}
    problems = _shape_problems(given, schema, method)
    if problems:
        return None, problems
    values = {key: given.get(key, option.get("default")) for key, option in schema["properties"].items()}
    spec = Spec(values, frozenset(key for key, value in given.items() if value is not None))
    problems = [Problem(*found) for found in broken_rules(spec.values, given)] + unsupported(spec)
    return (None, problems) if problems else (spec, [])


def _listed(key: str, value: object, schema: Mapping[str, Any]) -> object:
    """YAML authors write `loss_type: sigmoid` as readily as `loss_type: [sigmoid]`."""
    return [value] if key == "loss_type" and isinstance(value, str) else value


def _shape_problems(given: Mapping[str, Any], schema: Mapping[str, Any], method: str) -> list[Problem]:
    properties = schema["properties"]
    missing = [
        Problem(key, f"{key} is missing: {properties[key]['description']}")
        for key in schema["required"]
        if key not in given
    ]
    found: list[Problem] = []
    for key, value in given.items():
        if key not in properties:
            found.append(_unknown_key(str(key), method))
        else:
            found += _value_problems(str(key), value, properties[key], properties[key].get("description", ""), method)
    return missing + found


def _value_problems(key: str, value: Any, schema: Mapping[str, Any], says: str, method: str) -> list[Problem]:
    if "oneOf" in schema:  # peft: the shape that its method names
        return _choice_problems(key, value, schema["oneOf"], says, method)
    kinds = schema.get("type")
    choices = [{**schema, "type": kind} for kind in kinds] if isinstance(kinds, list) else schema.get("anyOf")
    if choices is not None:
        fits = [_mismatch(value, option) is None for option in choices]
        if any(fits):
            return []
        others = [option for option in choices if option.get("type") != "null"]
        reason = (_mismatch(value, others[0]) or "Invalid input") if len(others) == 1 else "Invalid input"
        return [Problem(key, f"{key}: {reason}. {says}")]
    mismatch = _mismatch(value, schema)
    return [] if mismatch is None else [Problem(key, f"{key}: {mismatch}. {says}")]


def _choice_problems(key: str, value: Any, choices: list[dict[str, Any]], says: str, method: str) -> list[Problem]:
    if not isinstance(value, dict):
        return [Problem(key, f"{key}: Invalid input: expected object, received {_type_name(value)}. {says}")]
    names = [choice["properties"]["method"]["const"] for choice in choices]
    chosen = next((c for c in choices if c["properties"]["method"]["const"] == value.get("method")), None)
    if chosen is None:
        return [Problem(f"{key}.method", f"{key}.method: Invalid input. {says} One of {', '.join(names)}.")]
    problems: list[Problem] = []
    for name, inner in value.items():
        if name not in chosen["properties"]:
            problems.append(_unknown_key(f"{key}.{name}", method))
        else:
            problems += _value_problems(f"{key}.{name}", inner, chosen["properties"][name], says, method)
    return problems


_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def _type_name(value: object) -> str:
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)


def _mismatch(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Why the value does not fit this schema, in zod's words; None where it fits."""
    if "enum" in schema:
        if value in schema["enum"]:
            return None
        return "Invalid option: expected one of " + "|".join(f'"{option}"' for option in schema["enum"])
    if "const" in schema:
        return None if value == schema["const"] and not isinstance(value, bool) else "Invalid input"
    kind = schema.get("type")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        "number": is_number,
        "integer": is_number,
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
        "null": value is None,
    }
    if kind in fits and not fits[kind]:
        expected = "number" if kind == "integer" else kind
        return f"Invalid input: expected {expected}, received {_type_name(value)}"
    if kind == "integer" and value != int(value):
        return "Invalid input: expected int, received number"
    if is_number:
        return _out_of_range(value, schema)
    if kind == "string" and len(value) < schema.get("minLength", 0):
        return f"Too small: expected string to have >={schema['minLength']} characters"
    if kind == "string" and "pattern" in schema and not re.search(schema["pattern"], value):
        return "Invalid string: must match its pattern"
    if kind == "object":
        inner = schema.get("additionalProperties", {})
        return next((reason for item in value.values() if (reason := _mismatch(item, inner))), None)
    if kind == "array":
        if len(value) < schema.get("minItems", 0):
            return f"Too small: expected array to have >={schema['minItems']} items"
        return next((reason for item in value if (reason := _mismatch(item, schema["items"]))), None)
    return None


def _out_of_range(value: float, schema: Mapping[str, Any]) -> str | None:
    name = "int" if schema.get("type") == "integer" else "number"
    if "minimum" in schema and value < schema["minimum"]:
        return f"Too small: expected {name} to be >={schema['minimum']}"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        return f"Too small: expected {name} to be >{schema['exclusiveMinimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        return f"Too big: expected {name} to be <={schema['maximum']}"
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        return f"Too big: expected {name} to be <{schema['exclusiveMaximum']}"
    return None


def _unknown_key(key: str, method: str) -> Problem:
    methods = declaration()["methods"]
    owners = [other for other in methods if key in methods[other]["properties"]]
    if owners:
        return Problem(
            key,
            f"{key} is an option of {' and '.join(owners)} runs and has no meaning in a {method} run: remove it.",
        )
    known = list(methods[method]["properties"])
    if key.startswith("peft."):
        shapes = methods[method]["properties"]["peft"]["oneOf"]
        known = [f"peft.{name}" for shape in shapes for name in shape["properties"] if name != "method"]
    near = _nearest(key, known)
    said = f"; did you mean {near}?" if near else ": remove it."
    return Problem(key, f"{key} is not an option of a {method} run{said}")


def _nearest(name: str, known: list[str]) -> str | None:
    """The known name within two edits of a misspelt one."""
    best = min(known, key=lambda other: _edits(name, other))
    return best if _edits(name, best) <= 2 else None


def _edits(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        following = [i]
        for j, right in enumerate(b, 1):
            following.append(min(row[j - 1] + (left != right), row[j] + 1, following[j - 1] + 1))
        row = following
    return row[-1]


ONNX = "run it on engine: onnx"
SHARING = ("fsdp2", "deepspeed_zero3")  # no device holds the whole model


def unsupported(spec: Spec) -> list[Problem]:
    """What the contract knows and TRL 1.16 does not: refused by name, never approximated."""
    problems: list[Problem] = []

    def refuse(key: str, message: str) -> None:
        problems.append(Problem(key, message))

    losses: list[str] = spec["loss_type"]
    if spec["engine"] != "torch" and "engine" in spec.given:
        refuse("engine", f"engine is {spec['engine']}: start it with npm run train, or set engine: torch.")
    if spec["device"] == "webgpu":
        refuse("device", f"device webgpu is the onnx engine's: remove it, or {ONNX}.")
    for loss in losses:
        if loss in declaration()["losses"]["onnxOnly"].get(spec.method, ()):
            refuse("loss_type", f"TRL has no {loss} loss: {ONNX}.")
    if spec.method == "preference":
        free = [loss for loss in losses if loss in ("cpo", "simpo", "orpo")]
        if free and len(losses) > 1:
            refuse("loss_type", f"TRL adds {free[0]} to no other loss: keep {free[0]} alone, or {ONNX}.")
        if "sigmoid" in losses and spec["label_smoothing"] > 0:
            refuse("label_smoothing", f"TRL's sigmoid loss smooths no labels since 0.29: use robust, or {ONNX}.")
        if spec["rpo_alpha"] is not None:
            refuse(
                "rpo_alpha",
                f"TRL has no rpo_alpha since 0.29: use loss_type [sigmoid, sft] with loss_weights, or {ONNX}.",
            )
        if spec["padding_free"] and free:
            refuse("padding_free", f"padding_free is not there for {free[0]}: remove it.")
        if spec["padding_free"] and spec["precompute_ref_log_probs"] is False:
            refuse("padding_free", "padding_free scores the reference beforehand: remove precompute_ref_log_probs.")
    peft = spec["peft"] or {}
    if spec.method == "reward" and peft.get("method") == "prefix":
        refuse("peft.method", f"TRL trains no reward model with a prefix: {ONNX}, or use lora.")
    if spec["load_in_4bit"] and spec["adapter"] is None and peft.get("method") != "lora":
        refuse(
            "load_in_4bit",
            "load_in_4bit freezes the model at 4 bits: set peft to a lora adapter that is trained.",
        )
    if spec.get("padding_free") and spec["attn_implementation"] in ("eager", "sdpa"):
        attention = spec["attn_implementation"]
        refuse("attn_implementation", f"{attention} attention needs padding: remove it or padding_free.")
    if spec.get("padding_free") and peft.get("method") == "prefix":
        refuse("padding_free", "padding_free leaves no room for a prefix in front of every sequence: remove it.")
    if spec["distributed"] is not None and spec["devices"] is None and spec["cluster"] is None:
        refuse(
            "distributed",
            "distributed says how several devices share the model: set devices to their number.",
        )
    if spec["distributed"] in SHARING:
        problems += _sharing_problems(spec)
    if spec["train_sampling_strategy"] == "group_by_length" and not spec["shuffle"]:
        refuse(
            "train_sampling_strategy",
            "group_by_length draws rows at random: set shuffle to true or remove it.",
        )
    if spec.method == "grpo":
        batch = (
            spec["per_device_train_batch_size"]
            * spec["gradient_accumulation_steps"]
            * (spec["devices"] or spec["num_workers"] or 1)
        )
        if batch % spec["num_generations"] != 0:
            refuse(
                "num_generations",
                f"num_generations {spec['num_generations']} must divide the answers of a step, "
                f"{batch}: change per_device_train_batch_size or gradient_accumulation_steps.",
            )
    return problems


def _sharing_problems(spec: Spec) -> list[Problem]:
    """What was tried with a shared model and failed, or gave other losses than one process gives."""
    problems: list[Problem] = []
    kind = spec["distributed"]
    peft = spec["peft"] or {}
    if peft.get("method") == "prefix":
        problems.append(Problem("peft.method", no_shared_prefix(kind)))
    if kind == "deepspeed_zero3" and spec["cluster"] is not None:
        problems.append(
            Problem("distributed", f"{kind} leaves a part of every checkpoint on each machine: use fsdp2 on a cluster.")
        )
    trains_all = spec["adapter"] is None and peft.get("method", "none") == "none"
    if trains_all and spec.needs_reference and spec["precompute_ref_log_probs"] is False:
        problems.append(
            Problem(
                "precompute_ref_log_probs",
                f"{kind} shares out the model that is trained, not a second one as its reference: remove this, and "
                "the reference scores the rows before the first step.",
            )
        )
    return problems


def no_shared_prefix(kind: str) -> str:
    return f"PEFT cannot save a prefix that {kind} has shared out: train it with distributed ddp, or use lora."

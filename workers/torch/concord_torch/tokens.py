"""Rows as TRL's trainers read them: token ids by TRL's own tokenising, with the drops that the contract tells."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import pack_dataset
from trl.chat_template_utils import get_training_chat_template
from trl.data_utils import _tokenize, common_prefix_length

from .errors import RunError
from .examples import Line, Row, check, read_lines, with_prompt
from .feedback import AssistantTurns, Parts, chain_of_hindsight, quality_conditioned
from .spec import Spec
from .weights import WEIGHT, multipliers, refuse_where_rows_join, row_weight

UNPAIRED_BLOCK = 1000  # TRL maps its dataset in blocks of this size

IDS = ("prompt_ids", "chosen_ids", "rejected_ids", "completion_ids", "input_ids")

# Of a row while it is made: whether the end of its prompt went into the answer.
PARTED = "parted"

Ids = list[int]


class Dropped(Exception):
    """Why a row cannot be trained on, as a phrase that follows "dropped because"."""


@dataclass
class Rows:
    """What one file gives: TRL's columns, the line of every row, and what was left out."""

    dataset: Dataset
    lines: list[int]
    lengths: list[int]
    examples: int  # as many as rows, unless these are packed
    dropped: list[tuple[int, str]] = field(default_factory=list)
    spelling: list[int] = field(default_factory=list)
    parted: list[int] = field(default_factory=list)  # lines whose prompt's tokens do not begin prompt + answer

    def digest(self) -> str:
        """Of the rows as they are learnt: a run resumes only on the rows it began with."""
        digest = hashlib.sha256()
        for row in self.dataset:
            digest.update(json.dumps(row, sort_keys=True).encode())
        return digest.hexdigest()

    def beyond(self, size: int) -> tuple[int, int] | None:
        """Line and id of the first token that an embedding of this size has no row for."""
        for number, row in zip(self.lines, self.dataset, strict=True):
            for column in IDS:
                found = next((token for token in row.get(column) or [] if token >= size), None)
                if found is not None:
                    return number, found
        return None


def load_rows(file: Path, spec: Spec, tokenizer: Any, *, training: bool) -> Rows:
    """Reads, checks and tokenises a file. Raises RunError naming file, row and field of the first invalid row.

    Weights of rows act in training; an evaluation counts every row once."""
    dropped: list[tuple[int, str]] = []
    lines = list(read_lines(file))
    weights = {line.number: row_weight(line) for line in lines}
    if not training:
        lines = [Line(line.file, line.number, {**line.row, WEIGHT: None}) for line in lines]
    if spec["sanitize_control_tokens"]:
        lines = [_sanitized(line) for line in lines]
    made = list(_tokenised(lines, spec, tokenizer, dropped))
    if not made:
        why = f"all were dropped: {summary(dropped)}" if dropped else "it is empty"
        use = "train" if training else "evaluate"
        raise RunError(f"{file} has no row to {use} on: {why}.")
    guarded = spec["sanitize_control_tokens"]
    spelling = [line.number for line in lines if not guarded and _spells_special_token(line.row, tokenizer)]
    parted = sorted({number for number, row in made if row.pop(PARTED)})
    if training:
        _weigh(made, weights, spec)
    dataset = Dataset.from_list([row for _, row in made])
    numbers = [number for number, _ in made]
    if spec.method == "sft" and spec["packing"]:
        # TRL counts on the right first column: seq_lengths is added by packing alone.
        dataset = pack_dataset(dataset, spec["max_length"], spec["packing_strategy"])
        numbers = numbers[:1] * len(dataset)
    lengths = [_length(row) for row in dataset]
    return Rows(dataset, numbers, lengths, len(made), dropped, spelling, parted)


def _weightless(line: Line, dropped: list[tuple[int, str]]) -> bool:
    """Whether the row, which is valid, is left out for its weight."""
    if row_weight(line) > 0:
        return False
    dropped.append((line.number, "its weight is 0"))
    return True


def _weigh(made: list[tuple[int, Row]], weights: Mapping[int, float], spec: Spec) -> None:
    """Adds to each row what its loss is multiplied by: by token for SFT, where packing joins rows."""
    sft = spec.method == "sft"
    sizes = [sum(label != -100 for label in row["labels"][1:]) if sft else 1 for _, row in made]
    factors = multipliers([weights[number] for number, _ in made], sizes)
    if factors is None:
        return
    refuse_where_rows_join(spec)
    for factor, (_, row) in zip(factors, made, strict=True):
        row[WEIGHT] = [factor] * len(row["input_ids"]) if sft else factor


def _sanitized(line: Line) -> Line:
    """The row with transformers' guard: an argument of `apply_chat_template`, to which these go."""
    given = line.row.get("chat_template_kwargs") or {}
    inputs = {"sanitize_control_tokens": True, **given} if isinstance(given, dict) else given
    return Line(line.file, line.number, {**line.row, "chat_template_kwargs": inputs})


def summary(dropped: Iterable[tuple[int, str]]) -> str:
    """ "3 rows because …; 1 row because …", most frequent reason first, without the figures in brackets."""
    counts = Counter(reason.split(" (")[0] if reason.endswith(")") else reason for _, reason in dropped)
    return "; ".join(
        f"{count} {'row' if count == 1 else 'rows'} because {reason}" for reason, count in counts.most_common()
    )


def _length(row: Mapping[str, Any]) -> int:
    if "input_ids" in row:
        return len(row["input_ids"])
    if "chosen_ids" in row:
        prompt = len(row.get("prompt_ids") or [])
        return max(prompt + len(row["chosen_ids"]), prompt + len(row["rejected_ids"]))
    if "completion_ids" in row:
        return len(row["prompt_ids"]) + len(row["completion_ids"])
    return len(str(row["prompt"]))


def _tokenised(
    lines: list[Line], spec: Spec, tokenizer: Any, dropped: list[tuple[int, str]]
) -> Iterable[tuple[int, Row]]:
    if spec.method == "kto":
        return _kto_rows(lines, spec, tokenizer, dropped)
    if spec.method == "sft":
        return _sft_rows(lines, spec, tokenizer, dropped)
    maker = {"preference": preference, "reward": reward, "grpo": _prompt_only}[spec.method]
    return _collect(lines, spec.method, dropped, lambda row: maker(row, spec["max_length"], tokenizer))


def _collect(lines: Iterable[Line], kind: str, dropped: list[tuple[int, str]], make: Any) -> Iterable[tuple[int, Row]]:
    for line in lines:
        row = check(line, kind)
        if _weightless(line, dropped):
            continue
        try:
            yield line.number, _located(line, lambda row=row: make(row))
        except Dropped as reason:
            dropped.append((line.number, str(reason)))


def _located(line: Line, work: Any) -> Any:
    """Adds file and row to what a chat template says when it refuses a row."""
    try:
        return work()
    except (Dropped, RunError):
        raise
    except Exception as error:
        raise RunError(f"{line.place}: the chat template or the tokenizer fails: {error}") from error


def _encode(tokenizer: Any, text: Any, row: Row, template: str | None = None, **options: Any) -> Any:
    if isinstance(text, str):
        return _tokenize(tokenizer, text)
    inputs = {"tools": row.get("tools"), **(row.get("chat_template_kwargs") or {})}
    if template is not None:
        inputs["chat_template"] = template
    return _tokenize(tokenizer, text, **inputs, **options)


def _closed(text: Any, tokenizer: Any) -> Any:
    """A plain answer ends with the end-of-sequence token."""
    if isinstance(text, str) and not text.endswith(tokenizer.eos_token):
        return text + tokenizer.eos_token
    return text


def _split(row: Row, sides: tuple[str, ...], tokenizer: Any) -> tuple[Ids, list[Ids], bool]:
    """Ids of the prompt, of each side behind it, and whether they part within the prompt. As in TRL, sides begin where
    prompt and prompt + side part: at the earliest such place, which is usually the prompt's end."""
    generation: dict[str, Any] = {} if isinstance(row["prompt"], str) else {"add_generation_prompt": True}
    prompt: Ids = list(_encode(tokenizer, row["prompt"], row, **generation)["input_ids"])
    wholes: list[Ids] = [
        list(_encode(tokenizer, row["prompt"] + _closed(row[side], tokenizer), row)["input_ids"]) for side in sides
    ]
    shared = min(common_prefix_length(prompt, whole) for whole in wholes)
    return prompt[:shared], [whole[shared:] for whole in wholes], shared < len(prompt)


def _refuse_long_prompt(prompt: Ids, max_length: int | None) -> None:
    if max_length is not None and len(prompt) >= max_length:
        raise Dropped(f"the prompt alone fills max_length ({max_length} tokens)")


def preference(row: Row, max_length: int | None, tokenizer: Any) -> Row:
    """DPO and its family: answers are cut at `max_length`; a prompt that fills it drops the row."""
    prompt, (chosen, rejected), parted = _split(with_prompt(row), ("chosen", "rejected"), tokenizer)
    _refuse_long_prompt(prompt, max_length)
    room = None if max_length is None else max_length - len(prompt)
    return {"prompt_ids": prompt, "chosen_ids": chosen[:room], "rejected_ids": rejected[:room], PARTED: parted}


def reward(row: Row, max_length: int | None, tokenizer: Any) -> Row:
    """Reward models: whole conversations; a pair with a side beyond `max_length` is dropped."""
    start = row.get("prompt", "" if isinstance(row["chosen"], str) else [])
    made: Row = {PARTED: False}
    for side in ("chosen", "rejected"):
        ids = list(_encode(tokenizer, start + _closed(row[side], tokenizer), row)["input_ids"])
        if max_length is not None and len(ids) > max_length:
            raise Dropped(f"{side} is longer than max_length ({len(ids)} > {max_length} tokens)")
        made[f"{side}_ids"] = ids
    return made | ({"margin": float(row["margin"])} if "margin" in row else {})


def kto(row: Row, max_length: int | None, tokenizer: Any) -> Row:
    """KTO: one answer a row, whole: TRL's collator cuts it."""
    prompt, (completion,), parted = _split(row, ("completion",), tokenizer)
    _refuse_long_prompt(prompt, max_length)
    return {"prompt_ids": prompt, "completion_ids": completion, "label": row["label"], PARTED: parted}


def _prompt_only(row: Row, _max_length: int | None, _tokenizer: Any) -> Row:
    """GRPO's trainer tokenises by itself, as it draws the answers itself."""
    return {PARTED: False} | {key: row[key] for key in ("prompt", "tools", "chat_template_kwargs") if key in row}


def _kto_rows(
    lines: list[Line], spec: Spec, tokenizer: Any, dropped: list[tuple[int, str]]
) -> Iterable[tuple[int, Row]]:
    """Comparisons are taken apart as TRL does it, all better answers of a block, then all worse ones."""
    limit = spec["max_length"]
    if lines and "chosen" in lines[0].row and "rejected" in lines[0].row:
        checked = [(line, with_prompt(check(line, "preference"))) for line in lines]
        pairs = [(line, row) for line, row in checked if not _weightless(line, dropped)]
        blocks = [pairs[i : i + UNPAIRED_BLOCK] for i in range(0, len(pairs), UNPAIRED_BLOCK)]
        single = [
            Line(
                line.file,
                line.number,
                {**_without_sides(row), "completion": row[side], "label": side == "chosen"},
            )
            for block in blocks
            for side in ("chosen", "rejected")
            for line, row in block
        ]
    else:
        single = lines
    made = list(_collect(single, "kto", dropped, lambda row: kto(row, limit, tokenizer)))
    if "apo_zero_unpaired" in spec["loss_type"]:
        return made
    # The mismatched answers: moved on by one within the batch, after the drops.
    size = spec["per_device_train_batch_size"]
    for start in range(0, len(made), size):
        block = [row for _, row in made[start : start + size]]
        for i, row in enumerate(block):
            row["KL_completion_ids"] = block[i - 1]["completion_ids"]
    return made


def _without_sides(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in ("chosen", "rejected")}


def _sft_rows(
    lines: list[Line], spec: Spec, tokenizer: Any, dropped: list[tuple[int, str]]
) -> Iterable[tuple[int, Row]]:
    template = None
    if spec["assistant_only_loss"] or spec["feedback"] == "chain_of_hindsight":
        template = _tagged_template(spec, tokenizer)
    for line in lines:
        demonstrations = _demonstrations(line, spec)
        if _weightless(line, dropped):
            continue
        for demonstration in demonstrations:
            try:
                made = _located(line, lambda d=demonstration: sft(d, spec, tokenizer, template))
            except Dropped as reason:
                dropped.append((line.number, str(reason)))
                continue
            yield line.number, made


def _tagged_template(spec: Spec, tokenizer: Any) -> str | None:
    """TRL's training template of the family, where the model's own does not mark what the assistant wrote."""
    own = tokenizer.chat_template
    if own is None or "{% generation" in own or "{%- generation" in own:
        return None
    try:
        template: str = get_training_chat_template(tokenizer)
    except ValueError as error:
        raise RunError(
            f"{spec['model']}: assistant_only_loss needs a chat template with {{% generation %}}, or one of the "
            "families that TRL knows; add the tags to the template or set chat_template_path."
        ) from error
    return template


def _demonstrations(line: Line, spec: Spec) -> list[Row | Parts | AssistantTurns]:
    if spec["feedback"] == "chain_of_hindsight":
        return [chain_of_hindsight(check(line, "hindsight"))]
    if spec["feedback"] == "quality_conditioned":
        return [*quality_conditioned(check(line, "quality"))]
    return [check(line, "sft")]


def sft(demonstration: Row | Parts | AssistantTurns, spec: Spec, tokenizer: Any, template: str | None) -> Row:
    """Ids and labels, cut at `max_length`; a row whose labels are all cut away is dropped."""
    ids, mask, parted = _masked(demonstration, spec, tokenizer, template)
    limit = None if spec["packing"] else spec["max_length"]
    if mask is not None and not spec["packing"] and 1 not in mask[:limit]:
        raise Dropped("no token that counts for the loss is left within max_length")
    labels = ids if mask is None else [token if bit else -100 for token, bit in zip(ids, mask, strict=True)]
    return {"input_ids": ids[:limit], "labels": labels[:limit], PARTED: parted}


def _masked(
    demonstration: Row | Parts | AssistantTurns, spec: Spec, tokenizer: Any, template: str | None
) -> tuple[Ids, Ids | None, bool]:
    """Ids, which of them the loss uses (None: all), and whether prompt and answer part within the prompt."""
    if isinstance(demonstration, Parts):
        return *_part_tokens(demonstration, tokenizer), False
    only_assistant = spec["assistant_only_loss"] or isinstance(demonstration, AssistantTurns)
    row = demonstration.row if isinstance(demonstration, AssistantTurns) else demonstration
    if "messages" not in row and only_assistant and isinstance(row.get("prompt", ""), str):
        raise RunError("assistant_only_loss needs conversations but the row is plain text; turn it off.")
    if "text" in row:
        return list(_encode(tokenizer, _closed(row["text"], tokenizer), row)["input_ids"]), None, False
    if "messages" in row:
        found = _encode(tokenizer, row["messages"], row, template, **_masks(only_assistant))
        ids = list(found["input_ids"])
        return ids, _assistant_mask(found) if only_assistant else None, False
    whole_loss = spec["completion_only_loss"] is False
    if not only_assistant:
        prompt, (completion,), parted = _split(row, ("completion",), tokenizer)
        mask = None if whole_loss else [0] * len(prompt) + [1] * len(completion)
        return prompt + completion, mask, parted
    prompt = list(_encode(tokenizer, row["prompt"], row, template, add_generation_prompt=True)["input_ids"])
    found = _encode(tokenizer, row["prompt"] + row["completion"], row, template, **_masks(True))
    ids = list(found["input_ids"])
    shared = common_prefix_length(prompt, ids)
    said = _assistant_mask(found)
    mask = said if whole_loss else [bit if i >= shared else 0 for i, bit in enumerate(said)]
    return ids, mask, shared < len(prompt)


def _masks(only_assistant: bool) -> dict[str, bool]:
    return {"return_assistant_tokens_mask": True} if only_assistant else {}


def _assistant_mask(found: Mapping[str, Any]) -> Ids:
    mask = list(found["assistant_masks"])
    if 1 not in mask:
        raise Dropped("it has no token written by the assistant")
    return mask


def _part_tokens(demonstration: Parts, tokenizer: Any) -> tuple[Ids, Ids]:
    """A token counts if it begins in a part that counts; the closing token counts if the last part does."""
    text = "".join(part for part, _ in demonstration.parts) + tokenizer.eos_token
    whole = list(tokenizer(text)["input_ids"])
    bare = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    added = len(whole) - len(bare["input_ids"])
    if added < 0 or whole[added:] != list(bare["input_ids"]):
        raise Dropped("its tokens cannot be aligned with its text")
    counts: list[bool] = []
    for part, counted in demonstration.parts:
        counts += [counted] * len(part)
    last = demonstration.parts[-1][1]
    starts = [start for start, _ in bare["offset_mapping"]]
    return whole, [0] * added + [int(counts[start] if start < len(counts) else last) for start in starts]


def _spells_special_token(row: Row, tokenizer: Any) -> bool:
    """Whether a text spells a special token; an end-of-sequence token that closes a text is meant as one."""

    def texts(value: object) -> Iterable[str]:
        if isinstance(value, str):
            yield value.removesuffix(tokenizer.eos_token)
        elif isinstance(value, dict):
            for inner in value.values():
                yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)

    special = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    return any(token in text for text in texts(row) for token in special)

"""Demonstrations made from judgements, in the words of workers/engine/tokenize/feedback.ts."""

from dataclasses import dataclass
from typing import Any

from .examples import Row, with_prompt


@dataclass(frozen=True)
class Parts:
    """A plain text in parts; the loss looks at those that count."""

    parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class AssistantTurns:
    """A conversation of which the loss looks at the assistant's turns."""

    row: Row


def chain_of_hindsight(row: Row) -> Parts | AssistantTurns:
    """Chain of Hindsight (arXiv 2302.02676): the worse answer, what is wrong with it, the better answer."""
    row = with_prompt(row)
    critique = row.get("critique")
    if isinstance(row["prompt"], str):
        remark = "" if critique is None else f"\n\nCritique: {critique}"
        return Parts(
            (
                (f"{row['prompt']}\n\nA worse answer:\n", False),
                (row["rejected"], True),
                (f"{remark}\n\nA better answer:\n", False),
                (row["chosen"], True),
            )
        )
    content = (
        "This answer is not good enough. Give a better one."
        if critique is None
        else f"{critique}\n\nGive a better answer."
    )
    turns = [*row["prompt"], *row["rejected"], {"role": "user", "content": content}, *row["chosen"]]
    return AssistantTurns({"messages": turns, **_template_inputs(row)})


def quality_conditioned(row: Row) -> list[Row]:
    """Quality-conditioned SFT (OpenChat, arXiv 2309.11235): every answer behind a statement of its quality."""
    if "completions" in row:
        best = max(row["scores"])
        answers = [
            (completion, "good" if score == best else "bad")
            for completion, score in zip(row["completions"], row["scores"], strict=True)
        ]
    else:
        answers = [(row["completion"], row["quality"] if "quality" in row else "good" if row["label"] else "bad")]
    return [
        {"prompt": _state_quality(row["prompt"], quality), "completion": completion, **_template_inputs(row)}
        for completion, quality in answers
    ]


def _state_quality(prompt: Any, quality: str) -> Any:
    statement = f"Answer quality: {quality}."
    if isinstance(prompt, str):
        return f"{statement}\n\n{prompt}"
    first, *rest = prompt
    if first["role"] == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{statement}"}, *rest]
    return [{"role": "system", "content": statement}, *prompt]


def _template_inputs(row: Row) -> Row:
    return {key: row[key] for key in ("tools", "chat_template_kwargs") if key in row}

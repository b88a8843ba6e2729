"""Text and assistant spans of every chat template that TRL ships, rendered by transformers' Jinja."""

import json
from pathlib import Path

import trl
from transformers.utils.chat_template_utils import _compile_jinja_template, _render_with_assistant_indices

from .rows import rows

SPECIAL = {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>", "pad_token": "<eos>"}
VISION = ("idefics", "llava", "_vl")  # they expect lists of image and text parts


def conversations(count: int):
    for form in ("sft/messages", "sft/calls"):
        for i, row in enumerate(rows(form, count, seed=5, system=True, tools=True)):
            messages = [{key: value for key, value in turn.items() if value is not None} for turn in row["messages"]]
            for turn in messages:
                for call in turn.get("tool_calls", []):
                    if i % 2:
                        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
            yield messages, json.loads(row["tools"]) if row.get("tools") else None


def renderings(count: int):
    """Conversations that a template refuses are left out: what an error says is each implementation's own."""
    for file in sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja")):
        if any(word in file.name for word in VISION):
            continue
        source = file.read_bytes().decode()
        for messages, tools in conversations(count):
            for prompt in (True, False):
                try:
                    text, spans = _render_with_assistant_indices(_compile_jinja_template(source), messages, tools, None, prompt, **SPECIAL)
                except Exception:
                    continue
                yield {"name": file.name, "template": source, "messages": messages, "tools": tools, "prompt": prompt, "text": text, "spans": spans}

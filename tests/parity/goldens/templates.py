"""Text and assistant spans of every chat template that TRL ships, rendered by transformers' Jinja."""

import json
from pathlib import Path

import trl
from transformers.utils.chat_template_utils import _compile_jinja_template, _render_with_assistant_indices

from .rows import rows

# Templates of our own, for the tokenizer "qwen", whose prompt alone does not begin prompt + answer: by its text, or by
# its tokens only ("\n\n" is one of them).
TURNS = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}"
    "{% if message.role == 'assistant' %}ANSWER{% else %}{{ message.content }}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}PROMPT{% endif %}"
)
PARTING = {
    # A thought is opened for the model, and closed at once in what it is to learn.
    "closed-thought": ("{{ '<think>\n\n</think>\n\n' + message.content }}", "{{ '<think>\n' }}"),
    # An empty thought that only the prompt has.
    "dropped-thought": ("{{ message.content }}", "{{ '<thought></thought>' }}"),
    # What stands before the end of a thought is taken off, its beginning stays in the prompt.
    "cut-thought": ("{{ message.content.split('</think>')[-1] }}", "{{ '<think>\n' }}"),
    # Only a conversation whose last turn is the assistant's keeps the space in front of the answer.
    "padded": ("{{ ' ' + message.content if loop.last else message.content }}", "{{ ' ' }}"),
}
# What a template sees of a message whose keys are null or named otherwise, and how it prints numbers.
KEYS = (
    "{% for message in messages %}{{ message.role }}{% if 'tool_calls' in message %}[calls]{% endif %}"
    "{% if message.name is defined %}[{{ message.name }}]{% endif %}{% if message.content is none %}[none]{% endif %}"
    "{% if message.reasoning_content %}<{{ message.reasoning_content }}>{% endif %}"
    "{% if message.thinking is defined %}({{ message.thinking }}){% endif %}{{ message.content }}{{ '\n' }}{% endfor %}"
)
NUMBERS = (
    "{% for tool in tools or [] %}{{ tool | tojson }}\n{{ tool | tojson(indent=2) }}\n"
    "{{ tool | tojson(separators=(',', ':'), sort_keys=true) }}\n{% endfor %}"
    "{% for message in messages %}{{ message.role }}: {{ message.content }}{% for call in message.tool_calls or [] %}"
    "{% set arguments = call.function.arguments %}{{ call | tojson }}\n{% if arguments is string %}{{ arguments }}{% else %}"
    "{% for name, value in arguments | items %}{{ name }}={{ value }} {{ value | string }} {{ name ~ ':' ~ value }}"
    "{% if value is number %}#{% elif value is string %}s{% elif value is mapping %}m{% endif %}\n{% endfor %}{% endif %}"
    "{% endfor %}\n{% endfor %}{{ limit }}"
)
OWN = {
    **{name: TURNS.replace("ANSWER", answer).replace("PROMPT", prompt) for name, (answer, prompt) in PARTING.items()},
    "keys": KEYS,
    "numbers": NUMBERS,
}

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

"""What the reference makes of texts with every pre-tokenizer that byte-level models have in their tokenizer.json."""

import json
from pathlib import Path

from tokenizers import Tokenizer

TEXTS = [
    "In 2024 the 3rd patient paid $1,234.56 -- x1y22z333, don't?",
    "\u0e51\u0e52 \u0663\u0664\u0665 \u2167 \u00b2\u00b3 \u2460 \u00bd",
    "\ufeffstart\u0085next\u00a0line\u3000end\u200b",
    "  two  spaces\t\ttabs\r\n\r\nlines \n x ",
    "caf\u00e9 e\u0301t\u00e9, na\u00efve_word; \u201cquoted\u201d \u2014 \u00bfqu\u00e9? \u3010\u6f22\u5b57\u3011\u3002",
    "\u65e5\u672c\u8a9e 123 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0939\u093f\u0928\u094d\u0926\u0940 \U0001f642\U0001f469\u200d\u2695\ufe0f",
    "",
]

BEHAVIORS = ["Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext", "Removed"]
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
GPT2 = {**BYTES, "use_regex": True}


def split(pattern: dict, behavior: str) -> dict:
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": False}


def sequence(*parts: dict) -> dict:
    return {"type": "Sequence", "pretokenizers": list(parts)}


PRE_TOKENIZERS = {
    "smollm": sequence({"type": "Digits", "individual_digits": True}, GPT2),
    "falcon": sequence(
        {"type": "Punctuation", "behavior": "Contiguous"},
        GPT2,
        {"type": "Digits", "individual_digits": False},
        split({"Regex": "[0-9][0-9][0-9]"}, "Isolated"),
    ),
    "deepseek": sequence(
        *(split({"Regex": pattern}, "Isolated") for pattern in ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥]+"]),
        {"type": "Digits", "individual_digits": True},
        BYTES,
    ),
    "words": sequence({"type": "Whitespace"}, BYTES),
    "spaces": sequence({"type": "WhitespaceSplit"}, BYTES),
    **{f"punctuation {name}": sequence({"type": "Punctuation", "behavior": name}, BYTES) for name in BEHAVIORS},
    **{f"text {name}": sequence(split({"String": " "}, name), BYTES) for name in BEHAVIORS},
    **{f"pattern {name}": sequence(split({"Regex": r"\s?\p{L}+|[\r\n]"}, name), BYTES) for name in BEHAVIORS},
}


def splitters(tokenizer: Path) -> dict:
    file = json.loads((tokenizer / "tokenizer.json").read_text())
    cases = []
    for name, pre_tokenizer in PRE_TOKENIZERS.items():
        reference = Tokenizer.from_str(json.dumps({**file, "pre_tokenizer": pre_tokenizer}))
        ids = [reference.encode(text).ids for text in TEXTS]
        cases.append({"name": name, "pre_tokenizer": pre_tokenizer, "ids": ids})
    return {"texts": TEXTS, "cases": cases}

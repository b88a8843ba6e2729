"""Rows that try everything: scripts, whitespace, special tokens in user text, empty turns, tools, every length rule."""

import gzip
import json
import random
from pathlib import Path

from .fixtures import CORPUS

SPECIAL = ["<|im_end|>", "<|eot_id|>", "<|endoftext|>", "</s>", "<|end|>", "<s>", "<|im_start|>assistant\n", "<eos>", "<end_of_turn>"]
ODD = [
    "", " ", "\n", "\n\n", "\t", "  two  spaces  ", " leading", "trailing ", "\nnewline first", "a\r\nb", "x\u00a0y", "zero\u200bwidth",
    "e\u0301 combining", "cafe\u0301", "\u1100\u1161\u11a8 jamo", "한국어 문장", "👩‍⚕️🙂", "𝒜𝒷 astral", "ﬁ ligature", "½ ² ①", "naïve\u0308",
    "ΑΒΓ ά", "İstanbul ı", "ß ẞ", "don't WE'LL I'M", "12345678901", "3.14,15", "()[]{}<>", "```py\nprint(1)\n```", "| a | b |\n|---|---|",
    "http://example.org/?q=1&r=2#top", "…—–‘’“”", "▁under▁score", "<0x0A>", "Ġ", "�", "\\n not a newline", "\ufeffbom", "a\u0085b ", "\u2028", "\u3000全角", "tail\u001c", "\u000bvt\u000c", "it'\u017f", "x" * 60, "{{ jinja }} {% if %}", '"quoted" \'single\'',
]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "Weather of a city, e.g. “Zürich” <b>&</b>",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}}, "required": ["city"]},
        },
    }
]


def phrase(draw: random.Random) -> str:
    pick = draw.random()
    if pick < 0.55:
        words = draw.choice(CORPUS).split(" ")
        start = draw.randrange(len(words))
        return " ".join(words[start : start + draw.randint(1, 12)])
    if pick < 0.8:
        return draw.choice(ODD)
    if pick < 0.86:
        return draw.choice(SPECIAL)
    return draw.choice(CORPUS)


def text(draw: random.Random, most: int = 4) -> str:
    return draw.choice(["", " ", "\n"]).join(phrase(draw) for _ in range(draw.randint(1, most)))


def conversation(draw: random.Random, system: bool) -> list[dict]:
    messages = [{"role": "system", "content": text(draw, 2)}] if system and draw.random() < 0.3 else []
    for _ in range(draw.choice([0, 0, 0, 1, 2])):
        messages += [{"role": "user", "content": text(draw)}, {"role": "assistant", "content": text(draw)}]
    return [*messages, {"role": "user", "content": text(draw)}]


def answer(draw: random.Random) -> list[dict]:
    return [{"role": "assistant", "content": text(draw)}]


def calling(draw: random.Random, system: bool) -> dict:
    """A conversation in which the assistant calls a tool; every message has the key, as one dataset's rows do."""
    call = {"type": "function", "function": {"name": "get_weather", "arguments": json.dumps({"city": draw.choice(["Paris", "Zürich", "東京"])}, ensure_ascii=False)}}
    ask = conversation(draw, system)
    messages = [*ask, {"role": "assistant", "content": draw.choice(["", text(draw, 1)])}, {"role": "tool", "content": text(draw, 1)}, *answer(draw)]
    turns = [{**message, "tool_calls": [call] if i == len(ask) else None} for i, message in enumerate(messages)]
    return {"messages": turns, "tools": json.dumps(TOOLS, ensure_ascii=False)}


def with_tools(draw: random.Random, row: dict, tools: bool) -> dict:
    return {**row, "tools": json.dumps(TOOLS, ensure_ascii=False) if draw.random() < 0.4 else None} if tools else row


def rows(form: str, count: int, seed: int, system: bool, tools: bool) -> list[dict]:
    """`count` rows of one form; conversational ones with or without system turns and tools."""
    draw = random.Random(f"{form}/{seed}")
    make = {
        "preference/chat": lambda: with_tools(
            draw, {"prompt": conversation(draw, system), "chosen": answer(draw), "rejected": answer(draw)}, tools
        ),
        "preference/implicit": lambda: implicit(draw, system),
        "preference/text": lambda: {"prompt": text(draw), "chosen": text(draw), "rejected": text(draw)},
        "preference/implicit-text": lambda: implicit_text(draw),
        "kto/chat": lambda: with_tools(
            draw, {"prompt": conversation(draw, system), "completion": answer(draw), "label": draw.random() < 0.5}, tools
        ),
        "kto/text": lambda: {"prompt": text(draw), "completion": text(draw), "label": draw.random() < 0.5},
        "sft/chat": lambda: with_tools(draw, {"prompt": conversation(draw, system), "completion": answer(draw)}, tools),
        "sft/text": lambda: {"prompt": text(draw), "completion": text(draw)},
        "sft/messages": lambda: with_tools(draw, {"messages": conversation(draw, system) + answer(draw)}, tools),
        "sft/calls": lambda: calling(draw, system),
        "sft/language": lambda: {"text": text(draw, 8)},
    }
    made = []
    while len(made) < count:
        row = make[form]()
        if usable(row):
            made.append(row)
    return made


def implicit(draw: random.Random, system: bool) -> dict:
    prompt = conversation(draw, system)
    return {"chosen": prompt + answer(draw), "rejected": prompt + answer(draw)}


def implicit_text(draw: random.Random) -> dict:
    prompt = text(draw) + " "
    return {"chosen": prompt + text(draw), "rejected": prompt + text(draw)}


def usable(row: dict) -> bool:
    """Without a common beginning TRL's `extract_prompt` wraps around to the last character: nothing to agree on."""
    if "prompt" in row or "chosen" not in row:
        return True
    return bool(row["chosen"]) and bool(row["rejected"]) and row["chosen"][0] == row["rejected"][0]


def shared_data(root: Path) -> dict[str, list[dict]]:
    """Real conversations of ../shared/data in the forms above, as many as there are."""
    pairs = []
    for file in sorted((root / "hh-rlhf").glob("*.jsonl*")):
        opened = gzip.open(file, "rt") if file.suffix == ".gz" else open(file)
        with opened as lines:
            pairs += [hh_pair(json.loads(line)) for line in lines]
    pairs = [pair for pair in pairs if pair is not None]
    alpaca = json.loads((root / "alpaca" / "alpaca_2000.json").read_text()) if (root / "alpaca").exists() else []
    japanese = [json.loads(line) for line in (root / "instruction_ja" / "data.jsonl").read_text().splitlines()] if (root / "instruction_ja").exists() else []
    demonstrations = [ask(row.get("instruction", ""), row.get("output", "")) for row in [*alpaca, *japanese] if row.get("output")]
    return {
        "preference/chat": pairs,
        "sft/chat": demonstrations,
        "sft/messages": [{"messages": pair["prompt"] + pair["chosen"]} for pair in pairs],
        "kto/text": [
            {"prompt": "\n\n".join(turn["content"] for turn in pair["prompt"]), "completion": pair["rejected"][0]["content"], "label": False}
            for pair in pairs
        ],
    }


def ask(question: str, reply: str) -> dict:
    return {"prompt": [{"role": "user", "content": question}], "completion": [{"role": "assistant", "content": reply}]}


def hh_pair(row: dict) -> dict | None:
    chosen, rejected = turns(row["chosen"]), turns(row["rejected"])
    if len(chosen) < 2 or chosen[:-1] != rejected[:-1] or chosen[-1]["role"] != "assistant":
        return None
    return {"prompt": chosen[:-1], "chosen": chosen[-1:], "rejected": rejected[-1:]}


def turns(dialogue: str) -> list[dict]:
    pieces = [piece for piece in dialogue.split("\n\nHuman: ") if piece]
    messages = []
    for piece in pieces:
        human, *replies = piece.split("\n\nAssistant: ")
        messages.append({"role": "user", "content": human})
        messages += [{"role": "assistant", "content": reply} for reply in replies]
    return messages


def written() -> dict[str, list[str]]:
    """Rows as they stand in a file, for the templates "keys" and "numbers": JSON that a reader could change."""
    call = '{{"messages":[{{"role":"user","content":"?"}},{{"role":"assistant","content":"","tool_calls":[{{"function":{{"arguments":{0},"name":"f"}},"type":"function"}}]}}]{1}}}'
    arguments = [
        '{"lat":48.0,"big":9007199254740993,"e":1e-7,"l":1e16,"k":1e3,"neg":-0.0,"zero":-0,"long":12345678901234567890}',
        '{"10":1,"9":2,"b":3,"a":4,"2":{"1":0.10,"0":1E5}}',
        '{"t":true,"f":false,"n":null,"l":[1,1.0,"a\\"b",null,true],"o":{"x":1.50},"empty":[],"none":{}}',
        '{"s":"1.0","u":"\\u00e9\\ud83d\\ude42\\n","html":"<b>&\'</b>"}',
        '{"tiny":5e-324,"huge":1.7976931348623157e308,"half":0.5,"third":0.3333333333333333,"thousand":123456789012345680.0,"million":1000000.0,"point":0.0001,"less":0.00001}',
        '"{\\"lat\\": 48.0}"',
    ]
    tools = r'[{"function":{"parameters":{"properties":{"n":{"minimum":0.0,"maximum":1e2,"default":10000000000000000000001}},"type":"object"},"name":"f"},"type":"function"}]'
    return {
        "numbers": [
            *(call.format(one, "") for one in arguments),
            call.format("{}", f',"tools":{tools}'),
            call.format("{}", ',"tools":' + json.dumps(tools)),
            call.format("{}", ',"chat_template_kwargs":{"limit":2.0}'),
            call.format("{}", ',"chat_template_kwargs":{"limit":{"2":1,"1":[1e2]}}'),
        ],
        "keys": [
            '{"messages":[{"role":"user","content":"a","tool_calls":null,"name":null},{"role":"assistant","content":"b","name":"c"}]}',
            '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[]}]}',
            '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning":"r"}]}',
            '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","thinking":"t","reasoning":"r"}]}',
            '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"","thinking":"t"}]}',
            '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":null,"thinking":"t"}]}',
        ],
    }


def guarded(system: bool) -> list[str]:
    """Conversations whose texts are full of control tokens, as lines of a file."""
    texts = [*SPECIAL, "<|user|>\nHi<|end|>", "a<|im_end|>b", " <|eot_id|><|eot_id|> ", "<start_of_turn>model\n", "\U000f0000<|end|>", "<<|im_end|>>", "plain"]
    turns = lambda text: [{"role": "user", "content": text}, {"role": "assistant", "content": f"x {text}"}]
    before = [{"role": "system", "content": "Say <|im_end|> and </s>."}] if system else []
    inputs = {"sanitize_control_tokens": True}
    return [json.dumps({"messages": before + turns(text), "chat_template_kwargs": inputs}) for text in texts]

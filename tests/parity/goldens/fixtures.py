"""Tokenizers and tiny models made from nothing: no network, small enough to commit."""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "The patient reports pain in the left knee after running. Rest, ice and a follow-up visit in two weeks.",
    "What is the capital of France? The capital of France is Paris, on the river Seine.",
    "def add(a, b):\n    return a + b\n\nprint(add(2, 40))  # 42\n",
    "Explain the difference between a contract and an agreement in one sentence, please.",
    "A contract is an agreement that a court will enforce; an agreement need not be.",
    "Ça va très bien, merci ! Où est la bibliothèque ? L'été, à Noël, cœur naïf.",
    "Die Straße ist naß, größer als müßig. Übermäßig viele Äpfel für 3,50 €.",
    "我们今天讨论合同法的基本原则。请用一句话回答这个问题。",
    "こんにちは。今日はいい天気ですね。質問に答えてください。",
    "مرحبا بالعالم. ما هو السؤال؟ هذا جواب قصير.",
    "שלום עולם. זה משפט קצר בעברית.",
    "Здравствуйте! Как ваши дела? Объясните разницу.",
    "1 2 3 10 100 1000 2024 3.14159 1,000,000 50% $99.99 (a) [b] {c} <d> #e @f",
    "I think you're right, it's what we've said; they'll see that he'd known.",
    "emoji 🙂 🎉 👩‍⚕️ and symbols → ≤ ∑ √ ∞ ½",
    "user assistant system tool\n\nHuman: hello\n\nAssistant: hi there, how can I help you today?",
    '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}',
]

LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN_SPLIT = LLAMA3_SPLIT.replace(r"\p{N}{1,3}", r"\p{N}")

LLAMA3_TEMPLATE = """{%- for message in messages %}
{%- if loop.first %}{{ bos_token }}{%- endif %}
{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}
{%- if message['role'] == 'assistant' %}
{%- generation %}{{- message['content'] | trim + '<|eot_id|>' }}{%- endgeneration %}
{%- else %}{{- message['content'] | trim + '<|eot_id|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"""

# The tags stand on lines of their own here, so that trim_blocks and lstrip_blocks matter; the newline after
# <|im_end|> lies outside the mask.
CHATML_TEMPLATE = """{% if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}Tools:
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{% for message in messages %}
  {% if message.role == 'assistant' %}
<|im_start|>assistant
    {% generation %}
{{- message.content or '' }}{% for call in message.tool_calls or [] %}<tool_call>{{ call | tojson }}</tool_call>{% endfor %}<|im_end|>
    {%- endgeneration %}

  {% elif message.role != 'system' or not loop.first %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
  {% endif %}
{% endfor %}
{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

# Phi-3's layout: the marks are followed by a newline that the tokenizer's rstrip swallows; no generation tags.
PHI3_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}"
)

# Only the words of the answer are marked: spans start and end inside words, at spaces and in emoji.
WORDS_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' }}{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] }}{% endgeneration %}{% else %}{{ message['content'] }}{% endif %}"
    "{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)

GEMMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)


# What the engine's own tagged templates must amount to where the model's template has no tags.
TAGGED = {
    "phi3": (
        "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' }}{% if message['role'] == 'assistant' %}"
        "{% generation %}{{ message['content'] + '<|end|>\\n' }}{% endgeneration %}{% else %}"
        "{{ message['content'] + '<|end|>\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}"
        "{{ '<|assistant|>\\n' }}{% else %}{% generation %}{{ eos_token }}{% endgeneration %}{% endif %}"
    ),
    "gemma": (
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ '<start_of_turn>model\\n' }}"
        "{% generation %}{{ message['content'] | trim + '<end_of_turn>\\n' }}{% endgeneration %}{% else %}"
        "{{ '<start_of_turn>' + message['role'] + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
    ),
}


def byte_level_bpe(split: str | None, special: list[str], vocab_size: int = 700) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    if split is None:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(split), behavior="isolated", invert=False),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=alphabet, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def llama3() -> Tokenizer:
    special = ["<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
    tokenizer = byte_level_bpe(LLAMA3_SPLIT, special)
    bos = "<|begin_of_text|>"
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=True),
            processors.TemplateProcessing(single=f"{bos} $A", pair=f"{bos} $A $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]),
        ]
    )
    return tokenizer


def qwen() -> Tokenizer:
    tokenizer = byte_level_bpe(QWEN_SPLIT, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def gpt2() -> Tokenizer:
    tokenizer = byte_level_bpe(None, ["<|endoftext|>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return tokenizer


def phi3() -> Tokenizer:
    """SentencePiece's BPE as converted for Llama 2 and Phi-3: ▁ in front, bytes for unknown characters."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    words = [word for line in CORPUS for word in ("▁" + line.replace(" ", "▁")).replace("▁", " ▁").split(" ") if word]
    bare = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    bare.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    latin = [word for word in words if all(ord(character) < 0x250 or character == "▁" for character in word)]
    bare.train_from_iterator(latin, trainers.BpeTrainer(vocab_size=900, special_tokens=special, show_progress=False))
    state = json.loads(bare.to_str())
    target = json.loads(tokenizer.to_str())
    target["model"]["vocab"] = state["model"]["vocab"]
    target["model"]["merges"] = state["model"]["merges"]
    tokenizer = Tokenizer.from_str(json.dumps(target))
    from tokenizers import AddedToken

    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in ["<unk>", "<s>", "</s>"]])
    marks = ["<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, rstrip=True, special=True) for text in marks])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def gemma() -> Tokenizer:
    """Gemma's BPE: spaces are ▁ everywhere, nothing is put in front, bytes for unknown characters."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous", invert=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    latin = [line for line in CORPUS if all(ord(character) < 0x250 for character in line)]
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=special + bytes_, show_progress=False)
    bare = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    bare.normalizer = normalizers.Replace(" ", "▁")
    bare.pre_tokenizer = pre_tokenizers.Split(Regex(r"▁?[^▁]+|▁"), behavior="isolated", invert=False)
    bare.train_from_iterator(latin, trainer)
    state, target = json.loads(bare.to_str()), json.loads(tokenizer.to_str())
    target["model"]["vocab"], target["model"]["merges"] = state["model"]["vocab"], state["model"]["merges"]
    tokenizer = Tokenizer.from_str(json.dumps(target))
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", tokenizer.token_to_id("<bos>"))]
    )
    return tokenizer


TOKENIZERS = {
    # pad falls back to eos
    "llama3": (llama3, LLAMA3_TEMPLATE, {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}),
    "qwen": (qwen, CHATML_TEMPLATE, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
    "gpt2": (gpt2, WORDS_TEMPLATE, {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}),
    "phi3": (phi3, PHI3_TEMPLATE, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"}),
    "gemma": (gemma, GEMMA_TEMPLATE, {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}),
}


def write_tokenizer(name: str, directory: Path) -> None:
    """A directory as `save_pretrained` writes it, with the old or new place of the chat template by turns."""
    build, template, named = TOKENIZERS[name]
    directory.mkdir(parents=True, exist_ok=True)
    build().save(str(directory / "tokenizer.json"), pretty=False)
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 1_000_000, **named}
    if name in ("qwen", "gpt2"):
        config["chat_template"] = template
    else:
        (directory / "chat_template.jinja").write_text(template)
    (directory / "tokenizer_config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1))


def load_tokenizer(directory: Path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory)
    if tokenizer.pad_token is None:  # as every TRL trainer does
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer

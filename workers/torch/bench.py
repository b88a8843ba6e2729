"""How fast the torch engine is beside TRL's defaults: DPO with LoRA on the same card, step by step in turn.

    python workers/torch/bench.py                      both large shapes, writes bench-gpu.md
    python workers/torch/bench.py --shape tiny --steps 3   that it runs, on any machine

Needs nothing but this folder and its environment (npm run torch:setup): models have random weights, rows have the
lengths of 512 pairs of HH-RLHF helpful (bench_lengths.json: prompt, chosen, rejected, at 4.4 characters a token).
Each side is a process of its own that takes one optimizer step when it is asked to, so both meet the same state of
the machine. Both begin with the same adapter and see the same rows; their losses are compared over all steps.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHAPES: dict[str, dict[str, Any]] = {
    "tiny": {
        "type": "llama",
        "vocab_size": 2048,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
    "qwen2.5-1.5b": {
        "type": "qwen2",
        "vocab_size": 151936,
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
    },
    "llama-3.1-8b": {
        "type": "llama",
        "vocab_size": 128256,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
}
# Dense bf16 of the cards this is likely to meet, in TFLOP/s, by a part of their names.
PEAKS = {"H200": 989, "H100": 989, "B200": 2250, "A100": 312, "L40S": 362, "4090": 165}
WORDS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=[*SHAPES, "large"], default="large")
    parser.add_argument("--steps", type=int, default=20, help="steps that are measured and compared")
    parser.add_argument("--batch", type=int, default=8, help="pairs of a step")
    parser.add_argument("--out", type=Path, default=Path("bench-gpu.md"))
    parser.add_argument("--side", choices=["ours", "trl"], help=argparse.SUPPRESS)
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side(options.side, options.run)
        return
    shapes = ["qwen2.5-1.5b", "llama-3.1-8b"] if options.shape == "large" else [options.shape]
    tables = [measure(shape, options.steps, options.batch) for shape in shapes]
    options.out.write_text("\n\n".join([heading(), *tables]) + "\n", encoding="utf8")
    print(options.out.read_text(encoding="utf8"))


def heading() -> str:
    import torch
    import transformers
    import trl

    card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU: the figures say nothing of one"
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, TRL {trl.__version__}"
    return (
        f"# DPO with LoRA: the torch engine beside TRL's defaults\n\n{datetime.now(UTC):%Y-%m-%d} · {card} · "
        f"{versions}\n\nTokens are those that are not padding. MFU counts the policy's forward and backward pass over "
        "them (4 operations a weight, the head at answers only, attention besides); scoring the reference is no part "
        "of it. TRL's defaults: gradient checkpointing, float32 weights under bf16 autocast, padding, the reference "
        "scored in every step. Ours: no checkpointing where memory allows, frozen weights in bf16, no padding, the "
        "reference scored once (its seconds are in the last column and in the pairs/s of one epoch)."
    )


def measure(shape: str, steps: int, batch: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = make_model(shape, folder / "model")
        # Warm-up takes two steps more.
        rows = make_rows(folder / "train.jsonl", (steps + 2) * batch)
        (folder / "run.json").write_text(json.dumps({"model": str(model), "batch": batch, "steps": steps + 2}))
        sides = {kind: Side(kind, folder) for kind in ("trl", "ours")}
        told = {kind: one.start() for kind, one in sides.items()}
        taken: dict[str, list[dict[str, Any]]] = {kind: [] for kind in sides}
        for step in range(steps + 2):
            for kind in ("trl", "ours") if step % 2 else ("ours", "trl"):
                taken[kind].append(sides[kind].step())
        for one in sides.values():
            one.end()
    return report(shape, batch, rows, told, taken)


def report(
    shape: str, batch: int, rows: list[list[int]], told: dict[str, Any], taken: dict[str, list[dict[str, Any]]]
) -> str:
    lines = [
        f"## {shape}, {batch} pairs a step, {len(taken['ours']) - 2} steps\n",
        "| | tokens/s | pairs/s | pairs/s of an epoch | peak memory | MFU | reference |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    speeds = {}
    for kind, title in (("trl", "TRL's defaults"), ("ours", "Concord")):
        seconds = sum(step["seconds"] for step in taken[kind][2:])
        measured = rows[2 * batch :]
        tokens = sum(2 * prompt + chosen + rejected for prompt, chosen, rejected in measured)
        flops = step_flops(SHAPES[shape], measured)
        reference = told[kind]["reference_seconds"]
        epoch = len(measured) / (seconds + reference * len(measured) / len(rows))
        peak = told[kind]["peak_flops"]
        mfu = f"{100 * flops / seconds / peak:.0f} %" if peak else "–"
        speeds[kind] = tokens / seconds
        memory = taken[kind][-1]["peak_bytes"] / 2**30
        lines.append(
            f"| {title} | {tokens / seconds:,.0f} | {len(measured) / seconds:.2f} | {epoch:.2f} | {memory:.1f} GiB | "
            f"{mfu} | {reference:.1f} s |"
        )
    apart = max(abs(a["loss"] - b["loss"]) for a, b in zip(taken["ours"], taken["trl"], strict=True))
    lines.append(
        f"\nConcord is {speeds['ours'] / speeds['trl']:.2f} times as fast. The losses of all steps differ by at most "
        f"{apart:.4f} (first {taken['trl'][0]['loss']:.4f} and {taken['ours'][0]['loss']:.4f}, "
        f"last {taken['trl'][-1]['loss']:.4f} and {taken['ours'][-1]['loss']:.4f})."
    )
    return "\n".join(lines)


def step_flops(shape: dict[str, Any], rows: list[list[int]]) -> float:
    """Operations that the policy's passes over these pairs take: forward 2 a weight, backward 2, weights frozen."""
    hidden, inner, heads = shape["hidden_size"], shape["intermediate_size"], shape["num_attention_heads"]
    small = hidden // heads * shape["num_key_value_heads"]
    layer = hidden * (2 * hidden + 2 * small + 3 * inner)
    body = layer * shape["num_hidden_layers"]
    total = 0.0
    for prompt, chosen, rejected in rows:
        for answer in (chosen, rejected):
            length = prompt + answer
            attention = shape["num_hidden_layers"] * 2 * hidden * length * length / 2 * 3.5  # causal; backward is 2.5
            total += 4 * (body * length + hidden * shape["vocab_size"] * answer) + attention
    return total


class Side:
    """A trainer in its own process, one step for each line it is sent."""

    def __init__(self, kind: str, folder: Path) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), "--side", kind, "--run", str(folder)]
        environment = {**os.environ, "PYTHONPATH": str(HERE), "XDG_CACHE_HOME": str(folder / f"cache-{kind}")}
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def _answer(self) -> dict[str, Any]:
        assert self.child.stdout
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit("A side of the bench ended early; its error is above.")
        parsed: dict[str, Any] = json.loads(line)
        return parsed

    def start(self) -> dict[str, Any]:
        return self._answer()

    def step(self) -> dict[str, Any]:
        assert self.child.stdin
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return self._answer()

    def end(self) -> None:
        self.child.kill()
        self.child.wait()


def make_model(shape: str, target: Path) -> Path:
    """Random weights in bf16, and a tokenizer of one token a word, so that rows have the lengths they should."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

    fields = {key: value for key, value in SHAPES[shape].items() if key != "type"}
    special = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = AutoConfig.for_model(SHAPES[shape]["type"], **fields, **special, max_position_embeddings=4096)
    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(target)
    vocabulary = {"<pad>": 0, "<s>": 1, "</s>": 2, **{f"w{i}": i + 3 for i in range(WORDS)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    named = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named).save_pretrained(target)
    return target


def make_rows(file: Path, count: int) -> list[list[int]]:
    """Writes `count` pairs and returns their lengths; the end-of-sequence token is one of an answer's."""
    lengths = json.loads((HERE / "bench_lengths.json").read_text())
    draw = random.Random(0)
    chosen = [lengths[i % len(lengths)] for i in range(count)]
    chosen = [[min(p, 1500), max(a, 2), max(b, 2)] for p, a, b in chosen]

    def words(number: int) -> str:
        return " ".join(f"w{draw.randrange(WORDS)}" for _ in range(number))

    with file.open("w", encoding="utf8") as out:
        for prompt, good, bad in chosen:
            row = {"prompt": words(prompt), "chosen": f" {words(good - 1)} </s>", "rejected": f" {words(bad - 1)} </s>"}
            out.write(json.dumps(row) + "\n")
    return chosen


def side(kind: str, folder: Path) -> None:
    """One trainer: says when it is ready, then takes a step for each line on standard input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TQDM_DISABLE="1")
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    given = json.loads((folder / "run.json").read_text())
    reference = [0.0]

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    def synchronize() -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    class InTurn(transformers.TrainerCallback):  # type: ignore[misc]
        began = 0.0
        seconds = 0.0

        def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            for name, weight in model.named_parameters():  # both sides begin with the same adapter
                if "lora_A" in name:
                    key = zlib.crc32(name.removeprefix("module.").encode())
                    drawn = torch.empty(weight.shape).uniform_(
                        -(weight.shape[1] ** -0.5),
                        weight.shape[1] ** -0.5,
                        generator=torch.Generator().manual_seed(key),
                    )
                    weight.data.copy_(drawn)
            answer({"reference_seconds": reference[0], "peak_flops": peak_flops()})

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            if not sys.stdin.readline():
                os._exit(0)
            synchronize()
            self.began = time.perf_counter()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            synchronize()
            self.seconds = time.perf_counter() - self.began

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs and "loss" in logs:
                answer({"seconds": self.seconds, "loss": logs["loss"], "peak_bytes": peak_bytes()})

    if kind == "ours":
        _ours(folder, given, InTurn(), reference)
    else:
        _trl(folder, given, InTurn())


LORA = {"r": 16, "lora_alpha": 32, "target_modules": "all-linear"}


def _ours(folder: Path, given: dict[str, Any], callback: Any, reference: list[float]) -> None:
    from concord_torch import trainers
    from concord_torch.run import run

    score = trainers.Referenced._precompute_ref_logps

    def timed(self: Any, *args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        made = score(self, *args, **kwargs)
        reference[0] += time.perf_counter() - began
        return made

    trainers.Referenced._precompute_ref_logps = timed  # type: ignore[method-assign]
    spec = {
        "method": "preference",
        "engine": "torch",
        "model": given["model"],
        "train": str(folder / "train.jsonl"),
        "output": str(folder / "ours"),
        "peft": {"method": "lora", **LORA},
        "per_device_train_batch_size": given["batch"],
        "max_steps": given["steps"],
        "max_length": 2048,
        "learning_rate": 1e-4,
        "logging_steps": 1,
        "save_steps": 1_000_000,
        "shuffle": False,
        "bf16": True,
        "padding_free": True,
    }
    (folder / "run.yaml").write_text(json.dumps(spec))
    run(folder / "run.yaml", callbacks=[callback])


def _trl(folder: Path, given: dict[str, Any], callback: Any) -> None:
    import torch
    from datasets import load_dataset
    from peft import LoraConfig
    from trl import DPOConfig, DPOTrainer

    args = DPOConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=given["batch"],
        max_steps=given["steps"],
        max_length=2048,
        learning_rate=1e-4,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        train_sampling_strategy="sequential",
        use_cpu=not torch.cuda.is_available(),
        # All else is TRL's default: bf16, gradient checkpointing, the reference in every step.
    )
    DPOTrainer(
        model=given["model"],
        args=args,
        train_dataset=load_dataset("json", data_files=str(folder / "train.jsonl"), split="train"),
        peft_config=LoraConfig(task_type="CAUSAL_LM", **LORA),
        callbacks=[callback],
    ).train()


def peak_bytes() -> int:
    import resource

    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_reserved())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def peak_flops() -> float | None:
    import torch

    if not torch.cuda.is_available():
        return None
    name = torch.cuda.get_device_name(0)
    return next((peak * 1e12 for part, peak in PEAKS.items() if part in name), None)


if __name__ == "__main__":
    main()

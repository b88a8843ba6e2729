"""What the platform relies on: stopping, resuming, killing, too little memory, several processes, bad input."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import Gemma2Config, Gemma2ForCausalLM

from concord_torch import __main__ as command
from concord_torch.errors import RunError
from concord_torch.run import run
from concord_torch.trainers import Prepared

from .runs import GOLDEN, copied_run, events, metrics

PACKAGE = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1"}


def curve(output: Path) -> list[dict[str, Any]]:
    """Metrics but for when and how fast."""
    return [{key: value for key, value in event.items() if key != "time"} for event in metrics(output)]


def kinds(output: Path) -> list[str]:
    return [event["type"] for event in events(output)]


@pytest.mark.parametrize(("name", "logging"), [("dpo-sigmoid-llama", 3), ("orpo-qwen3", 1)])
def test_a_stopped_run_resumes_with_the_same_curve(name: str, logging: int, tmp_path: Path) -> None:
    options: dict[str, Any] = {"max_steps": 10, "shuffle": True, "save_steps": 4, "logging_steps": logging}
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    assert run(copied_run(name, whole, **options)) == "done"

    spec = copied_run(name, parted, **options)
    seen: list[int] = []
    assert run(spec, on_step=lambda status: seen.append(status.step), should_stop=lambda: len(seen) == 4) == ("stopped")
    assert kinds(parted / "out")[-2:] == ["checkpoint", "log"]
    # Killed while it wrote a line and a checkpoint:
    with (parted / "out" / "events.jsonl").open("a") as file:
        file.write('{"type":"metrics","step":7,"lo')
    (parted / "out" / "checkpoints" / "checkpoint-8").mkdir()
    assert run(spec, resume=True) == "done"

    assert curve(parted / "out") == curve(whole / "out")
    assert [event["step"] for event in metrics(whole / "out")][-1] == 10
    assert kinds(parted / "out").count("done") == 1
    assert sorted(path.name for path in (parted / "out" / "checkpoints").iterdir()) == [
        "step-10",
        "step-4",
        "step-5",
        "step-8",
    ]
    same = [(folder / "out/output/adapter_model.safetensors").read_bytes() for folder in (whole, parted)]
    assert same[0] == same[1]


def test_a_signal_saves_and_a_kill_loses_only_what_came_after_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = copied_run("sft-llama", tmp_path, max_steps=400, save_steps=5)
    arguments = [sys.executable, "-m", "concord_torch", str(spec)]
    output = tmp_path / "out"

    first = subprocess.Popen(arguments, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: (output / "checkpoints" / "step-5").exists(), first)
    first.send_signal(signal.SIGTERM)
    assert first.wait(240) == 143
    stopped_at = events(output)[-2]["step"]
    assert events(output)[-2]["type"] == "checkpoint"

    second = subprocess.Popen([*arguments, "--resume"], env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    wait_for(lambda: (output / "checkpoints" / f"step-{stopped_at // 5 * 5 + 5}").exists(), second)
    second.kill()
    second.wait()
    steps = [event["step"] for event in metrics(output)]
    assert steps == list(range(1, len(steps) + 1))

    monkeypatch.setattr(sys, "argv", ["concord_torch", str(spec), "--resume", "--finish"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 0
    done = events(output)[-1]
    assert done["type"] == "done" and done["step"] % 5 == 0 and done["step"] > stopped_at - 5
    assert (output / "output" / "adapter_model.safetensors").exists()


def wait_for(condition: Any, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 240
    while not condition():
        assert process.poll() is None, "the run ended early"
        assert time.monotonic() < until
        time.sleep(0.05)


def test_out_of_memory_is_retried_once_with_half_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Prepared.training_step

    def fails_on_four(self: Any, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if self.args.per_device_train_batch_size == 4 and self.state.global_step == 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return step(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(Prepared, "training_step", fails_on_four)
    options: dict[str, Any] = {"max_steps": 5, "save_steps": 2, "retry_on_out_of_memory": True}
    retried = copied_run("sft-llama", tmp_path / "retried", **options)
    monkeypatch.setattr(sys, "argv", ["concord_torch", str(retried)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 0
    messages = [event["message"] for event in events(tmp_path / "retried/out") if event["type"] == "log"]
    assert any("once more with per_device_train_batch_size 2 and gradient_accumulation_steps 4" in m for m in messages)
    assert [event["step"] for event in metrics(tmp_path / "retried/out")] == [1, 2, 3, 4, 5]

    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run(
        copied_run(
            "sft-llama", tmp_path / "small", max_steps=5, per_device_train_batch_size=2, gradient_accumulation_steps=4
        )
    )
    for ours, theirs in zip(metrics(tmp_path / "retried/out"), metrics(tmp_path / "small/out"), strict=True):
        assert ours["loss"] == pytest.approx(theirs["loss"], abs=1e-4)


def test_out_of_memory_names_a_lower_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Any, *_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Prepared, "training_step", fails)
    with pytest.raises(RunError, match="set per_device_train_batch_size to 2 and gradient_accumulation_steps to 4"):
        run(copied_run("sft-llama", tmp_path, max_steps=2))
    assert events(tmp_path / "out")[-1]["level"] == "error"


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"not a finite number in step \d+ \(rows .*lower learning_rate"):
        run(copied_run("sft-full-qwen2", tmp_path, learning_rate=1e30, max_grad_norm=0))
    assert "done" not in kinds(tmp_path / "out")


def test_the_reference_is_scored_once_for_the_same_rows_and_model(tmp_path: Path, own_cache: Path) -> None:
    files = own_cache / "concord" / "reference-log-probs"
    run(copied_run("dpo-sigmoid-llama", tmp_path / "first", max_steps=2))
    made = {file: file.stat().st_mtime_ns for file in files.iterdir()}
    assert len(made) == 1
    run(copied_run("dpo-sigmoid-llama", tmp_path / "second", max_steps=2, beta=0.5))
    assert {file: file.stat().st_mtime_ns for file in files.iterdir()} == made
    run(copied_run("dpo-sigmoid-llama", tmp_path / "third", max_steps=2, max_length=40))
    assert len(list(files.iterdir())) == 2
    run(copied_run("dpo-sigmoid-llama", tmp_path / "without", max_steps=2, precompute_ref_log_probs=False))
    losses = [[event["loss"] for event in metrics(tmp_path / name / "out")] for name in ("first", "without")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


def test_evaluation_early_stopping_and_the_best_model(tmp_path: Path) -> None:
    name = "dpo-sigmoid-llama"
    spec = copied_run(name, tmp_path, max_steps=40, eval_steps=2, early_stopping_patience=2, learning_rate=0.05)
    values = spec.read_text()
    train = next(line for line in values.splitlines() if line.startswith("train:"))
    spec.write_text(f"{values}{train.replace('train:', 'eval:')}\nload_best_model_at_end: true\n")
    assert run(spec) == "done"
    told = [event for event in events(tmp_path / "out") if event["type"] == "eval"]
    assert len(told) < 20
    best = min(told, key=lambda event: event["eval_loss"])
    checkpoint = tmp_path / "out/checkpoints" / f"step-{best['step']}" / "adapter_model.safetensors"
    assert (tmp_path / "out/output/adapter_model.safetensors").read_bytes() == checkpoint.read_bytes()


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("dpo-sigmoid-llama", "rewards/margins"),
        ("simpo-qwen3", "rewards/margins"),
        ("reward-llama", "margin"),
        ("kto-llama", "rewards/margins"),
        ("sft-llama", "entropy"),
    ],
)
def test_held_out_rows_are_counted_once_each(name: str, measure: str, tmp_path: Path) -> None:
    found = {size: evaluated(name, tmp_path / str(size), size) for size in (1, 4)}
    # One row at a time, a mean of batches is the mean of rows.
    counted, single = found[4]["held_out"], found[1]["held_out"]
    assert (counted["scored"], counted["dropped"]) == (7, 1)
    assert counted["means"][measure] == pytest.approx(single["means"][measure], abs=1e-5)
    shares = [found[1][key] for key in ("eval_rewards/accuracies", "eval_accuracy") if key in found[1]]
    assert [counted[key] for key in ("right", "compared") if key in counted] == [
        n for s in shares for n in (round(7 * s), 7)
    ]
    assert abs(found[4][f"eval_{measure}"] - counted["means"][measure]) > 1e-6


def evaluated(name: str, folder: Path, size: int, **options: Any) -> dict[str, Any]:
    """The evaluation of a short run on seven rows and one that is too long."""
    spec = copied_run(name, folder, max_steps=2, per_device_eval_batch_size=size, learning_rate=0.001, **options)
    values = yaml.safe_load(spec.read_text())
    lines = Path(values["train"]).read_text().splitlines()
    held_out = folder / "held-out.jsonl"
    held_out.write_text("\n".join([*lines[:7], json.dumps(lengthened(json.loads(lines[0])))]) + "\n")
    spec.write_text(yaml.safe_dump({**values, "eval": str(held_out), "max_length": 96}))
    assert run(spec) == "done"
    return next(event for event in events(folder / "out") if event["type"] == "eval")


def lengthened(value: Any) -> Any:
    if isinstance(value, str):
        return f"{value} " * 400 if value else value
    if isinstance(value, list):
        return [lengthened(inner) for inner in value]
    if isinstance(value, dict):
        return {key: inner if key == "role" else lengthened(inner) for key, inner in value.items()}
    return value


def test_grpo_learns_from_one_of_our_reward_models(tmp_path: Path) -> None:
    run(copied_run("reward-llama", tmp_path / "judge", max_steps=2))
    judged = copied_run("dpo-sigmoid-llama", tmp_path / "policy")
    lines = judged.read_text().splitlines()
    kept = {line.split(":")[0]: line for line in lines}
    judge = json.dumps(str(tmp_path / "judge/out/output"))
    judged.write_text(
        f"method: grpo\nengine: torch\n{kept['model']}\n{kept['train']}\n{kept['output']}\n"
        f"{kept['model'].replace('model:', 'reward_model:')}\nreward_adapter: {judge}\n"
        "per_device_train_batch_size: 4\nnum_generations: 4\nmax_completion_length: 8\nmax_steps: 3\n"
        "learning_rate: 0.001\nlogging_steps: 1\npeft: {method: lora}\n"
    )
    assert run(judged) == "done"
    found = metrics(tmp_path / "policy/out")
    assert len(found) == 3 and all("reward" in event and event["num_tokens"] > 0 for event in found)


def test_rows_that_cannot_be_learnt_are_named(tmp_path: Path) -> None:
    """Others than a run began with, and tokens that the model's embedding has no row for."""
    spec = copied_run("sft-llama", tmp_path, max_steps=1)
    values = spec.read_text()
    rows = Path(next(line for line in values.splitlines() if line.startswith("train:")).removeprefix("train: "))
    own = tmp_path / "rows.jsonl"
    own.write_text(rows.read_text())
    spec.write_text(values.replace(str(rows), str(own)))
    run(spec)
    own.write_text(rows.read_text().replace("the", "a", 1))
    with pytest.raises(RunError, match=r"other rows than .* resumes only on the rows it began with"):
        run(spec, resume=True)

    model = tmp_path / "model"
    shutil.copytree(GOLDEN / "models" / "llama", model)
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    tokenizer["added_tokens"].append({**tokenizer["added_tokens"][0], "id": 5000, "content": "<extra>"})
    (model / "tokenizer.json").write_text(json.dumps(tokenizer))
    own.write_text(json.dumps({"prompt": "a", "completion": " <extra>"}) + "\n")
    with pytest.raises(RunError, match=r'row 1: the token "<extra>" has the id .* the model\'s embedding \d+: use'):
        run(copied_run("sft-llama", tmp_path / "extra", model=str(model), train=str(own), adapter=None))


def test_an_adapter_on_the_head_is_refused_by_name(tmp_path: Path) -> None:
    lora = {"method": "lora", "target_modules": ["q_proj", "lm_head"]}
    with pytest.raises(RunError, match="take lm_head out of"):
        run(copied_run("sft-full-llama", tmp_path, peft=lora))


@pytest.mark.parametrize("unpadded", [False, True])
def test_in_bf16_the_policy_begins_at_its_reference(unpadded: bool, tmp_path: Path) -> None:
    options: dict[str, Any] = {"adapter": None, "peft": {"method": "lora"}, "bf16": True, "padding_free": unpadded}
    run(copied_run("dpo-sigmoid-llama", tmp_path, max_steps=1, **options))
    assert metrics(tmp_path / "out")[0]["loss"] == pytest.approx(0.693147, abs=2e-4)


def test_a_model_that_caps_its_attention_scores_is_computed_so(tmp_path: Path) -> None:
    """transformers' default attention leaves the caps of Gemma 2 out without a word."""
    model = tmp_path / "gemma2"
    shutil.copytree(GOLDEN / "models" / "llama", model)
    (model / "model.safetensors").unlink()
    size = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    caps = {"attn_logit_softcapping": 0.1, "initializer_range": 0.5}
    config = Gemma2Config(vocab_size=700, num_key_value_heads=2, head_dim=8, **size, **caps, pad_token_id=1)
    Gemma2ForCausalLM(config).save_pretrained(model)
    options: dict[str, Any] = {"model": str(model), "adapter": None, "max_steps": 2, "warmup_steps": 0}
    run(copied_run("sft-llama", tmp_path / "default", **options))
    run(copied_run("sft-llama", tmp_path / "eager", **options, attn_implementation="eager"))
    assert curve(tmp_path / "default/out") == curve(tmp_path / "eager/out")
    for refused in ({"attn_implementation": "sdpa"}, {"padding_free": True}):
        with pytest.raises(RunError, match="caps its attention scores"):
            run(copied_run("sft-llama", tmp_path / "refused", **options, **refused))

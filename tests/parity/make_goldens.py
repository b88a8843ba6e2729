"""Makes the golden files that tests/parity compares the engine with.

    python tests/parity/make_goldens.py tokens        # tokenizers, rows, ids and masks
    python tests/parity/make_goldens.py guard         # control tokens that are read as text
    python tests/parity/make_goldens.py losses        # values and gradients of the losses that TRL has not
    python tests/parity/make_goldens.py trajectories [NAME …]  # training runs of TRL's trainers
    python tests/parity/make_goldens.py long DIR [ROWS]   # a larger set of tokens, not committed

Needs torch 2.13, trl 1.16.0, peft 0.21.2, transformers 5.24, datasets 5.2; no network. `npm test` needs none of it.
"""

import json
import os
import random
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRL_EXPERIMENTAL_SILENCE="1")
sys.path.insert(0, str(Path(__file__).parent))

GOLDEN = Path(__file__).parent / "golden"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def write_json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def cases():
    """(tokenizer, form, max_length, assistant_only): lengths small enough that every over-length rule acts."""
    from goldens.fixtures import TOKENIZERS

    for name in TOKENIZERS:
        for form in ["preference/chat", "preference/implicit", "preference/text", "preference/implicit-text", "kto/chat", "kto/text", "sft/chat", "sft/text", "sft/language"]:
            yield name, form, 160, False
            if form.startswith("preference/") and "implicit" not in form:
                yield name, form.replace("preference", "reward"), 160, False
        for assistant_only in (True, False):
            yield name, "sft/messages", 160, assistant_only
        yield name, "sft/chat", 160, True
        if name == "qwen":
            yield name, "sft/calls", 320, True


def token_case(directory: Path, name: str, form: str, max_length: int, assistant_only: bool, count: int, seed: int, made=None):
    from goldens.fixtures import TAGGED, load_tokenizer, write_tokenizer
    from goldens.rows import rows
    from goldens.tokens import expected

    if not (directory / name / "tokenizer.json").exists():
        write_tokenizer(name, directory / name)
    kind = form.split("/")[0]
    system = name not in ("gemma", "family-gemma")
    tools = "qwen" in name
    data = made or rows(form.replace("reward", "preference"), count, seed, system, tools)
    tokenizer = load_tokenizer(directory / name)
    template = training_template(tokenizer) if name.startswith("family-") else TAGGED.get(name)
    output = expected(kind, tokenizer, data, max_length, assistant_only, template if assistant_only else None)
    case = {"tokenizer": name, "form": form, "kind": kind, "max_length": max_length, "assistant_only": assistant_only}
    return {**case, "rows": data, "expected": output}


def training_template(tokenizer) -> str:
    from trl.chat_template_utils import get_training_chat_template

    return get_training_chat_template(tokenizer)


def family_cases(directory: Path):
    """Published chat templates as TRL's package has them, for which the engine has tagged templates of its own."""
    import trl
    from goldens.fixtures import write_tokenizer

    templates = Path(trl.__file__).parent / "chat_templates"
    families = {"qwen2_5": "qwen", "qwen3": "qwen", "qwen3_instruct_2507": "qwen", "llama3": "llama3", "phi3": "phi3", "gemma": "gemma"}
    for family, tokenizer in families.items():
        target = directory / f"family-{family}"
        write_tokenizer(tokenizer, target)
        config = json.loads((target / "tokenizer_config.json").read_text())
        config.pop("chat_template", None)
        (target / "tokenizer_config.json").write_text(json.dumps(config))
        (target / "chat_template.jinja").write_text((templates / f"{family}.jinja").read_text())
        for form in ["sft/messages", "sft/chat"]:
            for assistant_only in (True, False):
                yield target.name, form, 256, assistant_only
        yield target.name, "preference/chat", 256, False


def parting_cases(count: int, seed: int):
    """Rows under templates whose prompt does not begin prompt + answer, and rows as they are written."""
    from goldens.fixtures import load_tokenizer
    from goldens.rows import rows, written
    from goldens.templates import OWN, PARTING
    from goldens.tokens import alone, expected

    tokenizer = load_tokenizer(GOLDEN / "tokenizers" / "qwen")
    (GOLDEN / "templates").mkdir(exist_ok=True)
    for name, source in OWN.items():
        (GOLDEN / "templates" / f"{name}.jinja").write_text(source)
    for name in PARTING:
        tokenizer.chat_template = OWN[name]
        for form in ["preference/chat", "kto/chat", "sft/chat"]:
            kind = form.split("/")[0]
            data = rows(form, count, seed, system=True, tools=False)
            case = {"tokenizer": "qwen", "template": name, "form": form, "kind": kind, "max_length": 160, "assistant_only": False}
            yield {**case, "rows": data, "expected": expected(kind, tokenizer, data, 160)}
    for name, lines in written().items():
        tokenizer.chat_template = OWN[name]
        case = {"tokenizer": "qwen", "template": name, "form": "sft/messages", "kind": "sft", "max_length": 4000, "assistant_only": False}
        yield {**case, "lines": lines, "expected": [alone(tokenizer, line, 4000) for line in lines]}


def guard_cases():
    """Control tokens typed by people, read as text; each tokenizer with its own template."""
    from goldens.fixtures import TOKENIZERS, load_tokenizer
    from goldens.rows import guarded
    from goldens.tokens import alone

    for name in TOKENIZERS:
        tokenizer = load_tokenizer(GOLDEN / "tokenizers" / name)
        lines = guarded(system=name != "gemma")
        case = {"tokenizer": name, "form": "sft/messages", "kind": "sft", "max_length": 4000, "assistant_only": False}
        yield {**case, "lines": lines, "expected": [alone(tokenizer, line, 4000) for line in lines]}


def packed_rows() -> dict:
    """Rows of one repeated id each, so that the packed ids show which rows went where."""
    from datasets import Dataset
    from trl import pack_dataset

    draw = random.Random(5)
    rows = [[i] * draw.randint(1, 22) for i in range(120)]
    strategies = ["bfd", "bfd_split", "wrapped"]
    packed = {name: pack_dataset(Dataset.from_dict({"input_ids": rows}), 16, name)[:] for name in strategies}
    return {"length": 16, "rows": rows, "packed": packed}


def make_tokens() -> None:
    found = [token_case(GOLDEN / "tokenizers", *case, count=8, seed=1) for case in cases()]
    found += parting_cases(count=5, seed=1)
    write_json(GOLDEN / "tokens.json", found)
    write_json(GOLDEN / "packing.json", packed_rows())
    from goldens.classes import TEXTS, classes

    write_json(GOLDEN / "tokenizer-classes.json", {"texts": TEXTS, "cases": classes(GOLDEN / "tokenizers")})
    from goldens.splitters import splitters

    write_json(GOLDEN / "splitters.json", splitters(GOLDEN / "tokenizers/gpt2"))
    rows = [row for case in found for row in case["expected"]]
    print(len(found), "cases,", len(rows), "rows,", sum("dropped" in row for row in rows), "dropped")


def make_trajectories(names: list[str]) -> None:
    from goldens.trajectories import CASES, run, write_models

    if not names:
        write_models(GOLDEN / "models")
    for case in CASES:
        if not names or case.name in names:
            run(case, GOLDEN)


def make_long(directory: Path, rows: int) -> None:
    from goldens.rows import shared_data

    real = shared_data(SHARED) if SHARED.exists() else {}
    every = [*cases(), *family_cases(directory / "tokenizers")]
    each = -(-rows // len(every))
    for seed, (name, form, max_length, assistant_only) in enumerate(every, start=100):
        pool = real.get(form, [])[:: max(1, len(real.get(form, [])) // each)][: each // 2]
        made = token_case(directory / "tokenizers", name, form, max_length, assistant_only, each - len(pool), seed)
        taken = [made]
        if pool:
            taken.append(token_case(directory / "tokenizers", name, form, 512, assistant_only, 0, seed, made=pool))
        with open(directory / "tokens.jsonl", "a") as lines:
            lines.writelines(json.dumps(case) + "\n" for case in taken)

    from goldens.templates import renderings

    with open(directory / "renderings.jsonl", "w") as lines:
        lines.writelines(json.dumps(rendering) + "\n" for rendering in renderings(count=15))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:] or [""]
    if command == "tokens":
        make_tokens()
    elif command == "long":
        target = Path(arguments[0])
        target.mkdir(parents=True, exist_ok=True)
        (target / "tokens.jsonl").unlink(missing_ok=True)
        make_long(target, int(arguments[1]) if len(arguments) > 1 else 10_000)
    elif command == "losses":
        from goldens.losses import values

        write_json(GOLDEN / "losses.json", values())
    elif command == "guard":
        write_json(GOLDEN / "guard.json", [*guard_cases()])
    elif command == "trajectories":
        make_trajectories(arguments)
    else:
        raise SystemExit(__doc__)

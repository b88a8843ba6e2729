#!/bin/sh
# datasets 5.2.0 (pyarrow 26.0.1)
#
# One would expect that a column declared as Value("string"), in the call or in a dataset card's features, holds the
# texts of a JSONL file. Where every text in a block of the file can be read as a time, pyarrow's JSON reader makes
# times of them first, and the declared type casts those back: the texts are others than in the file. "2024-03-05"
# trains as "2024-03-05 00:00:00", a T becomes a space. Without features the column is a timestamp. One other text in
# the block and all stay as they are, so that a sample may look right and a later block not. Parquet is not touched.
#
# Seen on 30 November 2026 (not reported):
#   file     | 2024-03-05 | 2025-01-31T08:30:00
#   inferred timestamp[s]
#   declared | 2024-03-05 00:00:00 | 2025-01-31 08:30:00
#   mixed    | 2024-03-05 | 2025-01-31T08:30:00 | in spring
#   parquet  | 2024-03-05 | 2025-01-31T08:30:00
#
# What we do: the card of a JSONL export says it and recommends Parquet (server/dataset/card.ts).
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 pyarrow==26.0.1
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/home" HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features, Value, load_dataset

prompts = ["When was it signed?", "Until when does it hold?", "When is the next one due?"]
dates = ["2024-03-05", "2025-01-31T08:30:00"]
features = Features({"prompt": Value("string"), "completion": Value("string")})


def written(name, completions):
    with open(name, "w") as file:
        for prompt, completion in zip(prompts, completions):
            file.write(json.dumps({"prompt": prompt, "completion": completion}) + "\n")
    return name


def read(kind, file, **options):
    return load_dataset(kind, data_files=file, split="train", **options)


dated = written("dated.jsonl", dates)
mixed = written("mixed.jsonl", [*dates, "in spring"])
pq.write_table(pa.table({"prompt": prompts[:2], "completion": dates}), "dated.parquet")
inferred = read("json", dated).features["completion"].dtype
declared = list(read("json", dated, features=features)["completion"])
among_others = list(read("json", mixed, features=features)["completion"])
parquet = list(read("parquet", "dated.parquet", features=features)["completion"])
print("file    ", *dates, sep=" | ")
print("inferred", inferred)
print("declared", *declared, sep=" | ")
print("mixed   ", *among_others, sep=" | ")
print("parquet ", *parquet, sep=" | ")
assert inferred == "timestamp[s]", "dates are left as texts now"
assert declared == ["2024-03-05 00:00:00", "2025-01-31 08:30:00"], "declared texts are kept now"
assert among_others[:2] == dates and parquet == dates
PYTHON

#!/bin/sh
# datasets 5.2.0, transformers 5.24.0 (what TRL 1.16 trains through)
#
# One would expect a row to be learnt as it is written. Two rows whose assistants call one tool with different arguments. datasets keeps a column in one Arrow type, so every
# row gets the keys of all the others, as null, and whole numbers turn into floats where any row has a float.
# transformers (5.23 and later) drops keys that are null, but of messages only, not of what lies in them: the template
# prints an argument that nobody gave, and the model learns to call so. Nothing is said.
#
# Seen on 30 November 2026 (not reported):
#   as written     {"city": "Oslo", "days": 3}
#   from a Dataset {"city": "Oslo", "days": 3.0, "lat": null}
#
# A way out is what OpenAI's API has: arguments as JSON text, which Arrow leaves alone. Our torch engine tokenises rows
# as they stand in the file, before they become a Dataset, and the golden tokens of such rows are made past Arrow too
# (tests/parity/goldens/tokens.py, alone).
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0 transformers==5.24.0 jinja2==3.1.6
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - <<'PYTHON'
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?")))
TEMPLATE = (
    "{% for message in messages %}{% for call in message.tool_calls or [] %}"
    "{{ call.function.arguments | tojson }}{% endfor %}{% endfor %}"
)


def row(**arguments):
    call = {"type": "function", "function": {"name": "weather", "arguments": arguments}}
    return {"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": None, "tool_calls": [call]}]}


def text(row):
    return tokenizer.apply_chat_template(row["messages"], chat_template=TEMPLATE, tokenize=False)


rows = [row(city="Oslo", days=3), row(lat=59.9, days=1.5)]
written, learnt = text(rows[0]), text(Dataset.from_list(rows)[0])
print("as written    ", written)
print("from a Dataset", learnt)
assert written == '{"city": "Oslo", "days": 3}', "the template prints otherwise now"
assert learnt == '{"city": "Oslo", "days": 3.0, "lat": null}', "datasets or transformers behaves otherwise now"
PYTHON

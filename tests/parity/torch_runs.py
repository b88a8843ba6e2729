"""The torch engine's side of torch.test.ts: one JSON request a line on stdin, one answer a line.

    {"run": RUN.yaml}                  trains; answers {"end": "done"}
    {"card": RUN.yaml, "rows": {…}}    answers {"card": its README.md}
    {"check": [content of a run.yaml, …]}   answers {"problems": [[[key, sentence], …], …]}
"""

import json
import os
import sys
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TQDM_DISABLE="1")
os.environ.update(TOKENIZERS_PARALLELISM="false", TRL_EXPERIMENTAL_SILENCE="1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workers" / "torch"))
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print goes to standard error

from concord_torch.__main__ import _quiet
from concord_torch.card import model_card
from concord_torch.errors import RunError
from concord_torch.run import run
from concord_torch.spec import parse_spec, read_spec

_quiet()
for line in sys.stdin:
    request = json.loads(line)
    if "check" in request:
        found = [[[problem.key, problem.message] for problem in parse_spec(spec)[1]] for spec in request["check"]]
        answer = {"problems": found}
    elif "card" in request:
        answer = {"card": model_card(read_spec(Path(request["card"])), request["rows"], request["step"])}
    else:
        try:
            answer = {"end": run(request["run"])}
        except RunError as error:
            answer = {"end": str(error)}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()

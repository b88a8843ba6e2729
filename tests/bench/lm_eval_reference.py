"""lm-eval's own Hugging Face backend, side by side with ours in tests/bench/evaluate.ts.

    python tests/bench/lm_eval_reference.py MODEL BATCH_SIZE

Reads lines of [[context, continuation], ...] and answers each with {"seconds", "cpu", "scored": [[log-likelihood, greedy], ...]}.
"""

import json
import logging
import sys
import time

logging.disable(logging.WARNING)

from lm_eval.api.instance import Instance  # noqa: E402
from lm_eval.models.huggingface import HFLM  # noqa: E402

model = HFLM(pretrained=sys.argv[1], dtype="float32", device="cpu", batch_size=int(sys.argv[2]))
print("ready", flush=True)

for line in sys.stdin:
    requests = [
        Instance(request_type="loglikelihood", doc={}, arguments=tuple(pair), idx=index)
        for index, pair in enumerate(json.loads(line))
    ]
    began, worked = time.perf_counter(), time.process_time()
    scored = model.loglikelihood(requests, disable_tqdm=True)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps({"seconds": seconds, "cpu": cpu, "scored": scored}), flush=True)

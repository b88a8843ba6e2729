"""transformers' side of tests/bench/judge-local.ts: log-probabilities of tokens that may follow a text.

    python tests/bench/judge_local_reference.py MODEL float32|bfloat16

Reads lines of [{"ids": [...], "next": [...]}, ...]. Batches are sorted by length and padded on the left, so that logits
are made for the last token alone: its best settings on CPU.
"""

import json
import sys
import time

import torch
import transformers

BATCH = 8

transformers.logging.set_verbosity_error()
model = transformers.AutoModelForCausalLM.from_pretrained(
    sys.argv[1], dtype=getattr(torch, sys.argv[2]), attn_implementation="sdpa"
).eval()


@torch.inference_mode()
def score(items):
    order = sorted(range(len(items)), key=lambda i: len(items[i]["ids"]))
    found = [[] for _ in items]
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        width = max(len(items[i]["ids"]) for i in chosen)
        pads = [width - len(items[i]["ids"]) for i in chosen]
        ids = torch.tensor([[0] * pad + items[i]["ids"] for pad, i in zip(pads, chosen)])
        mask = torch.tensor([[0] * pad + [1] * (width - pad) for pad in pads])
        positions = (mask.cumsum(1) - 1).clamp(min=0)
        logits = model(
            input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False, logits_to_keep=1
        ).logits[:, 0]
        logps = logits.float().log_softmax(-1)
        for row, i in enumerate(chosen):
            found[i] = logps[row, items[i]["next"]].tolist()
    return found


print("ready", flush=True)
for line in sys.stdin:
    items = json.loads(line)
    began, worked = time.perf_counter(), time.process_time()
    logps = score(items)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps({"seconds": seconds, "cpu": cpu, "logps": logps}), flush=True)

"""transformers' side of tests/bench/score.ts: scores lists of token ids with its best settings on CPU.

    python tests/bench/score_reference.py MODEL float32|bfloat16

Sequences of a request are sorted by length and padded in batches, so that little padding is computed.
"""

import json
import resource
import sys
import time

import torch
import transformers

BATCH = 8

transformers.logging.set_verbosity_error()
model = transformers.AutoModelForSequenceClassification.from_pretrained(
    sys.argv[1], num_labels=1, dtype=getattr(torch, sys.argv[2]), attn_implementation="sdpa"
).eval()
pad = model.config.pad_token_id


@torch.inference_mode()
def score(sequences):
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    found = [0.0] * len(sequences)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        width = max(len(sequences[i]) for i in chosen)
        ids = torch.tensor([sequences[i] + [pad] * (width - len(sequences[i])) for i in chosen])
        mask = torch.tensor([[1] * len(sequences[i]) + [0] * (width - len(sequences[i])) for i in chosen])
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, 0].float().tolist()
        for i, value in zip(chosen, logits):
            found[i] = value
    return found


for line in sys.stdin:
    sequences = json.loads(line)
    began = time.perf_counter()
    scores = score(sequences)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "scores": scores, "peak": peak}), flush=True)

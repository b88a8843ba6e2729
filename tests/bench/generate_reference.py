"""The peers of tests/bench/generate.ts: continues token ids greedily, always by as many tokens as asked for.

    python tests/bench/generate_reference.py transformers MODEL float32|bfloat16
    python tests/bench/generate_reference.py llama.cpp FILE.gguf PORT

The second needs xllamacpp, whose server it starts with two threads and 32 slots. Reads lines of {"batch", "tokens",
"prompts": [[id, ...], ...]} and answers each with {"seconds", "cpu", "peak", "ids"}.
"""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def transformers_model(folder, dtype):
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, dtype), attn_implementation="sdpa"
    ).eval()

    @torch.inference_mode()
    def write(prompts, tokens, batch):
        found = []
        for start in range(0, len(prompts), batch):
            chosen = prompts[start : start + batch]
            width = max(map(len, chosen))
            ids = torch.tensor([[0] * (width - len(p)) + p for p in chosen])
            mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in chosen])
            out = model.generate(
                ids,
                attention_mask=mask,
                do_sample=False,
                min_new_tokens=tokens,
                max_new_tokens=tokens,
                pad_token_id=0,
            )
            found += out[:, width:].tolist()
        return found

    return write


def llama_cpp(file, port):
    import urllib.request

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.hostnames = ["127.0.0.1"]
    params.port = int(port)
    params.n_ctx = 32 * 1024
    params.n_parallel = 32
    params.cpuparams.n_threads = 2
    params.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(params)

    def one(prompt, tokens):
        asked = {
            "prompt": prompt,
            "n_predict": tokens,
            "temperature": 0,
            "ignore_eos": True,
            "cache_prompt": False,
            "return_tokens": True,
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/completion",
            json.dumps(asked).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["tokens"]

    def write(prompts, tokens, batch):
        with ThreadPoolExecutor(batch) as pool:
            return list(pool.map(lambda prompt: one(prompt, tokens), prompts))

    for _ in range(600):
        try:
            one([1], 1)
            break
        except OSError:
            time.sleep(0.2)
    return write, server


if sys.argv[1] == "transformers":
    write = transformers_model(*sys.argv[2:4])
else:
    write, _server = llama_cpp(*sys.argv[2:4])
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    began, worked = time.perf_counter(), time.process_time()
    ids = write(asked["prompts"], asked["tokens"], asked["batch"])
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "ids": ids}), flush=True)

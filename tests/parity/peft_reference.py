"""What transformers and PEFT compute for given token ids: one JSON request a line on stdin, one answer a line.

    {"model": DIR, "adapter": DIR | null, "head": "causal" | "score", "prompts": [[ids]], "responses": [[[ids]]]}

A causal head answers {"logps": [[[...]]]}, the log-probability of every response token; a score head answers
{"scores": [[...]]}, the reward of prompt + response.
"""

import json
import sys

import torch
import transformers
from peft import PeftModel

transformers.logging.set_verbosity_error()


def load(model: str, adapter: str | None, head: str):
    # Attention in plain operations, as the goldens of the families are made.
    options = dict(attn_implementation="eager", dtype=torch.float32)
    if head == "score":
        # Above every id in use, so that nothing is taken for padding.
        base = transformers.AutoModelForSequenceClassification.from_pretrained(model, num_labels=1, **options)
        base.config.pad_token_id = base.config.vocab_size - 1
    else:
        base = transformers.AutoModelForCausalLM.from_pretrained(model, **options)
    return (PeftModel.from_pretrained(base, adapter) if adapter else base).eval()


@torch.no_grad()
def answer(model, head: str, prompts, responses):
    def one(prompt, response):
        ids = torch.tensor([prompt + response])
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        if head == "score":
            return logits[0, 0].item()
        first = len(prompt) - 1
        logp = logits[0, -ids.shape[1] :].log_softmax(-1)[first:-1]
        return logp.gather(1, torch.tensor(response)[:, None])[:, 0].tolist()

    found = [[one(prompt, response) for response in branch] for prompt, branch in zip(prompts, responses)]
    return {"scores" if head == "score" else "logps": found}


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        model = load(request["model"], request.get("adapter"), request["head"])
        print(json.dumps(answer(model, request["head"], request["prompts"], request["responses"])), flush=True)

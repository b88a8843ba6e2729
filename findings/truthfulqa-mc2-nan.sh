#!/bin/sh
# lm_eval 0.4.13 (numpy 2.4.6)
#
# One would expect TruthfulQA's MC2, the share of probability on the true answers, to be computed from log-likelihoods
# by subtracting their largest, as a softmax is. It exponentiates them as they are. Where every answer is less likely
# than exp(-745), which an answer of some hundred tokens easily is and which a model that was trained on something else
# reaches sooner, the share is 0 / 0; the mean over the task then is not a number either, however many other questions
# there are. No error is raised: numpy warns once, and the table shows nan. That one answer was hundreds of nats likelier
# than the others makes no difference.
#
# Seen on 30 November 2026 (not reported):
#   shares 0.731 0.5 nan
#   score of the task nan
#   a softmax would say 1.0 for the third
#
# What we do: `npm run evaluate` gives lm-eval's number, not a number included, and beside it the share by a softmax
# (server/benchmark/strict.ts).
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lm_eval==0.4.13 numpy==2.4.6
cd "$folder"
HF_HUB_OFFLINE=1 HF_HOME="$folder/hub" "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json
import logging
import math

import numpy as np

logging.disable(logging.WARNING)
from lm_eval.api.model import LM
from lm_eval.api.task import ConfigurableTask
from lm_eval.evaluator import simple_evaluate
from lm_eval.tasks.truthfulqa.utils import process_results_mc2

# The log-likelihoods of a true and a false answer to each of three questions.
likelihoods = [(-2.0, -3.0), (-700.0, -700.0), (-800.0, -1200.0)]
with open("questions.jsonl", "w") as file:
    for number in range(len(likelihoods)):
        targets = {"choices": [f"yes {number}", f"no {number}"], "labels": [1, 0]}
        file.write(json.dumps({"question": f"Question {number}?", "mc2_targets": targets}) + "\n")


class Fixed(LM):
    def loglikelihood(self, requests):
        def one(request):
            word, number = request.args[1].split()
            return likelihoods[int(number)][0 if word == "yes" else 1], False

        return [one(request) for request in requests]

    def loglikelihood_rolling(self, requests):
        raise NotImplementedError

    def generate_until(self, requests):
        raise NotImplementedError


task = ConfigurableTask(
    config={
        "task": "three_questions",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": "questions.jsonl"}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "{{question}}",
        "doc_to_target": 0,
        "doc_to_choice": "{{mc2_targets.choices}}",
        "process_results": process_results_mc2,
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }
)
result = simple_evaluate(Fixed(), tasks=[task], bootstrap_iters=0)
shares = [sample["acc"] for sample in result["samples"]["three_questions"]]
score = result["results"]["three_questions"]["acc,none"]
stable = np.exp(np.array(likelihoods[2]) - max(likelihoods[2]))
print("shares", *(round(float(share), 3) for share in shares))
print("score of the task", score)
print("a softmax would say", round(float(stable[0] / stable.sum()), 3), "for the third")
assert [round(float(share), 3) for share in shares[:2]] == [0.731, 0.5], "other shares"
assert math.isnan(shares[2]) and math.isnan(score), "the share is a number now"
PYTHON

"""What judged benchmarks ask, and what becomes of preferences: python make_judged.py JUDGE_PROMPTS.jsonl > judged.json

alpaca_eval 0.6.6 of PyPI: the template of its judge, and its win rates. JUDGE_PROMPTS.jsonl is FastChat's
fastchat/llm_judge/data/judge_prompts.jsonl; a rating is found as its common.py does.
"""

import ast
import json
import re
import sys
from pathlib import Path

import alpaca_eval
from alpaca_eval.metrics import get_winrate

template = Path(alpaca_eval.__file__).parent / "evaluators_configs/alpaca_eval_clf_gpt4_turbo/alpaca_eval_clf.txt"
system, user = re.fullmatch(
    r"<\|im_start\|>system\n(.*)\n<\|im_end\|>\n<\|im_start\|>user\n(.*)\n<\|im_end\|>", template.read_text(), re.S
).groups()
document = {"instruction": "Say “hi”.\nTwice.", "output_1": "hi hi", "output_2": 'He said: "hi"'}
alpaca = {"system": system, "user": user}
for name, text in document.items():
    alpaca["user"] = alpaca["user"].replace("{%s}" % name, text)

preferences = [[1.2, 1.9, 1.5, 2.0], [1.0, 1.0], [1.51, 1.49, 1.8]]
rates = [get_winrate([{"preference": p} for p in one]) for one in preferences]

with open(sys.argv[1]) as lines:
    prompts = {prompt["name"]: prompt for prompt in map(json.loads, lines)}
values = {
    **{"question": "What is 2+2?", "answer": "4", "ref_answer_1": "It is 4.", "ref_answer_2": "It is 5."},
    **{"question_1": "What is 2+2?", "answer_1": "4", "question_2": "And one more?", "answer_2": "5"},
}
mt_bench = {
    name: {"system": prompts[name]["system_prompt"], "user": prompts[name]["prompt_template"].format(**values)}
    for name in ["single-v1", "single-math-v1", "single-v1-multi-turn", "single-math-v1-multi-turn"]
}


def rating(judgment):
    """FastChat's run_judge_single, 0e6d3e4."""
    match = re.search(re.compile(r"\[\[(\d+\.?\d*)\]\]"), judgment)
    if not match:
        match = re.search(re.compile(r"\[(\d+\.?\d*)\]"), judgment)
    return ast.literal_eval(match.groups()[0]) if match else -1


judgments = ["Rating: [[7]]", "[[3.5]] and [[9]]", "see [1], Rating: [[8]]", "Rating: [6]", "Rating: 6", "", "[[five]]"]
print(
    json.dumps(
        {
            "alpaca": alpaca,
            "rates": [
                {"preferences": one, "win_rate": rate["win_rate"], "discrete_win_rate": rate["discrete_win_rate"]}
                for one, rate in zip(preferences, rates)
            ],
            "mt_bench": mt_bench,
            "ratings": [[judgment, rating(judgment)] for judgment in judgments],
        },
        indent=1,
        ensure_ascii=False,
    )
)

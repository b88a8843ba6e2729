"""
Potato's own rule (potato-annotation, labeling_engine) on the same items: its first uniform sample, its split in halves,
its test, and the further labels that it projects, until it accepts something or says that it cannot. A request a line on
stdin: {confidence, wrong, orders, halves, allowed, delta}; an answer a line: [{labels, accepted, errors}] by order.
"""
import json
import sys
from types import SimpleNamespace

from potato.labeling_engine.contracts.base import CalibrationView, CalItem, PopItem, TierPred
from potato.labeling_engine.contracts.selective_risk import SelectiveRisk


def study(items, population, half, allowed, delta):
    size = len(items)
    # service.calibration_rate, "auto", classes not tested apart.
    labels = round(size * min(0.2 if size > 1000 else 0.5, 200 / size))
    contract = SelectiveRisk(SimpleNamespace(error=allowed, delta=delta, per_class=False, id="risk"))
    look = 1
    while True:
        for item, side in zip(items[:labels], half):
            item.split = side
        view = CalibrationView(scheme="s", labels=["right"], tier_ids=["judge"], cal=items[:labels], population=population)
        found = contract.evaluate(view, look=look)
        if found.status == "met":
            return labels, found.acceptance["judge"]["*"]
        if found.ran:
            look += 1
        more = (found.projection or {}).get("more_calibration_labels")
        if found.status == "infeasible" or not more or labels >= size:
            return labels, None
        labels = min(size, labels + more)


for line in sys.stdin:
    request = json.loads(line)
    tiers = [[TierPred(value="right", conf=each)] for each in request["confidence"]]
    population = [PopItem(item_id=str(i), tiers=each) for i, each in enumerate(tiers)]
    truths = ["wrong" if each else "right" for each in request["wrong"]]
    answers = []
    for order, half in zip(request["orders"], request["halves"]):
        items = [CalItem(item_id=str(i), human=truths[i], split="dev", pi=None, tiers=tiers[i]) for i in order]
        split = ["dev" if each < 0.5 else "cert" for each in half]
        labels, threshold = study(items, population, split, request["allowed"], request["delta"])
        kept = [i for i, each in enumerate(request["confidence"]) if threshold is not None and each >= threshold]
        errors = sum(request["wrong"][i] for i in kept)
        answers.append({"labels": labels, "accepted": len(kept), "errors": errors})
    print(json.dumps(answers), flush=True)

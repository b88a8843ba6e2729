"""Golden for server/statistics/judge and clustered-mean.

    python tests/unit/golden/make_judge_card.py > tests/unit/golden/judge-card.json
    npx biome format --write tests/unit/golden/judge-card.json

Versions: scikit-learn 1.9.1, irrCAC 0.4.4, statsmodels 0.15.0, numpy 1.26.4, scipy 1.12.0, pandas 2.3.3.

κ by scikit-learn's cohen_kappa_score with the weight of each pair, AC1 and AC2 by irrCAC where every item has as many
people, the jackknife by leaving out one prompt and asking again, the clustered mean by statsmodels' OLS of an intercept
with cov_type="cluster", the reliability bins by scikit-learn's calibration_curve (quantile).
"""

import json
import random
import sys
import warnings

import numpy
import pandas
import statsmodels.api
from irrCAC.raw import CAC
from scipy.stats import t
from sklearn.calibration import calibration_curve
from sklearn.metrics import cohen_kappa_score

warnings.filterwarnings("ignore")


def items_of(rng, prompts, scale, raters):
    """Items of prompts that share a bent, a judge that errs more than people do."""
    items = []
    for prompt in range(prompts):
        bent = rng.choice(scale)
        for _ in range(rng.choice([1, 2, 3])):
            truth = bent if rng.random() < 0.5 else rng.choice(scale)
            say = lambda skill: truth if rng.random() < skill else rng.choice(scale)
            items.append({"prompt": f"p{prompt}", "judge": say(0.5), "people": [say(0.7) for _ in range(raters(rng))]})
    return items


def pairs(items, sides):
    rows = []
    for item in items:
        people = item["people"]
        if sides == "judge":
            rows += [(item["judge"], each, 1 / len(people)) for each in people]
        else:
            count = len(people) * (len(people) - 1)
            rows += [(a, b, 1 / count) for i, a in enumerate(people) for j, b in enumerate(people) if i != j]
    return rows


def kappa(items, scale, weights, sides):
    one, other, weight = zip(*pairs(items, sides))
    return float(cohen_kappa_score(one, other, labels=scale, weights=weights, sample_weight=weight))


def jackknife(items, statistic):
    prompts = sorted({item["prompt"] for item in items})
    left = numpy.array([statistic([item for item in items if item["prompt"] != prompt]) for prompt in prompts])
    n = len(prompts)
    return float(numpy.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())), n


def fisher(estimate, se, n):
    half = t.ppf(0.975, n - 1) * se / (1 - estimate**2)
    return [float(numpy.tanh(numpy.arctanh(estimate) + sign * half)) for sign in (-1, 1)]


def gwet(items, scale, weights, sides):
    rows = pairs(items, sides)
    frame = pandas.DataFrame([(a, b) for a, b, _ in rows])
    return float(CAC(frame, weights=weights, categories=scale, digits=15).gwet()["est"]["coefficient_value"])


def agreement_case(rng, name, scale, weights, raters):
    items = items_of(rng, 25, scale, raters)
    several = [item for item in items if len(item["people"]) > 1]
    expected = {"all": kappa(items, scale, weights, "judge")}
    for sides in ("judge", "people"):
        estimate = kappa(several, scale, weights, sides)
        se, n = jackknife(several, lambda some: kappa(some, scale, weights, sides))
        expected[sides] = {"estimate": estimate, "interval": fisher(estimate, se, n)}
    gap = lambda some: kappa(some, scale, weights, "judge") - kappa(some, scale, weights, "people")
    se, n = jackknife(several, gap)
    half = float(t.ppf(0.975, n - 1)) * se
    expected["gap"] = {"estimate": gap(several), "interval": [gap(several) - half, gap(several) + half]}
    if len({len(item["people"]) for item in items}) == 1:
        named = weights or "identity"
        expected["ac"] = {sides: gwet(items, scale, named, sides) for sides in ("judge", "people")}
    return {"name": name, "categories": scale, "weighting": weights or "identity", "items": items, "expected": expected}


def mean_case(rng):
    rows = [
        {"cluster": f"c{cluster}", "value": rng.gauss(0.2 + 0.1 * (cluster % 3), 0.5)}
        for cluster in range(18)
        for _ in range(rng.choice([1, 2, 5]))
    ]
    fit = statsmodels.api.OLS([row["value"] for row in rows], numpy.ones(len(rows))).fit(
        cov_type="cluster",
        cov_kwds={"groups": pandas.factorize(numpy.array([row["cluster"] for row in rows]))[0], "use_correction": True},
        use_t=True,
    )
    return {"rows": rows, "expected": {"estimate": float(fit.params[0]), "interval": fit.conf_int()[0].tolist()}}


def reliability_case(rng):
    rows = [{"confidence": 0.5 + 0.5 * rng.random()} for _ in range(200)]
    for row in rows:
        row["right"] = int(rng.random() < 0.3 + 0.5 * row["confidence"])
    right, confidence = calibration_curve(
        [row["right"] for row in rows], [row["confidence"] for row in rows], n_bins=10, strategy="quantile"
    )
    return {
        "rows": rows,
        "expected": {
            "right": right.tolist(),
            "confidence": confidence.tolist(),
            "error": float(numpy.abs(right - confidence).mean()),
        },
    }


rng = random.Random(17)
json.dump(
    {
        "agreement": [
            agreement_case(rng, "pairs, one to four people", [1, -1, 0], None, lambda rng: rng.choice([1, 2, 3, 4])),
            agreement_case(rng, "pairs, two people", [1, -1, 0, 2], None, lambda rng: 2),
            agreement_case(rng, "five points, quadratic, three people", [1, 2, 3, 4, 5], "quadratic", lambda rng: 3),
        ],
        "mean": mean_case(rng),
        "reliability": reliability_case(rng),
    },
    sys.stdout,
    indent=1,
)
print()

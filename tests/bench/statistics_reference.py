"""The reference libraries' side of tests/bench/statistics.ts: answers {"task", "folder"} with the seconds it took.

Columns are read before the clock starts; what a library makes of them (data frames aside) is on the clock.
"""

import json
import sys
import time

import numpy as np
import pandas as pd


def column(folder, name, kind):
    return np.fromfile(f"{folder}/{name}", dtype=kind)


def krippendorff_alpha(folder):
    import krippendorff

    items, raters = 20_000, 5
    values = column(folder, "alpha_value", np.float64).reshape(items, raters).T
    start = time.perf_counter()
    value = krippendorff.alpha(reliability_data=values, level_of_measurement="ordinal")
    return time.perf_counter() - start, value


def crowd_kit(folder, **how):
    from crowdkit.aggregation import DawidSkene

    frame = pd.DataFrame(
        {
            "task": column(folder, "ds_item", np.int32),
            "worker": column(folder, "ds_rater", np.int32),
            "label": column(folder, "ds_label", np.int32),
        }
    )
    start = time.perf_counter()
    fitted = DawidSkene(**how).fit(frame)
    seconds = time.perf_counter() - start
    return seconds, float(fitted.probas_.to_numpy().max(axis=1).mean()), len(fitted.loss_history_)


def crowd_kit_steps(folder):
    # A tolerance that never stops it: as many steps as ours are given.
    return crowd_kit(folder, n_iter=20, tol=-1e9)


def crowd_kit_to_the_end(folder):
    # Its loss is a label's, here about 2: ours stops at 1e-10 of the whole.
    return crowd_kit(folder, n_iter=2000, tol=2e-10)


def battles(folder):
    names = {1.0: "model_a", 0.0: "model_b", 0.5: "tie"}
    outcome = column(folder, "bt_y", np.float64)
    return pd.DataFrame(
        {
            "model_a": column(folder, "bt_a", np.int32),
            "model_b": column(folder, "bt_b", np.int32),
            "winner": pd.Series(outcome).map(names),
        }
    )


def arena_rank(folder):
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    frame = battles(folder)
    start = time.perf_counter()
    dataset = PairDataset.from_pandas(frame)
    model = BradleyTerry(n_competitors=dataset.n_competitors)
    found = model.compute_ratings_and_cis(dataset)
    best = float(np.asarray(found["ratings"]).max())
    return time.perf_counter() - start, (best - 1000) * np.log(10) / 400


# Of 200 samples, that many are fitted and their time is scaled: all of them take a quarter of an hour.
FITTED = 10


def arena_rank_bootstrap(folder):
    """What its ci_method="bootstrap" does, one sample after the other instead of in a pool."""
    import jax
    from arena_rank.models.bradley_terry import BradleyTerry, fit_single_bootstrap_sample
    from arena_rank.utils.data_utils import PairDataset

    frame = battles(folder)
    dataset = PairDataset.from_pandas(frame)
    model = BradleyTerry(n_competitors=dataset.n_competitors)
    model.fit(dataset)
    total = dataset.counts.sum()
    start = time.perf_counter()
    counts = jax.random.multinomial(
        key=jax.random.PRNGKey(1), n=int(total), p=dataset.counts / total, shape=(FITTED, dataset.counts.shape[0])
    )
    samples = [np.asarray(fit_single_bootstrap_sample(each, model, dataset)["ratings"]) for each in counts]
    return (time.perf_counter() - start) * 200 / FITTED, samples[0].max()


tasks = {
    "alpha": krippendorff_alpha,
    "dawidSkene": crowd_kit_steps,
    "dawidSkeneToTheEnd": crowd_kit_to_the_end,
    "bradleyTerry": arena_rank,
    "bootstrap": arena_rank_bootstrap,
}

if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        try:
            seconds, value, *steps = tasks[request["task"]](request["folder"])
            answer = {"seconds": seconds, "value": float(value)}
            print(json.dumps({**answer, "steps": steps[0]} if steps else answer), flush=True)
        except Exception as error:
            print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)

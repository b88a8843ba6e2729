"""Golden for server/statistics/bradley-terry.ts.

    python tests/unit/golden/make_bradley_terry.py > tests/unit/golden/bradley-terry.json

Strengths where a maximum of the likelihood exists come from I-LSR, a spectral method (choix.ilsr_pairwise); the order
where it need not exist from Newton's method with a ridge that goes to nothing (choix.opt_pairwise).
Versions: choix 0.4.1, numpy 2.4, scipy 1.17.
"""

import json
import random

import choix
import networkx
import numpy

RIDGE = 1e-6
EQUAL = 1e-4


def games(wins: list[list[float]]) -> list[tuple[int, int]]:
    """Each win twice and a tie once each way, so that half wins need no fractions."""
    return [(i, j) for i, row in enumerate(wins) for j, count in enumerate(row) for _ in range(round(2 * count))]


def ranks(strengths: numpy.ndarray) -> list[int]:
    gaps = numpy.abs(strengths[:, None] - strengths[None, :])
    assert not ((gaps > EQUAL / 10) & (gaps < EQUAL * 10)).any(), "too near to call"
    return [1 + int(sum(other > own + EQUAL for other in strengths)) for own in strengths]


def case(wins: list[list[float]]) -> dict:
    size = len(wins)
    graph = networkx.DiGraph([(i, j) for i in range(size) for j in range(size) if wins[i][j] > 0])
    graph.add_nodes_from(range(size))
    exists = networkx.is_strongly_connected(graph)
    determined = networkx.is_semiconnected(graph) if networkx.is_weakly_connected(graph) else False
    strengths = choix.ilsr_pairwise(size, games(wins), max_iter=10_000, tol=1e-12) if exists else None
    return {
        "wins": wins,
        "strengths": None if strengths is None else [round(float(s), 9) for s in strengths - strengths.mean()],
        "ranks": ranks(choix.opt_pairwise(size, games(wins), alpha=RIDGE, tol=1e-9)) if determined else None,
    }


def random_wins(draw: random.Random) -> list[list[float]]:
    size = draw.randint(2, 6)
    wins = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            if draw.random() < 0.7:
                for _ in range(draw.choice([1, 1, 1, 2, 5])):
                    score = draw.choice([0, 0, 0.5, 1, 1])
                    wins[i][j] += score
                    wins[j][i] += 1 - score
    return wins


if __name__ == "__main__":
    draw = random.Random(13)
    uneven = [[0, 19, 0, 0], [1, 0, 40, 0], [0, 1, 0, 3], [1, 0, 1, 0]]
    cases = [case(uneven)]
    while len(cases) < 60:
        try:
            cases.append(case(random_wins(draw)))
        except AssertionError:
            continue
    print(json.dumps(cases))

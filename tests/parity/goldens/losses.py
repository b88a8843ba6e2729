"""Losses that TRL has not, written down in torch from their papers, with gradients."""

import torch
import torch.nn.functional as F

LOGP = [-8.5, -12.0, -9.25, -20.0, -3.0]
LENGTH = [4.0, 6.0, 5.0, 9.0, 2.0]
SCORE = [3.0, 1.0, 2.0, 5.0, 5.0]  # the second row ties
ROWS = [[0, 1, 2], [3, 4]]


def rrhf(logp: torch.Tensor, penalty: float) -> torch.Tensor:
    length, score = torch.tensor(LENGTH), torch.tensor(SCORE)
    p = logp / length**penalty
    total = torch.zeros(())
    for row in ROWS:
        for i in row:
            for j in row:
                if score[i] < score[j]:
                    total = total + torch.relu(p[i] - p[j])
        total = total - logp[best(row)].mean()
    return total / len(ROWS)


def best(row: list[int]) -> list[int]:
    top = max(SCORE[i] for i in row)
    return [i for i in row if SCORE[i] == top]


def pro(logp: torch.Tensor, weight: float) -> torch.Tensor:
    p = logp / torch.tensor(LENGTH)
    total = torch.zeros(())
    for row in ROWS:
        for k in row:
            worse = [i for i in row if SCORE[i] < SCORE[k]]
            if not worse:
                continue
            temperature = max(SCORE[k] - SCORE[i] for i in worse)
            terms = torch.stack([p[k] * temperature] + [p[i] * (SCORE[k] - SCORE[i]) for i in worse])
            total = total + torch.logsumexp(terms, 0) - terms[0]
        total = total - weight * p[best(row)].mean()
    return total / len(ROWS)


def plackett_luce(reward: torch.Tensor) -> torch.Tensor:
    total = torch.zeros(())
    for row in ROWS:
        for k in row:
            remaining = [i for i in row if SCORE[i] <= SCORE[k]]
            total = total + torch.logsumexp(reward[remaining], 0) - reward[k]
    return total / len(ROWS)


def kto(logp: torch.Tensor, beta: float, desirable: float, undesirable: float) -> torch.Tensor:
    reference = torch.tensor([-9.0, -11.0, -9.5, -19.0, -4.0])
    label = torch.tensor([True, False, True, False, False])
    kl = (torch.tensor([-7.0, -9.0, -8.0, -6.0, -5.0]) - torch.tensor([-7.5, -9.25, -8.5, -6.0, -5.5])).mean().clamp(min=0)
    rho = logp - reference
    return torch.where(
        label, desirable * (1 - F.sigmoid(beta * (rho - kl))), undesirable * (1 - F.sigmoid(beta * (kl - rho)))
    ).mean()


def slic(logp: torch.Tensor, delta: float, weight: float) -> torch.Tensor:
    chosen, rejected = logp[:2], logp[2:4]
    return (torch.relu(delta - chosen + rejected) - weight * chosen).mean()


CASES = {
    "rrhf": lambda x: rrhf(x, 1.0),
    "rrhf penalty 0.5": lambda x: rrhf(x, 0.5),
    "pro": lambda x: pro(x, 0.05),
    "plackett_luce": plackett_luce,
    "kto": lambda x: kto(x, 0.1, 1.2, 0.8),
    "slic": lambda x: slic(x, 1.0, 0.1),
}


def values() -> dict:
    found = {}
    for name, loss in CASES.items():
        x = torch.tensor(LOGP, requires_grad=True)
        value = loss(x)
        value.backward()
        found[name] = {"loss": value.item(), "gradient": x.grad.tolist()}
    return {"logp": LOGP, "length": LENGTH, "score": SCORE, "rows": ROWS, "cases": found}

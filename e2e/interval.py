"""The exact confidence interval of a share (Clopper and Pearson, Biometrika 26, 1934)."""

from __future__ import annotations

import math

CONFIDENCE = 0.9999
"""Of each step's interval. With about 20 steps a run, one run in 500 would be refused by chance."""
_HALVINGS = 40


def tail(successes: int, trials: int, share: float) -> float:
    """Probability of at least ``successes`` of ``trials`` when each one succeeds with ``share``."""
    if successes <= 0:
        return 1.0
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    inside, outside = math.log(share), math.log1p(-share)
    ways = math.lgamma(trials + 1)
    terms = (
        ways
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * inside
        + (trials - k) * outside
        for k in range(successes, trials + 1)
    )
    return min(1.0, math.fsum(map(math.exp, terms)))


def clopper_pearson(
    successes: int, trials: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Bounds of the share of which ``successes`` of ``trials`` is a sample.

    The true share lies outside with a probability of at most 1 - ``confidence``. Raises ValueError
    for a sample that can't be.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} of {trials} is no sample")
    alpha = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _where(successes, trials, alpha)
    high = 1.0 if successes == trials else _where(successes + 1, trials, 1 - alpha)
    return low, high


def _where(successes: int, trials: int, wanted: float) -> float:
    """The share at which the tail, which grows with it, has the probability ``wanted``."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if tail(successes, trials, middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2

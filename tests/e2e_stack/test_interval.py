"""The confidence interval, against published values."""

from __future__ import annotations

import pytest

from e2e.interval import clopper_pearson, tail


@pytest.mark.parametrize(
    ("successes", "trials", "confidence", "low", "high"),
    [
        # R: binom.test(k, n, conf.level = c)$conf.int
        (0, 10, 0.95, 0.0, 0.3084971),
        (10, 10, 0.95, 0.6915029, 1.0),
        (7, 20, 0.95, 0.1539092, 0.5921885),
        (682, 925, 0.95, 0.7076683, 0.7654066),
    ],
)
def test_it_is_the_exact_one(
    successes: int, trials: int, confidence: float, low: float, high: float
) -> None:
    assert clopper_pearson(successes, trials, confidence) == pytest.approx((low, high), abs=1e-6)


def test_the_bounds_leave_half_the_doubt_on_either_side() -> None:
    low, high = clopper_pearson(180, 900, 0.999)
    assert tail(180, 900, low) == pytest.approx(0.0005, rel=1e-6)
    assert 1 - tail(181, 900, high) == pytest.approx(0.0005, rel=1e-6)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_sample_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no sample"):
        clopper_pearson(successes, trials)

"""Whose series are whose: they go with their Canary, and nobody else's go along."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Gauge

from canary.controller.series import Series, Subject

ONE, TWIN = Subject("test", "one", "app"), Subject("test", "twin", "app")


class Kept:
    """Series of one family, and the values that they have now."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.family = Gauge("phase", "Phases", ("name", "phase"), registry=registry)
        self.other = Gauge("weight", "Weights", ("name", "phase"), registry=registry)
        self.series = Series()

    def now(self, family: Gauge | None = None) -> dict[tuple[str, ...], float]:
        (found,) = (family or self.family).collect()
        return {tuple(sample.labels.values()): sample.value for sample in found.samples}


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_one_series_takes_the_place_of_those_that_differ_in_the_last_label_alone(
    kept: Kept,
) -> None:
    for name, phase in (("a", "old"), ("a", "older"), ("b", "old")):
        kept.series.own(ONE, kept.family, (name, phase)).set(1)
    kept.series.own(ONE, kept.other, ("a", "old")).set(2)
    kept.series.only(ONE, kept.family, ("a", "new")).set(3)
    assert kept.now() == {("a", "new"): 3, ("b", "old"): 1}
    assert kept.now(kept.other) == {("a", "old"): 2}


def test_a_series_that_is_the_only_one_already_keeps_its_value(kept: Kept) -> None:
    """A scrape in between must not find it gone, or zero."""
    kept.series.only(ONE, kept.family, ("a", "new")).set(3)
    kept.series.only(ONE, kept.family, ("a", "new"))
    assert kept.now() == {("a", "new"): 3}


def test_a_series_goes_with_whoever_wrote_it_last(kept: Kept) -> None:
    for owner in (ONE, TWIN, ONE):
        kept.series.own(owner, kept.family, ("a", "x")).inc()
    kept.series.forget("test", "twin")
    assert kept.now() == {("a", "x"): 3}
    kept.series.forget("test", "one")
    kept.series.forget("test", "one")
    assert kept.now() == {}
    kept.series.own(TWIN, kept.family, ("a", "x")).inc()
    assert kept.now() == {("a", "x"): 1}

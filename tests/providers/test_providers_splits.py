"""What the rules of a live route say together (providers.md 4.7, 5.6, D6)."""

from __future__ import annotations

import pytest

from providers.interface import Affinity, Routing
from providers.splits import Split, routing, shown

ALL, NONE = Split(0, 100, "aff=a"), Split(100, 0, "aff=a")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], None),
        ([Split(90, 10)], Routing(90, 10)),
        ([Split(90, 10), Split(90, 10)], Routing(90, 10)),
        ([Split(90, 10), Split(80, 20)], None),
        ([Split(90, 11)], None),
        ([Split(0, 0)], None),
        ([Split(100, 0, mirrors=True)], Routing(100, 0, mirror=True)),
        ([Split(100, 0, mirrors=True), Split(100, 0)], Routing(100, 0)),
        ([ALL], None),
        ([ALL, Split(90, 10)], Routing(90, 10, affinity=Affinity(canary="aff=a"))),
        ([ALL, ALL, Split(90, 10)], Routing(90, 10, affinity=Affinity(canary="aff=a"))),
        ([ALL, Split(0, 100, "aff=b"), Split(90, 10)], None),
        ([NONE, Split(90, 10)], Routing(90, 10, affinity=Affinity(primary="aff=a"))),
        ([Split(50, 50, "aff=a"), Split(90, 10)], None),
        ([Split(0, 100, "aff=a", expires=True), Split(100, 0)], None),
        (
            [Split(100, 0, "aff=a", expires=True), Split(100, 0)],
            Routing(100, 0, affinity=Affinity(previous="aff=a")),
        ),
    ],
    ids=str,
)
def test_rules_say_one_thing_or_nothing(found: list[Split], said: Routing | None) -> None:
    assert routing(found) == said


def test_splits_are_shown_once_each() -> None:
    assert shown([Split(90, 10), Split(80, 20), Split(90, 10)]) == "80/20, 90/10"
    assert shown([]) == "none"

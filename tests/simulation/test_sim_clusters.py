"""The oracle of clusters sees a request that meets a Service which its proxy doesn't know."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from canary import virtualtime
from simulation.meddling import HTTP_ROUTES
from simulation.oracles.clusters import Clusters
from simulation.oracles.traffic import LAG
from simulation.process import USER
from tests.simulation.witness import Witness

OLD, NEW = "podinfo-primary", "podinfo"
Row = dict[str, int]


def lost(rows: Sequence[Row], *, seed: int, author: str = USER, pause: float = LAG[1]) -> list[str]:
    """What is lost while a route goes through these weights."""

    async def play() -> list[str]:
        witness = Witness()
        witness.world.plan.seed = seed
        clusters = Clusters(witness.world)
        for row in rows:
            refs = [{"name": name, "weight": weight} for name, weight in row.items()]
            witness.put(HTTP_ROUTES, "podinfo", author, spec={"rules": [{"backendRefs": refs}]})
            await asyncio.sleep(pause)
        await asyncio.sleep(LAG[1])
        return clusters.lost

    return virtualtime.run(play())


def seeds(*rows: Row, author: str = USER, pause: float = LAG[1]) -> int:
    """With how many of some seeds a request is lost."""
    return sum(bool(lost(rows, seed=seed, author=author, pause=pause)) for seed in range(12))


def test_a_switch_in_one_write_is_seen_whichever_the_proxy_hears_first() -> None:
    assert seeds({OLD: 1}, {NEW: 1}) == 12


@pytest.mark.parametrize(
    "rows",
    [
        ({OLD: 1}, {OLD: 1, NEW: 0}, {NEW: 1}),
        ({OLD: 1}, {OLD: 0, NEW: 1}, {NEW: 1}),
    ],
)
def test_half_of_the_way_is_not_enough(rows: tuple[Row, ...]) -> None:
    assert 0 < seeds(*rows) < 12


def test_three_writes_with_time_between_lose_nothing() -> None:
    rows = ({OLD: 1}, {OLD: 1, NEW: 0}, {OLD: 0, NEW: 1}, {NEW: 1})
    assert seeds(*rows) == 0
    assert seeds(*rows, pause=0.2) > 0, "they need the time"


def test_a_first_route_and_what_users_write_are_not_ours() -> None:
    assert seeds({OLD: 1}) == 0
    assert seeds({OLD: 1}, {NEW: 1}, author="kubectl") == 0

"""Another strategy in mid-rollout: it goes on from where the traffic is, and nobody gets to the
canary who wasn't to be sent there."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from canary import virtualtime
from canary.kube.resources import CANARIES
from canary.sandbox.storage import Change
from tests.fields.entry import overlay
from tests.fields.play import Play
from tests.fields.scenes import VIRTUAL_SERVICES, canary
from tests.rig.manifests import setting
from tests.rig.routes import shares

STEPS: dict[str, Any] = {"stepWeight": 10, "maxWeight": 30}
LISTED: dict[str, Any] = {"stepWeights": [15, 30]}
TOLD: dict[str, Any] = {"engine": {"steps": [{"weight": 15}, {"weight": 70}]}}
BLUE_GREEN: dict[str, Any] = {"iterations": 2}
MIRRORED: dict[str, Any] = {"iterations": 2, "mirror": True}
TESTED: dict[str, Any] = {"iterations": 3, "match": [{"headers": {"x": {"exact": "1"}}}]}


def spec(analysis: dict[str, Any]) -> dict[str, Any]:
    none = {"stepWeight": None, "maxWeight": None}
    return canary("istio", {"analysis": overlay(none, analysis)})


async def at_second_step(analysis: dict[str, Any]) -> Play:
    play = Play()
    *others, _ = setting()
    await play.begins([*others, spec(analysis)], keda=False)
    await play.stage.set_image("podinfo:2.0.0")
    await play.first_step()
    await play.over()
    return play


def states(changes: list[Change]) -> tuple[list[int], list[int]]:
    """The weights of record while it was judged, and those of the route for everybody."""
    record, route = [], []
    for change in changes:
        if change.resource == CANARIES and change.obj["status"]["phase"] == "Progressing":
            record.append(change.obj["status"]["canaryWeight"])
        elif change.resource == VIRTUAL_SERVICES and "match" not in change.obj["spec"]["http"][0]:
            route.append(shares(change.obj)[1])
    return one_each(record), one_each(route)


def one_each(weights: list[int]) -> list[int]:
    return [weight for weight, _ in groupby(weights)]


@pytest.mark.parametrize(
    ("before", "after", "weights"),
    [
        (STEPS, LISTED, [30]),
        (STEPS, TOLD, [70]),
        (STEPS, BLUE_GREEN, [0, 100]),
        (STEPS, TESTED, [100]),
        (LISTED, STEPS, []),
        (BLUE_GREEN, STEPS, [10, 20, 30]),
        (MIRRORED, STEPS, [10, 20, 30]),
        (TOLD, LISTED, []),
        # Its 100 % were of the requests that match: the first step of all is that of the others.
        (TESTED, STEPS, [0, 10, 20, 30]),
        (TESTED, TOLD, [0, 15, 70]),
        (TESTED, BLUE_GREEN, [0, 100]),
    ],
)
def test_it_goes_on_from_where_the_traffic_is(
    before: dict[str, Any], after: dict[str, Any], weights: list[int]
) -> None:
    async def seen() -> tuple[int, tuple[list[int], list[int]]]:
        play = await at_second_step(before)
        play.stage.history()
        weight = play.stage.status()["canaryWeight"]
        await play.stage.apply(spec(after))
        await play.phase("Succeeded")
        await play.ends()
        return weight, states(play.stage.history())

    weight, (record, route) = virtualtime.run(seen())
    assert record == one_each([weight, *weights])
    # Each write of the route follows the record; the last one is that of the promotion.
    assert route == ([] if after is TESTED else [*weights, 0])


def test_an_ab_test_that_ends_during_the_promotion_sends_nobody_else_to_the_canary() -> None:
    async def seen() -> list[int]:
        play = await at_second_step(TESTED)
        play.stage.starts_in = 60.0
        await play.phase("Promoting")
        play.stage.history()
        await play.stage.apply(spec(STEPS))
        await play.phase("Succeeded")
        await play.stage.rest(30)
        await play.ends()
        return states(play.stage.history())[1]

    assert virtualtime.run(seen()) == [0]

"""Since when things have been as they are, as far as this process knows."""

from __future__ import annotations

import asyncio

from canary import virtualtime
from canary.controller.memory import Expectation, Memory
from canary.kube.resources import DEPLOYMENTS, SERVICES, Key
from canary.rollout.questions import Availability


def test_a_canary_that_another_controller_writes_is_still_since_its_last_version() -> None:
    memory = Memory()
    assert memory.unchanged_since("7", 10.0) == 10.0
    assert memory.unchanged_since("7", 20.0) == 10.0
    assert memory.unchanged_since("8", 30.0) == 30.0


def test_a_weight_is_carried_since_route_mirror_or_confirmation_changed() -> None:
    memory = Memory()
    seen = [(10, False, None), (10, False, True), (10, True, True), (20, True, True)]
    for number, routing in enumerate(seen):
        began = 10.0 * number
        assert memory.carries(routing, began) == began
        assert memory.carries(routing, began + 5.0) == began


def test_routes_are_taken_over_since_their_last_change() -> None:
    memory = Memory()
    memory.took_over("one", 10.0)
    memory.took_over("one", 20.0)
    assert memory.taken == ("one", 10.0)
    memory.took_over("two", 30.0)
    assert memory.taken == ("two", 30.0)
    memory.took_over(None, 40.0)
    assert memory.taken is None


def test_a_write_is_expected_of_its_own_kind_only() -> None:
    memory = Memory(expects=[Expectation(SERVICES, Key("test", "podinfo"), "7")])
    assert memory.expects_any(SERVICES)
    assert not memory.expects_any(DEPLOYMENTS)


def test_nothing_runs_on_for_a_canary_that_is_gone() -> None:
    async def play() -> None:
        tasks = [asyncio.create_task(asyncio.sleep(3600.0)) for _ in range(3)]
        question, announcer, alerting = tasks
        memory = Memory(
            tasks={Availability(1): question}, announcer=announcer, alerting={1: alerting}
        )
        memory.cancel()
        await asyncio.wait(tasks, timeout=1.0)
        assert all(task.cancelled() for task in tasks)
        # Most have nobody to tell anything: that is no trouble.
        Memory().cancel()

    virtualtime.run(play())

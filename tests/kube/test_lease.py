"""One leader at a time. Facts: operations.md section 6 and section 16 row 2."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

import pytest
from candidate import START, Work, elector, now, stopped
from leaseapi import LeaseApi, Wire

from canary.clock import LoopClock
from canary.kube.client import Client
from canary.kube.lease import Elector
from canary.virtualtime import run


def test_an_absent_lease_is_created_with_flaggers_figures() -> None:
    async def main() -> None:
        api = LeaseApi()
        work = Work()
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        await work.leads.wait()
        assert api.lease is not None
        assert api.lease["metadata"]["namespace"] == "kube-system"
        spec = api.lease["spec"]
        assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("a", 60)
        assert spec["leaseTransitions"] == 0
        # A MicroTime, as the API demands: six digits.
        assert spec["acquireTime"] == spec["renewTime"] == "2026-01-01T00:00:00.020000Z"
        await stopped(task)

    run(main())


def test_renewals_keep_the_others_out_and_nothing_else_changes() -> None:
    async def main() -> None:
        api = LeaseApi()
        first, second = Work(), Work()
        tasks = [
            asyncio.create_task(elector(Wire(api), "a").hold(first)),
            asyncio.create_task(elector(Wire(api), "b").hold(second)),
        ]
        await asyncio.sleep(600)
        assert first.leads.is_set() != second.leads.is_set()
        assert {spec["holderIdentity"] for spec in api.writes} == {api.holder}
        assert {spec["acquireTime"] for spec in api.writes} == {api.writes[0]["acquireTime"]}
        renewals = [spec["renewTime"] for spec in api.writes]
        assert renewals == sorted(set(renewals))
        # Every 5 s for 600 s, less the way there and back.
        assert 110 <= len(renewals) <= 121
        for task in tasks:
            await stopped(task)

    run(main())


def test_giving_back_lets_the_next_one_in_at_once() -> None:
    async def main() -> None:
        api = LeaseApi()
        first, second = Work(winding_up=2.0), Work()
        leader = asyncio.create_task(elector(Wire(api), "a").hold(first))
        await first.leads.wait()
        follower = asyncio.create_task(elector(Wire(api), "b").hold(second))
        await asyncio.sleep(20)
        asked = now()
        await stopped(leader)
        assert api.holder == ""
        assert first.until == pytest.approx(asked + 2)
        await second.leads.wait()
        # Not the duration of 60 s: the next look, at most 5 s and its jitter away.
        assert first.until <= second.since <= first.until + 6.1
        assert [spec["leaseTransitions"] for spec in (api.writes[0], api.writes[-1])] == [0, 1]
        await stopped(follower)

    run(main())


def test_giving_back_survives_an_own_renewal_under_way() -> None:
    async def main() -> None:
        api = LeaseApi()
        wire, work = Wire(api), Work(winding_up=1.0)
        task = asyncio.create_task(elector(wire, "a").hold(work))
        await work.leads.wait()
        renewals = len(api.writes)
        wire.late = 0.5
        wire.on_write.clear()
        await wire.on_write.wait()
        await stopped(task)
        assert len(api.writes) == renewals + 2
        assert api.holder == ""

    run(main())


@pytest.mark.parametrize("wall_clock", ["1970-01-01T00:00:00.000000Z", "2999-01-01T00:00:00Z"])
def test_a_dead_leader_is_replaced_after_its_duration_whatever_its_clock_said(
    wall_clock: str,
) -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        api.put(holderIdentity="dead", leaseDurationSeconds=60, renewTime=wall_clock)
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        await work.leads.wait()
        assert 60 < work.since <= 60 + 6.1
        await stopped(task)

    run(main())


def test_a_record_that_changes_keeps_candidates_out() -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        for beat in range(10):
            # The wall clock of this leader stands still; its record changes all the same.
            api.put(holderIdentity="b", leaseDurationSeconds=60, leaseTransitions=beat)
            await asyncio.sleep(50)
        assert not work.leads.is_set()
        await stopped(task)

    run(main())


@pytest.mark.parametrize("failure", [None, RuntimeError("broken")])
def test_work_that_ends_by_itself_gives_the_lease_back(failure: Exception | None) -> None:
    async def main() -> None:
        api = LeaseApi()

        async def work() -> None:
            await asyncio.sleep(12)
            if failure:
                raise failure

        holding: Callable[[], Awaitable[None]] = work
        task = asyncio.create_task(elector(Wire(api), "a").hold(holding))
        await asyncio.wait({task})
        assert task.exception() is failure
        assert api.holder == ""

    run(main())


@pytest.mark.parametrize(
    "times", [{"renew_deadline": 60.0}, {"retry": 15.0}, {"retry": 0.0}, {"retry": -1.0}]
)
def test_deadlines_in_the_wrong_order_are_refused(times: dict[str, float]) -> None:
    client, rng = Client(Wire(LeaseApi())), random.Random(1)
    with pytest.raises(ValueError, match="must each exceed the one before"):
        Elector(client, LoopClock(START), "n", "a", **times, rng=rng)


@pytest.mark.parametrize(("told", "waits"), [(120, 120), (None, 60)])
def test_the_record_says_how_long_a_silent_leader_is_waited_for(
    told: int | None, waits: int
) -> None:
    """The leader before may be another version with other figures; else our own count."""

    async def main() -> None:
        api, work = LeaseApi(), Work()
        api.put(holderIdentity="dead", leaseDurationSeconds=told)
        wire = Wire(api)
        task = asyncio.create_task(elector(wire, "a").hold(work))
        await work.leads.wait()
        assert waits < work.since <= waits + 6.1
        # One look every 5 s and a little, and the write.
        assert waits / 6.1 <= wire.sent <= waits / 5 + 3
        await stopped(task)

    run(main())


def test_who_comes_back_under_its_own_name_need_not_wait() -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        api.put(holderIdentity="a", leaseDurationSeconds=60)
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        await work.leads.wait()
        assert work.since < 1
        await stopped(task)

    run(main())


def test_another_leader_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        for beat in range(4):
            api.put(holderIdentity="bc"[beat // 2], leaseTransitions=beat)
            await asyncio.sleep(20)
        await stopped(task)

    with caplog.at_level(logging.INFO, "canary.lease"):
        run(main())
    assert [record.args for record in caplog.records] == [("b",), ("c",)]

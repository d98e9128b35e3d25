"""One leader at a time. Facts: operations.md section 6 and section 16 row 2."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from leaseapi import LeaseApi, Wire

from canary.clock import LoopClock
from canary.kube.client import Client
from canary.kube.lease import Elector, LeaseLost
from canary.virtualtime import run

START = datetime(2026, 1, 1, tzinfo=UTC)


def elector(wire: Wire, identity: str, clock: LoopClock | None = None) -> Elector:
    return Elector(
        Client(wire, timeout=5.0),
        clock or LoopClock(START),
        "kube-system",
        identity,
        rng=random.Random(1),
    )


class Work:
    """What a leader does: nothing, but it shows."""

    def __init__(self, winding_up: float = 0.0) -> None:
        self.leads = asyncio.Event()
        self.since = self.until = -1.0
        self._winding_up = winding_up

    async def __call__(self) -> None:
        loop = asyncio.get_running_loop()
        self.since = loop.time()
        self.leads.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(self._winding_up)
            self.leads.clear()
            self.until = loop.time()


def now() -> float:
    return asyncio.get_running_loop().time()


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


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


def test_a_leader_cut_off_stops_before_the_lease_can_expire() -> None:
    async def main() -> None:
        api = LeaseApi()
        wire, first, second = Wire(api), Work(winding_up=10.0), Work()
        leader = asyncio.create_task(elector(wire, "a").hold(first))
        await first.leads.wait()
        follower = asyncio.create_task(elector(Wire(api), "b").hold(second))
        await asyncio.sleep(32)
        cut = now()
        wire.down = True
        with pytest.raises(LeaseLost, match="not renewed within 15s"):
            await leader
        # Renewed at most 5 s before the cut: 15 s after that it gives up, then it winds up.
        assert cut + 10 <= first.until - 10 <= cut + 15
        await second.leads.wait()
        assert second.since > first.until
        assert second.since > cut - 5 + 60
        await stopped(follower)

    run(main())


def test_work_that_does_not_end_does_not_keep_the_loss_back() -> None:
    async def main() -> None:
        api = LeaseApi()
        wire, work = Wire(api), Work(winding_up=1000.0)
        task = asyncio.create_task(elector(wire, "a").hold(work))
        await work.leads.wait()
        wire.down = True
        with pytest.raises(LeaseLost):
            await task
        assert now() < 60

    run(main())


def test_a_late_renewal_of_a_deposed_leader_changes_nothing() -> None:
    async def main() -> None:
        api = LeaseApi()
        wire, first, second = Wire(api), Work(), Work()
        leader = asyncio.create_task(elector(wire, "a").hold(first))
        await first.leads.wait()
        follower = asyncio.create_task(elector(Wire(api), "b").hold(second))
        wire.late = 100.0
        with pytest.raises(LeaseLost):
            await leader
        await second.leads.wait()
        await asyncio.sleep(200)
        assert ("PUT", 409) in wire.answers
        assert ("PUT", 200) not in wire.answers
        assert api.holder == "b" and second.leads.is_set()
        await stopped(follower)

    run(main())


class FrozenClock(LoopClock):
    """The clock of a process that was stopped for a while."""

    slept = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.slept


def test_a_leader_that_wakes_from_a_freeze_does_not_even_ask() -> None:
    async def main() -> None:
        api, clock = LeaseApi(), FrozenClock(START)
        wire, work = Wire(api), Work()
        task = asyncio.create_task(elector(wire, "a", clock).hold(work))
        await work.leads.wait()
        before = wire.sent
        clock.slept = 50.0
        with pytest.raises(LeaseLost):
            await task
        assert wire.sent == before

    run(main())


@pytest.mark.parametrize("holder", ["b", ""])
def test_a_lease_in_other_hands_ends_the_lead(holder: str) -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        await work.leads.wait()
        api.put(holderIdentity=holder, leaseDurationSeconds=60)
        with pytest.raises(LeaseLost, match=f"{holder or 'nobody'} holds the Lease"):
            await task
        assert api.holder == holder and not work.leads.is_set()

    run(main())


def test_a_foreign_label_on_the_lease_is_no_loss() -> None:
    async def main() -> None:
        api, work = LeaseApi(), Work()
        task = asyncio.create_task(elector(Wire(api), "a").hold(work))
        await work.leads.wait()
        assert api.lease is not None
        api.lease = {**api.lease, "metadata": {**api.lease["metadata"], "labels": {"team": "x"}}}
        api.lease["metadata"]["resourceVersion"] = "77"
        await asyncio.sleep(100)
        assert work.leads.is_set() and not task.done()
        assert api.lease["metadata"]["labels"] == {"team": "x"}
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


def test_deadlines_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError):
        Elector(Client(Wire(LeaseApi())), LoopClock(START), "n", "a", renew_deadline=60.0)

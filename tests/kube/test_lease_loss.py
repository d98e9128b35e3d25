"""Losing the Lease: in time, and without harm by what arrives late."""

from __future__ import annotations

import asyncio

import pytest
from candidate import START, Work, elector, now, stopped
from leaseapi import LeaseApi, Wire

from canary.clock import LoopClock
from canary.kube.lease import LeaseLost
from canary.virtualtime import run


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


@pytest.mark.parametrize("patience", [5.0, 60.0])
def test_a_leader_without_an_answer_gives_up_on_time(patience: float) -> None:
    """Whatever its client waits for: the deadline counts from the last write that arrived."""

    async def main() -> None:
        wire, work = Wire(LeaseApi()), Work()
        candidate = elector(wire, "a", patience=patience)
        leader = asyncio.create_task(candidate.hold(work))
        await work.leads.wait()
        wire.down = True
        with pytest.raises(LeaseLost, match="not renewed within 15s"):
            await leader
        assert work.until == pytest.approx(15)

    run(main())


@pytest.mark.parametrize("fails", [False, True])
def test_work_that_fails_when_it_is_to_end_is_told(
    fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        wire, leads = Wire(LeaseApi()), asyncio.Event()

        async def work() -> None:
            leads.set()
            try:
                await asyncio.Event().wait()
            finally:
                if fails:
                    raise RuntimeError("broken")

        leader = asyncio.create_task(elector(wire, "a").hold(work))
        await leads.wait()
        wire.down = True
        with pytest.raises(LeaseLost):
            await leader

    run(main())
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert told == ["stopped with an error"] * fails


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

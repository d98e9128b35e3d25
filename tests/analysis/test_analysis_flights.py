"""Identical work in flight is done once, and ends with the last who waits for it."""

from __future__ import annotations

import asyncio

import pytest

from analysis.flights import Flights


class Work:
    """Work that runs until it is told its result; counts what happened to it."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.landing: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> str:
        self.started += 1
        try:
            return await asyncio.shield(self.landing)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def settle() -> None:
    """Let every task that can go on go on, until none of the steps of a join is left."""
    for _ in range(10):
        await asyncio.sleep(0)


async def boarded(flights, key, work):
    task = asyncio.create_task(flights.join(key, work))
    await settle()
    return task


@pytest.mark.asyncio
async def test_all_who_ask_get_the_result_of_one_run():
    flights, work = Flights(), Work()
    waiters = [await boarded(flights, "q", work) for _ in range(3)]
    work.landing.set_result("42")
    assert await asyncio.gather(*waiters) == ["42"] * 3
    assert work.started == 1


@pytest.mark.asyncio
async def test_other_keys_fly_on_their_own():
    flights, one, other = Flights(), Work(), Work()
    waiters = [await boarded(flights, "q", one), await boarded(flights, "r", other)]
    one.landing.set_result("1")
    other.landing.set_result("2")
    assert await asyncio.gather(*waiters) == ["1", "2"]


@pytest.mark.asyncio
async def test_a_result_is_not_kept():
    flights, first, second = Flights(), Work(), Work()
    first.landing.set_result("old")
    second.landing.set_result("new")
    assert await flights.join("q", first) == "old"
    assert await flights.join("q", second) == "new"


@pytest.mark.asyncio
@pytest.mark.parametrize("leaver", [0, 1, 2])
async def test_one_who_is_cancelled_leaves_the_others_undisturbed(leaver):
    flights, work = Flights(), Work()
    waiters = [await boarded(flights, "q", work) for _ in range(3)]
    waiters.pop(leaver).cancel()
    await settle()
    assert work.cancelled == 0
    work.landing.set_result("42")
    assert await asyncio.gather(*waiters) == ["42", "42"]


@pytest.mark.asyncio
async def test_who_comes_after_one_left_still_joins():
    flights, work = Flights(), Work()
    first, second = await boarded(flights, "q", work), await boarded(flights, "q", work)
    first.cancel()
    await settle()
    third = await boarded(flights, "q", work)
    work.landing.set_result("42")
    assert await asyncio.gather(second, third) == ["42", "42"]
    assert work.started == 1


@pytest.mark.asyncio
async def test_the_last_to_leave_cancels_the_work():
    flights, work = Flights(), Work()
    waiters = [await boarded(flights, "q", work) for _ in range(2)]
    for waiter in waiters:
        waiter.cancel()
        await settle()
        assert waiter.cancelled()
    assert work.cancelled == 1


@pytest.mark.asyncio
async def test_who_asks_again_at_once_gets_a_new_run():
    flights, first, second = Flights(), Work(), Work()

    async def twice() -> list[str]:
        return [await flights.join("q", first), await flights.join("q", second)]

    eager = asyncio.create_task(twice())
    await settle()
    # Still waiting for the first result when the other one asks again.
    patient = await boarded(flights, "q", first)
    first.landing.set_result("old")
    second.landing.set_result("new")
    assert await asyncio.gather(eager, patient) == [["old", "new"], "old"]


@pytest.mark.asyncio
async def test_work_that_takes_its_time_to_end_is_not_joined():
    flights, ending, second = Flights(), asyncio.Event(), Work()

    async def reluctant() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await ending.wait()
        return "never"

    first = await boarded(flights, "q", reluctant)
    first.cancel()
    await settle()
    waiter = await boarded(flights, "q", second)
    ending.set()
    await settle()
    # The end of the old work must not take the new one off the board.
    late = await boarded(flights, "q", Work())
    second.landing.set_result("new")
    assert await asyncio.gather(waiter, late) == ["new", "new"]
    assert second.started == 1


@pytest.mark.asyncio
async def test_an_error_reaches_everyone_and_is_not_kept():
    flights, work, retry = Flights(), Work(), Work()
    waiters = [await boarded(flights, "q", work) for _ in range(2)]
    work.landing.set_exception(ConnectionError("no route"))
    found = await asyncio.gather(*waiters, return_exceptions=True)
    assert [str(error) for error in found] == ["no route", "no route"]
    retry.landing.set_result("42")
    assert await flights.join("q", retry) == "42"


@pytest.mark.asyncio
async def test_who_is_cancelled_as_the_result_comes_takes_nothing_from_the_others():
    flights, work = Flights(), Work()
    leaving, staying = [await boarded(flights, "q", work) for _ in range(2)]
    work.landing.set_result("42")
    leaving.cancel()
    assert await staying == "42"
    assert (await asyncio.gather(leaving, return_exceptions=True))[0] is not None
    assert work.cancelled == 0

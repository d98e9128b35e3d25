"""Order for each receiver, and no receiver waiting for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from canary import virtualtime
from canary.notify.couriers import ATTEMPTS, Couriers, persistently
from canary.notify.post import SendFailed
from canary.notify.receiver import Unusable


class Failing:
    """Raises ``errors`` one after the other, and keeps the times of the attempts."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.at: list[float] = []

    async def __call__(self) -> None:
        self.at.append(asyncio.get_running_loop().time())
        if self.errors:
            raise self.errors.pop(0)


def busy(after: float = 0.0) -> SendFailed:
    return SendFailed("busy", again=True, after=after)


@pytest.mark.parametrize(
    ("errors", "at"),
    [
        ((), [0]),
        ((busy(),), [0, 1]),
        ((busy(), busy()), [0, 1, 5]),
        ((busy(after=9), busy(after=3600)), [0, 9, 39]),
    ],
)
def test_what_may_pass_is_tried_again(errors: tuple[Exception, ...], at: list[float]) -> None:
    attempt = Failing(*errors)
    virtualtime.run(persistently(attempt))
    assert attempt.at == at


def test_an_attempt_may_be_any_callable() -> None:
    attempt = Failing(busy())
    virtualtime.run(persistently(lambda: attempt()))
    assert attempt.at == [0, 1]


def test_attempts_are_bounded_and_the_last_failure_counts() -> None:
    errors = [busy() for _ in range(ATTEMPTS + 1)]
    attempt = Failing(*errors)
    with pytest.raises(SendFailed) as caught:
        virtualtime.run(persistently(attempt))
    assert len(attempt.at) == ATTEMPTS
    assert caught.value is errors[ATTEMPTS - 1]


@pytest.mark.parametrize("error", [SendFailed("no"), Unusable("no")])
def test_what_will_not_pass_is_tried_once(error: Exception) -> None:
    attempt = Failing(error)
    with pytest.raises(type(error)):
        virtualtime.run(persistently(attempt))
    assert len(attempt.at) == 1


def test_each_receiver_gets_its_messages_in_order_and_none_waits_for_another() -> None:
    said: list[tuple[str, float]] = []

    def message(name: str, seconds: float) -> Callable[[], Awaitable[None]]:
        async def errand() -> None:
            await asyncio.sleep(seconds)
            said.append((name, asyncio.get_running_loop().time()))

        return errand

    async def run() -> None:
        couriers = Couriers()
        tasks = [
            couriers.send("slow", message("slow 1", 20)),
            couriers.send("fast", message("fast 1", 0)),
            couriers.send("slow", message("slow 2", 0)),
            couriers.send("fast", message("fast 2", 0)),
        ]
        await asyncio.wait(tasks)

    virtualtime.run(run())
    assert said == [("fast 1", 0), ("fast 2", 0), ("slow 1", 20), ("slow 2", 20)]


def test_what_is_cancelled_is_not_sent() -> None:
    attempt = Failing()

    async def run() -> None:
        couriers = Couriers()
        stuck = couriers.send("chat", asyncio.Event().wait)
        waiting = couriers.send("chat", attempt)
        await asyncio.sleep(1)
        couriers.cancel()
        await asyncio.gather(stuck, waiting, return_exceptions=True)

    virtualtime.run(run())
    assert attempt.at == []

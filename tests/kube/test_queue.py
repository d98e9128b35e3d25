"""The queue of keys."""

from __future__ import annotations

import asyncio
import random

import pytest

from canary import virtualtime
from canary.kube.queue import LAST_BACKOFF, WorkQueue


def test_a_key_is_queued_once() -> None:
    async def play() -> list[str]:
        queue = WorkQueue[str](random.Random(0))
        for key in ("a", "b", "a"):
            queue.add(key)
        return [await queue.get(), await queue.get(), str(len(queue))]

    assert virtualtime.run(play()) == ["a", "b", "0"]


def test_a_key_that_is_added_again_keeps_its_place_and_wakes_one() -> None:
    async def play() -> list[str]:
        queue = WorkQueue[str](random.Random(0))
        waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(1)
        for key in ("a", "a", "b", "a"):
            queue.add(key)
        await asyncio.sleep(1)
        got = [task.result() for task in waiting if task.done()]
        waiting[-1].cancel()
        return got

    assert virtualtime.run(play()) == ["a", "b"]


def test_a_key_never_runs_twice_at_once_and_is_not_forgotten() -> None:
    async def play() -> list[int]:
        queue = WorkQueue[str](random.Random(0))
        queue.add("a")
        assert await queue.get() == "a"
        queue.add("a")
        counts = [len(queue)]
        queue.done("a")
        counts.append(len(queue))
        return counts

    assert virtualtime.run(play()) == [0, 1]


def test_who_waits_is_not_woken_for_good_by_a_key_that_is_forgotten() -> None:
    async def play() -> list[str]:
        queue = WorkQueue[str](random.Random(0))
        waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
        await asyncio.sleep(1)
        queue.add("a")
        queue.forget("a")
        await asyncio.sleep(1)
        queue.add("b")
        await asyncio.sleep(1)
        queue.add("c")
        await asyncio.sleep(1)
        got = [task.result() for task in waiting if task.done()]
        for task in waiting:
            task.cancel()
        return got

    assert virtualtime.run(play()) == ["b", "c"]


def test_the_earliest_of_several_times_counts() -> None:
    async def play() -> float:
        queue = WorkQueue[str](random.Random(0))
        loop = asyncio.get_running_loop()
        for when in (30.0, 10.0, 20.0):
            queue.add_at("a", when)
        await queue.get()
        return loop.time()

    assert virtualtime.run(play()) == pytest.approx(10.0)


def test_backoff_doubles_up_to_its_limit_and_starts_anew() -> None:
    async def play() -> list[float]:
        queue = WorkQueue[str](random.Random(0))
        delays = [queue.retry("a") for _ in range(15)]
        queue.succeeded("a")
        return [*delays, queue.retry("a")]

    delays = virtualtime.run(play())
    assert all(0.5 <= later / (0.1 * 2**n) <= 1.0 for n, later in enumerate(delays[:9]))
    assert LAST_BACKOFF / 2 <= delays[14] <= LAST_BACKOFF
    assert delays[15] <= 0.1


def test_retry_after_of_the_server_is_honoured() -> None:
    async def play() -> float:
        return WorkQueue[str](random.Random(0)).retry("a", at_least=7.0)

    assert virtualtime.run(play()) == 7.0


def test_a_forgotten_key_does_not_come_back() -> None:
    async def play() -> int:
        queue = WorkQueue[str](random.Random(0))
        queue.add("a")
        queue.add_at("a", 5.0)
        queue.forget("a")
        await asyncio.sleep(10)
        return len(queue)

    assert virtualtime.run(play()) == 0


def test_a_time_that_another_replaces_is_over() -> None:
    async def play() -> list[float]:
        queue = WorkQueue[str](random.Random(0))
        loop = asyncio.get_running_loop()
        for when in (30.0, 10.0):
            queue.add_at("a", when)
        await queue.get()
        queue.done("a")
        await asyncio.sleep(60)
        return [loop.time(), len(queue)]

    assert virtualtime.run(play()) == [70.0, 0]


def test_a_retry_comes_after_its_delay() -> None:
    async def play() -> tuple[float, float]:
        queue = WorkQueue[str](random.Random(0))
        delay = queue.retry("a", at_least=7.0)
        assert len(queue) == 0
        await queue.get()
        return delay, asyncio.get_running_loop().time()

    delay, came = virtualtime.run(play())
    assert came == pytest.approx(delay)
    assert delay >= 7.0

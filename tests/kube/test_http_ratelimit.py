"""The limit on requests."""

from __future__ import annotations

import asyncio

import pytest

from canary.kube.ratelimit import TokenBucket
from canary.virtualtime import run


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    async def main() -> list[float]:
        bucket = TokenBucket(rate=10, burst=3)
        times: list[float] = []

        async def one() -> None:
            await bucket.take()
            times.append(now())

        await asyncio.gather(*(one() for _ in range(6)))
        return times

    assert run(main()) == pytest.approx([0, 0, 0, 0.1, 0.2, 0.3])


def test_tokens_come_back_up_to_the_burst() -> None:
    async def main() -> None:
        bucket = TokenBucket(rate=10, burst=2)
        await bucket.take()
        await asyncio.sleep(100)
        start = now()
        for _ in range(3):
            await bucket.take()
        assert now() - start == pytest.approx(0.1)

    run(main())


def test_a_token_nobody_waited_for_to_the_end_is_given_back() -> None:
    async def main() -> None:
        bucket = TokenBucket(rate=1, burst=1)
        await bucket.take()
        impatient = [asyncio.create_task(bucket.take()) for _ in range(50)]
        await asyncio.sleep(0)
        for task in impatient:
            task.cancel()
        await asyncio.wait(impatient)
        await bucket.take()
        assert now() == pytest.approx(1)

    run(main())


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (1, 0), (-1, 5)])
def test_a_limit_that_lets_nothing_through_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError):
        TokenBucket(rate, burst)

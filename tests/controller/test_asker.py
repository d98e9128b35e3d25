"""Questions run beside the queue: each once, as long as somebody wants to know."""

from __future__ import annotations

import asyncio
from collections import Counter

from canary import virtualtime
from canary.clock import LoopClock
from canary.controller.asker import Asker
from canary.controller.memory import Memory
from canary.kube.resources import Key
from canary.rollout.questions import Evaluation, Known, Question
from tests.rig.stage import ORIGIN

KEY = Key("test", "podinfo")
FIRST, SECOND = Evaluation("e1-a", 0, 1), Evaluation("e1-a", 0, 2)


class Source:
    """Answers after ``takes`` seconds; the first ``fails`` times it fails."""

    def __init__(self, takes: float = 0.0, fails: int = 0) -> None:
        self.takes, self.fails = takes, fails
        self.began: Counter[Question] = Counter()
        self.woken: list[float] = []
        self.memory = Memory()
        self.asker = Asker(LoopClock(ORIGIN), self._wake)

    def _wake(self, key: Key) -> None:
        assert key == KEY
        self.woken.append(asyncio.get_running_loop().time())

    def pose(self, *asks: Question) -> None:
        self.asker.pose(KEY, self.memory, frozenset(asks), self._answer)

    async def _answer(self, question: Question) -> str:
        self.began[question] += 1
        await asyncio.sleep(self.takes)
        if self.began[question] <= self.fails:
            raise ValueError("a defect in a check")
        return "fine"


def test_a_question_is_put_once_however_often_the_engine_looks() -> None:
    async def play() -> None:
        source = Source(takes=5.0)
        for _ in range(10):
            source.pose(FIRST)
            await asyncio.sleep(1.0)
        assert source.began == {FIRST: 1}
        assert source.memory.answers == {FIRST: Known("fine", 5.0)}
        assert source.woken == [5.0]

    virtualtime.run(play())


def test_what_nobody_asks_any_more_is_cancelled_and_forgotten() -> None:
    async def play() -> None:
        source = Source(takes=5.0)
        source.pose(FIRST, SECOND)
        await asyncio.sleep(1.0)
        source.pose(SECOND)
        await asyncio.sleep(10.0)
        assert source.memory.answers == {SECOND: Known("fine", 5.0)}
        assert source.woken == [5.0]
        source.pose()
        assert source.memory.answers == {}

    virtualtime.run(play())


def test_a_check_that_breaks_is_put_again_after_a_second() -> None:
    async def play() -> None:
        source = Source(fails=1)
        source.pose(FIRST)
        await asyncio.sleep(0.9)
        assert (source.woken, source.memory.answers) == ([], {})
        await asyncio.sleep(0.2)
        assert source.woken == [1.0]
        source.pose(FIRST)
        await asyncio.sleep(0.0)
        await asyncio.sleep(0.1)
        assert [answer.value for answer in source.memory.answers.values()] == ["fine"]

    virtualtime.run(play())

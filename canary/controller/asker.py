"""Questions run beside the queue; their answers wake the key."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from canary.clock import Clock
from canary.controller.memory import Memory
from canary.kube.resources import Key
from canary.rollout.questions import Known, Question

log = logging.getLogger("canary.questions")

Ask = Callable[[Question], Awaitable[object]]


class Asker:
    """Starts what is asked, cancels what no longer is, keeps answers until they are outdated."""

    def __init__(self, clock: Clock, wake: Callable[[Key], None]) -> None:
        self._clock = clock
        self._wake = wake

    def pose(self, key: Key, memory: Memory, asks: frozenset[Question], ask: Ask) -> None:
        """Make ``asks`` the questions that run for ``key``; ``ask`` finds an answer to one."""
        self.keep(memory, asks)
        for question in sorted(asks, key=repr):
            if question not in memory.tasks and question not in memory.answers:
                memory.tasks[question] = asyncio.create_task(
                    self._answer(key, memory, question, ask)
                )

    def keep(self, memory: Memory, asks: frozenset[Question]) -> None:
        """Forget what isn't among ``asks``: answers that were heard, and questions that run."""
        for question in [q for q in memory.tasks if q not in asks]:
            memory.tasks.pop(question).cancel()
        for question in [q for q in memory.answers if q not in asks]:
            del memory.answers[question]

    async def _answer(self, key: Key, memory: Memory, question: Question, ask: Ask) -> None:
        try:
            value = await ask(question)
        except Exception:  # a defect in one check stays with its Canary
            log.exception("question failed: %s", question, extra={"canary": str(key)})
            await asyncio.sleep(1.0)
            memory.tasks.pop(question, None)
            self._wake(key)
            return
        memory.tasks.pop(question, None)
        memory.answers[question] = Known(value, self._clock.monotonic())
        self._wake(key)

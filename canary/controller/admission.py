"""How many runs may be in flight at once, and whose turn it is.

The runs in flight and the queue stand in the records, so that a restart changes neither: who
queued first starts first. What is held here is only what the caches don't show yet. A run that
ends wakes those who wait; nothing is polled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import takewhile

from canary.controller.indexes import BY_FLIGHT, QUEUED, RUNNING, flight_index
from canary.controller.settings import Settings
from canary.kube.caches import Caches
from canary.kube.resources import CANARIES, Key, Obj
from canary.kube.store import key_of
from canary.rollout.decide import Decision
from canary.rollout.record import Record
from canary.rollout.runcodec import moment
from canary.rollout.stage import Stage
from canary.rollout.turn import Turn
from canary.rollout.verdict import Hold, Start

_LAST = datetime.max.replace(tzinfo=UTC)
"""Who isn't in the queue yet comes after all who are."""

_Waiting = tuple[datetime, Key]
"""Since when, and who: the order of the queue."""


class Admission:
    """Lets runs start, as many as ``-max-concurrent-runs`` and its like allow.

    ``queued`` hears how many of each namespace wait, whenever that may have changed.
    """

    def __init__(
        self,
        caches: Caches,
        settings: Settings,
        wake: Callable[[Key], None],
        queued: Callable[[Mapping[str, int]], None],
    ) -> None:
        self._caches, self._wake, self._show = caches, wake, queued
        self._most, self._most_here = settings.max_runs, settings.max_runs_per_namespace
        self._started: set[Key] = set()
        """Starts that the caches may not show yet."""
        self._blind: set[Key] = set()
        """Those in the queue that can't be seen well enough to start: nobody waits for them."""

    @property
    def capped(self) -> bool:
        """Whether there is any limit."""
        return self._most > 0 or self._most_here > 0

    def turn(self, key: Key, record: Record) -> Turn | None:
        """Whether a run of ``key`` may start; None where nothing limits it."""
        if not self.capped or not (record.stage.idle or record.stage is Stage.WAITING):
            return None
        full = self._running(key)
        mine = (record.queued or _LAST, key)
        ahead = list(takewhile(lambda one: one < mine, self._queue(key)))
        for _, other in ahead:
            if self._limit(full, other.namespace) is None:
                full[other.namespace] += 1
        limit = self._limit(full, key.namespace)
        if limit is None:
            return Turn()
        here = self._most_here and full[key.namespace] >= self._most_here
        rivals = [other for _, other in ahead if not here or other.namespace == key.namespace]
        return Turn(False, len(rivals) + 1, limit)

    def decided(self, key: Key, decision: Decision) -> None:
        """What was decided for ``key``: to be called before anything is awaited."""
        verdict = decision.verdict
        if isinstance(verdict, Start):
            self._started.add(key)
        else:
            self._started.discard(key)
        # Of all holds only a blind one keeps its place in the queue.
        if isinstance(verdict, Hold) and decision.record.queued:
            if key not in self._blind:
                self._blind.add(key)
                self._wake_queue()
        else:
            self._blind.discard(key)

    def withdrawn(self, key: Key) -> None:
        """What was decided for ``key`` can't be put on record, or ``key`` is gone."""
        self._blind.discard(key)
        if key in self._started:
            self._started.discard(key)
            self._wake_queue()

    def changed(self, old: Obj | None, new: Obj | None) -> None:
        """A Canary as it was and is: if a run began or ended, or the queue changed, those in the
        queue look again."""
        if self.capped and _standing(old) != _standing(new):
            self._show(Counter(key_of(obj).namespace for obj in self._found(QUEUED)))
            self._wake_queue()

    def _wake_queue(self) -> None:
        for _, key in self._queue(None):
            self._wake(key)

    def _running(self, key: Key) -> Counter[str]:
        """Runs in flight by namespace, without ``key``'s own."""
        shown = {key_of(obj) for obj in self._found(RUNNING)}
        return Counter(other.namespace for other in (shown | self._started) - {key})

    def _queue(self, key: Key | None) -> list[_Waiting]:
        """The queue in its order, without ``key``."""
        out = {key} | self._started | self._blind
        found = ((_queued(obj), key_of(obj)) for obj in self._found(QUEUED))
        return sorted(one for one in found if one[1] not in out)

    def _found(self, standing: str) -> Iterator[Obj]:
        for store in self._caches.everywhere(CANARIES):
            yield from store.by_index(BY_FLIGHT, standing)

    def _limit(self, full: Counter[str], namespace: str) -> str | None:
        """The limit that leaves no room in ``namespace``; None where there is room."""
        if self._most_here and full[namespace] >= self._most_here:
            return f"{_runs(self._most_here)} at a time in namespace {namespace}"
        if self._most and full.total() >= self._most:
            return f"{_runs(self._most)} at a time"
        return None


def _runs(number: int) -> str:
    return f"{number} run" if number == 1 else f"{number} runs"


def _standing(obj: Obj | None) -> tuple[str, ...]:
    return tuple(flight_index(obj)) if obj else ()


def _queued(obj: Obj) -> datetime:
    """Since when ``obj`` is in the queue, where the index says that it is."""
    since = moment(obj["status"]["engine"]["queued"])
    if since is None:
        raise AssertionError("the index finds those in the queue only")
    return since

"""Leadership by a Lease: at most one process leads, and it knows when to stop.

Two rules keep leaders apart. A leader counts from before its last successful write and gives up
long before the Lease can expire; a candidate counts from after it last saw the record change and
waits until the whole duration is over. Nobody compares wall clocks.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from canary.clock import Clock
from canary.kube import leaserecord
from canary.kube.client import Client
from canary.kube.errors import AlreadyExists, ApiError, Conflict, NotFound, Unreachable
from canary.kube.resources import LEASES, Obj

log = logging.getLogger("canary.lease")

NAME = "flagger-leader-election"
"""Flagger's own, so that it and this engine never lead beside each other."""

JITTER = 0.2
"""Candidates wait up to this share longer, so that they don't come in step."""


_MOMENT = 1.0
"""Seconds to wind up in even after a freeze that outlasted the Lease."""


class LeaseLost(Exception):
    """This process leads no more; the text says why."""


class Elector:
    """One candidate. Times are in seconds; ``identity`` must belong to this process alone."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        namespace: str,
        identity: str,
        name: str = NAME,
        duration: float = 60.0,
        renew_deadline: float = 15.0,
        retry: float = 5.0,
        *,
        rng: random.Random,
    ) -> None:
        if not 0 < retry < renew_deadline < duration:
            raise ValueError("retry, renew_deadline and duration must each exceed the one before")
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._identity = identity
        self._name = name
        self._duration = duration
        self._renew_deadline = renew_deadline
        self._retry = retry
        self._rng = rng
        self._lease: Obj = {}
        self._renewed = 0.0
        """When the last successful write of this process began."""
        self._seen: Mapping[str, Any] | None = None
        self._seen_at = 0.0

    async def hold(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Wait for the Lease, run ``lead`` under it, give it back when ``lead`` ends.

        Raises what ``lead`` raises, and LeaseLost when the Lease can't be renewed: ``lead`` is then
        cancelled, and this returns before the Lease expires. Being cancelled ends ``lead`` too.
        """
        await self._acquire()
        log.info("Acting as elected leader")
        leading = asyncio.create_task(_awaited(lead), name="leader")
        try:
            await self._keep(leading)
        except LeaseLost:
            await self._end(leading)
            raise
        except asyncio.CancelledError:
            if await self._end(leading):
                await self._release()
            raise
        await self._release()
        leading.result()

    async def _acquire(self) -> None:
        while True:
            try:
                if await self._attempt():
                    return
            except (ApiError, Unreachable) as error:
                log.warning("the Lease %s can't be had: %s", self._place, error)
            await asyncio.sleep(self._retry * (1 + JITTER * self._rng.random()))

    async def _attempt(self) -> bool:
        """Take the Lease if it is free; False if it isn't, or if another was faster."""
        started = self._clock.monotonic()
        try:
            current = await self._client.get(LEASES, self._namespace, self._name)
        except NotFound:
            write = self._client.create(LEASES, self._taken(self._new()))
        else:
            if not self._free(current):
                return False
            # The resourceVersion in the metadata makes this fail if anybody wrote in between.
            write = self._client.update(LEASES, self._taken(current))
        try:
            self._lease = await write
        except (AlreadyExists, Conflict, NotFound):
            return False
        self._renewed = started
        return True

    def _free(self, lease: Obj) -> bool:
        """Whether nobody holds it, as far as this process itself has watched it."""
        spec, holder = leaserecord.spec_of(lease), leaserecord.holder(lease)
        if holder in ("", self._identity):
            return True
        now = self._clock.monotonic()
        if spec != self._seen:
            if holder != (self._seen or {}).get("holderIdentity"):
                log.info("Another instance has been elected as leader: %s", holder)
            self._seen, self._seen_at = spec, now
        return now - self._seen_at > float(spec.get("leaseDurationSeconds") or self._duration)

    async def _keep(self, leading: asyncio.Task[None]) -> None:
        """Renew until ``leading`` is done; raises LeaseLost."""
        while True:
            rest = self._renewed + self._renew_deadline - self._clock.monotonic()
            done, _ = await asyncio.wait({leading}, timeout=max(0.0, min(self._retry, rest)))
            if done:
                return
            started = self._clock.monotonic()
            rest = self._renewed + self._renew_deadline - started
            if rest <= 0:
                raise LeaseLost(f"not renewed within {self._renew_deadline:g}s")
            try:
                async with asyncio.timeout(rest):
                    await self._renew()
            except TimeoutError:
                continue
            except NotFound as error:
                raise LeaseLost(f"the Lease {self._place} was deleted") from error
            except (ApiError, Unreachable) as error:
                log.warning("the Lease %s can't be renewed: %s", self._place, error)
            else:
                self._renewed = started

    async def _renew(self) -> None:
        self._lease = await self._rewrite(leaserecord.renewed)

    async def _rewrite(self, changed: Callable[[Obj, datetime], Obj]) -> dict[str, Any]:
        """Write ``changed`` of the Lease that this process holds; LeaseLost if it doesn't."""
        try:
            return await self._client.update(LEASES, changed(self._lease, self._clock.now()))
        except Conflict:
            # Somebody else wrote, or an own write arrived whose answer didn't.
            current = await self._client.get(LEASES, self._namespace, self._name)
            holder = leaserecord.holder(current) or "nobody"
            if holder != self._identity:
                raise LeaseLost(f"{holder} holds the Lease {self._place}") from None
            return await self._client.update(LEASES, changed(current, self._clock.now()))

    async def _end(self, leading: asyncio.Task[None]) -> bool:
        """Cancel ``leading`` and wait for it while the Lease is surely held: whether it ended."""
        leading.cancel()
        halfway = (self._renew_deadline + self._duration) / 2
        rest = self._renewed + halfway - self._clock.monotonic()
        await asyncio.wait({leading}, timeout=max(_MOMENT, rest))
        if not leading.done():
            log.critical("work goes on although this process leads no more")
            return False
        error = None if leading.cancelled() else leading.exception()
        if error:
            log.error("stopped with an error", exc_info=error)
        return True

    async def _release(self) -> None:
        """Let the next one in at once."""
        try:
            await self._rewrite(leaserecord.released)
        except (ApiError, Unreachable, LeaseLost) as error:
            log.warning("the Lease %s can't be given back: %s", self._place, error)

    def _new(self) -> dict[str, Any]:
        return leaserecord.new(self._namespace, self._name)

    def _taken(self, lease: Obj) -> dict[str, Any]:
        return leaserecord.taken(lease, self._identity, self._duration, self._clock.now())

    @property
    def _place(self) -> str:
        return f"{self._namespace}/{self._name}"


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()

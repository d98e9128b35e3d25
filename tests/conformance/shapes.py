"""Shapes of requests: what a case has to have sent before anybody else relies on the answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeAlias

from canary.clock import SystemClock
from canary.sandbox.cluster import Cluster
from canary.sandbox.negotiation import form
from canary.sandbox.server import Entry
from tests.conformance.cases import CASES

Shape: TypeAlias = tuple[str, ...]


def shapes(entry: Entry) -> set[Shape]:
    """What is particular to a request: its verb, its encodings, each of its options."""
    if entry.subject is None:
        parts = entry.path.strip("/").split("/")
        return {("path", entry.method, parts[0], str(len(parts)))}
    here = entry.subject
    level = here.subresource or ("object" if here.name else "collection")
    kind = "custom" if here.kind.custom else "built-in"
    verb = "watch" if entry.query.get("watch") in ("true", "1") else entry.method
    found: set[Shape] = {("verb", verb, level, kind, entry.content_type)}
    found |= {("option", verb, level, name) for name in entry.query}
    if verb in ("GET", "watch"):
        found.add(("form", verb, level, form(entry.accept).value))
    return found


@cache
def covered() -> frozenset[Shape]:
    """The shapes of all requests that cases send."""
    # In a thread of its own: whoever asks may be inside a loop, and its time virtual.
    with ThreadPoolExecutor(1) as pool:
        return frozenset(pool.submit(asyncio.run, _covered()).result())


async def _covered() -> set[Shape]:
    from tests.conformance.conftest import ready

    cluster = Cluster(SystemClock())
    cluster.start()
    found: set[Shape] = set()
    try:
        for number, play in enumerate(CASES.values()):
            transport = cluster.server.transport("conformance")
            await play(await ready(transport, f"conformance-{number}"))
        for entry in cluster.server.audit:
            # What was refused for its shape covers nothing.
            if entry.status not in (405, 406, 415, 501):
                found |= shapes(entry)
    finally:
        await cluster.stop()
    return found


def uncovered(audit: list[Entry]) -> set[Shape]:
    """Shapes in an audit log for which there is no case; refused requests need none."""
    sent: set[Shape] = set()
    for entry in audit:
        if entry.status not in (405, 406, 415, 501):
            sent |= shapes(entry)
    return sent - covered()

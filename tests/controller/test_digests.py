"""Digests of ConfigMaps and Secrets: one read for each version, tried until it succeeds."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from canary.clock import LoopClock
from canary.controller.digests import Digests, Source, describe
from canary.kube.client import Client
from canary.kube.resources import CONFIG_MAPS, SECRETS, Key
from canary.kube.transport import Request, Response, Transport
from canary.rollout.observed import Observed, Present, Unknown
from canary.sandbox.cluster import Cluster
from tests.rig.played import played_on
from tests.rig.stage import ORIGIN

ONE = {"name": "one", "namespace": "default"}
KEY = Key("default", "one")
READING = Unknown("ConfigMap one.default is being read")


class Line:
    """A line to a server that can refuse to answer."""

    def __init__(self, inner: Transport) -> None:
        self.down = False
        self.reads: list[float] = []
        self._request, self.stream, self.close = inner.request, inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        self.reads.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        return Response(503, {}, b"{}") if self.down else await self._request(call)


class Reader:
    """Digests of the objects in a cluster."""

    def __init__(self) -> None:
        self.cluster = Cluster(LoopClock(ORIGIN))
        self.line = Line(self.cluster.server.transport("engine"))
        self.changed: list[str] = []
        self.digests = Digests(Client(self.line), lambda _, key: self.changed.append(str(key)))
        self.user = self.cluster.client()

    async def put(self, **data: str) -> None:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": ONE, "data": data}
        await self.user.apply(CONFIG_MAPS, body)

    def look(self) -> Observed[Source]:
        live = self.cluster.get(CONFIG_MAPS, "default", "one")
        assert live is not None
        return self.digests.look(CONFIG_MAPS, {"metadata": live["metadata"]})


played = played_on(Reader)


@played
async def test_a_version_is_read_once_however_often_it_is_looked_at(reader: Reader) -> None:
    await reader.put(color="blue")
    assert not reader.digests.reading
    assert [reader.look() for _ in range(3)] == [READING] * 3
    assert reader.digests.reading
    await asyncio.sleep(1.0)
    assert (reader.changed, reader.digests.reading) == (["one.default"], False)
    blue = reader.look()
    assert isinstance(blue, Present)
    assert len(reader.line.reads) == 1
    await reader.put(color="red")
    # What was known of another version says nothing of this one.
    assert reader.look() == READING
    await asyncio.sleep(1.0)
    red = reader.look()
    assert isinstance(red, Present)
    assert (red.value.checksum != blue.value.checksum, len(reader.line.reads)) == (True, 2)
    reader.digests.forget(CONFIG_MAPS, KEY)
    assert reader.look() == READING


@played
async def test_a_read_that_fails_is_tried_less_and_less(reader: Reader) -> None:
    await reader.put(color="blue")
    reader.line.down = True
    assert reader.look() == READING
    await asyncio.sleep(100.0)
    assert (reader.look(), reader.changed) == (READING, [])
    waits = [round(b - a, 3) for a, b in pairwise(reader.line.reads)]
    assert waits == [1.1, 2.1, 4.1, 8.1, 16.1, 30.1, 30.1]
    reader.line.down = False
    await asyncio.sleep(30.0)
    assert isinstance(reader.look(), Present)


@played
async def test_what_is_gone_before_it_is_read_is_looked_at_again_and_not_waited_for(
    reader: Reader,
) -> None:
    await reader.put(color="blue")
    reader.look()
    live = reader.cluster.get(CONFIG_MAPS, "default", "one")
    assert live is not None
    await reader.user.delete(CONFIG_MAPS, "default", "one", uid=live["metadata"]["uid"])
    await asyncio.sleep(1.0)
    assert (reader.changed, reader.digests.reading) == (["one.default"], False)


@played
async def test_nothing_is_read_any_more_after_a_stop(reader: Reader) -> None:
    await reader.put(color="blue")
    reader.line.down = True
    reader.look()
    await asyncio.sleep(5.0)
    tried = len(reader.line.reads)
    reader.digests.close()
    await asyncio.sleep(100.0)
    assert (reader.digests.reading, len(reader.line.reads)) == (False, tried)


TOKEN = {"metadata": ONE, "type": "kubernetes.io/service-account-token"}
OPT_OUT = {"metadata": {**ONE, "annotations": {"flagger.app/config-tracking": "disabled"}}}


@pytest.mark.parametrize(
    ("kind", "obj", "tracked"),
    [
        (CONFIG_MAPS, {"metadata": ONE}, True),
        (CONFIG_MAPS, TOKEN, True),
        (CONFIG_MAPS, OPT_OUT, False),
        (SECRETS, {"metadata": ONE}, True),
        (SECRETS, TOKEN, False),
        (SECRETS, OPT_OUT, False),
    ],
)
def test_what_is_tracked_is_told_by_kind_type_and_opt_out(
    kind: Any, obj: dict[str, Any], tracked: bool
) -> None:
    assert describe(kind, obj).tracked is tracked

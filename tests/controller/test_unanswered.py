"""A change of the route that got no answer may still be carried out: pods are there for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from canary import virtualtime
from canary.api.annotations import INTENT
from canary.controller.memory import Memory
from canary.kube.resources import CANARIES, DEPLOYMENTS
from canary.kube.transport import APPLY_PATCH, Request, Response, Transport, TransportError
from tests.rig.routes import VIRTUAL_SERVICES, shares
from tests.rig.stage import Stage
from tests.rig.staged import staged
from tests.transcripts.script import Script

PLACE = (VIRTUAL_SERVICES.plural, "podinfo")


class Line:
    """A line on which the next call that is ``lost`` gets no answer: the client gives up after
    10 s, and it is carried out after ``late`` seconds, or never where that is 0."""

    def __init__(self, inner: Transport, late: float) -> None:
        self._request, self.stream, self.close = inner.request, inner.stream, inner.close
        self._late = late
        self.lost: Callable[[Request], bool] | None = None
        self.task: asyncio.Task[None] | None = None

    async def request(self, call: Request) -> Response:
        if self.lost is None or not self.lost(call):
            return await self._request(call)
        self.lost = None
        if self._late:
            self.task = asyncio.create_task(self._carry_out(call))
        await asyncio.sleep(10.0)
        raise TransportError("no answer within 10 s")

    async def _carry_out(self, call: Request) -> None:
        await asyncio.sleep(self._late)
        assert (await self._request(call)).status == 200


def shift(call: Request) -> bool:
    """A change of the route's weights."""
    return call.content_type == APPLY_PATCH and VIRTUAL_SERVICES.plural in call.path


def pin(call: Request) -> bool:
    return call.method == "POST" and "controllerrevisions" in call.path


async def released(
    script: Script, lost: Callable[[Request], bool], late: float = 0.0, former: str = ""
) -> Line:
    """A new image, on a line that loses something; the route's fields are those of ``former``."""
    lines: list[Line] = []

    def wrap(inner: Transport) -> Line:
        lines.append(Line(inner, late))
        return lines[-1]

    script.stage.wrap = wrap
    await script.initialized()
    if former:
        (entry,) = script.stage.get(VIRTUAL_SERVICES, "podinfo")["metadata"]["managedFields"]
        owned = [{**entry, "manager": former, "operation": "Update"}]
        meta = {"metadata": {"managedFields": owned}}
        await script.stage.patch(VIRTUAL_SERVICES, "podinfo", meta)
    lines[-1].lost = lost
    await script.image("2.0.0")
    return lines[-1]


async def aborted(script: Script, late: float, former: str = "") -> Line:
    """An abort while the first change of the route has no answer."""
    line = await released(script, shift, late, former)
    await script.reaches("Progressing", 10)
    await script.stage.patch(CANARIES, "podinfo", {"metadata": {"annotations": {INTENT: "abort"}}})
    script.stage.history()
    return line


def replicas(script: Script) -> int:
    return int(script.stage.get(DEPLOYMENTS, "podinfo")["spec"]["replicas"])


@pytest.mark.parametrize("former", ["", "flagger"])
def test_no_request_meets_a_target_at_zero_when_a_write_comes_late(former: str) -> None:
    # Found by simulation: aborted seed=0 late@api:63. With another manager's fields the route has a
    # new version already, by their takeover, when its weights come late.
    async def play() -> None:
        # The write that comes late breaks the promises that a staged test watches.
        stage = Stage()
        await late(Script(stage), former)
        await stage.down()

    virtualtime.run(play())


async def late(script: Script, former: str) -> None:
    line = await aborted(script, 25.0, former)
    await script.stage.rest(10)
    assert (script.stage.phase(), replicas(script)) == ("Failed", 2)
    assert line.task is not None
    await line.task
    assert replicas(script) == 2
    await script.stage.rest(1)
    seen = [shares(c.obj)[1] for c in script.stage.history() if c.resource == VIRTUAL_SERVICES]
    assert seen == [10, 0]
    await script.stage.rest(20)
    # Its new version tells that nothing more can come, but for the takeover of fields.
    assert replicas(script) == (2 if former else 0)
    await script.stage.rest(40)
    assert replicas(script) == 0


@staged()
async def test_the_target_stays_for_a_minute_when_the_write_never_comes(script: Script) -> None:
    await aborted(script, late=0.0)
    await script.stage.rest(10 + 59)
    assert (script.stage.phase(), replicas(script)) == ("Failed", 2)
    await script.stage.rest(30)
    assert replicas(script) == 0


@staged()
async def test_nothing_but_a_change_of_the_route_makes_it_unsure(script: Script) -> None:
    line = await released(script, pin)
    began = asyncio.get_running_loop().time()
    await script.reaches("Progressing", 20)
    assert line.lost is None
    # 73 s, and a minute more if a pin counted as a route.
    assert asyncio.get_running_loop().time() - began < 100


def test_a_route_that_was_changed_refuses_what_is_late() -> None:
    memory = Memory(unanswered={PLACE: ("7", 70.0)})
    assert memory.unsure_until({PLACE: "7"}) == 70.0
    assert memory.unsure_until({PLACE: "8"}) == 0.0
    assert memory.unanswered == {}
    taken_over = Memory(unanswered={PLACE: (None, 70.0)})
    assert taken_over.unsure_until({PLACE: "8"}) == 70.0
    made = Memory(unanswered={PLACE: ("", 70.0)})
    assert made.unsure_until({}) == 70.0
    assert made.unsure_until({PLACE: "1"}) == 0.0

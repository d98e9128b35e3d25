"""A process that leads: it begins when it can see, and nobody's end or return is any trouble."""

from __future__ import annotations

import asyncio

import pytest

from canary.controller.settings import Settings
from canary.kube.resources import CANARIES
from canary.kube.transport import Request, Response, Transport
from tests.enginefields.fleet import member
from tests.rig.chat import NOTIFIED
from tests.rig.manifests import setting
from tests.rig.staged import staged
from tests.transcripts.script import Script


class Slow:
    """A line on which the list of one collection takes ten seconds."""

    def __init__(self, inner: Transport, path: str) -> None:
        self._request, self._path = inner.request, path
        self.stream, self.close = inner.stream, inner.close

    async def request(self, call: Request) -> Response:
        if call.method == "GET" and call.path.endswith(self._path):
            await asyncio.sleep(10.0)
        return await self._request(call)


async def gone(script: Script, name: str = "podinfo") -> None:
    await script.stage.delete(CANARIES, name)


def cached(script: Script, resource: str) -> float | None:
    """What the series of a cache says: 1 while it is in step with the cluster."""
    labels = {"resource": resource, "namespace": ""}
    return script.stage.registry.get_sample_value("canary_engine_watch_synced", labels)


@pytest.mark.parametrize("tracking", [False, True])
def test_all_that_may_be_needed_is_listed_before_the_process_is_ready(tracking: bool) -> None:
    @staged(settings=Settings(config_tracking=tracking))
    async def play(script: Script) -> None:
        stage = script.stage
        await stage.up()
        stage.wrap = lambda inner: Slow(inner, "/services")
        stage.start()
        await stage.rest(5)
        assert stage.controller is not None
        assert (stage.controller.ready, cached(script, "services")) == (False, 0)
        await stage.rest(10)
        assert (stage.controller.ready, cached(script, "services")) == (True, 1)
        # Who doesn't track configs needs no permission to read them.
        for resource in ("configmaps", "secrets"):
            assert (("list", resource) in stage.calls) is tracking

    play()


@staged(settings=Settings(namespaces=("test", "other"), max_runs=1))
async def test_nobody_starts_before_all_runs_in_flight_can_be_seen(script: Script) -> None:
    stage = script.stage
    await stage.up(namespaces=("test", "other"))
    await stage.apply(*member("a"), *member("b", "other"))
    stage.start()
    await stage.until(lambda: stage.phase("a") == stage.phase("b", "other") == "Initialized")
    await stage.set_image("b:2.0.0", "b", "other")
    await stage.until(lambda: stage.phase("b", "other") == "Progressing")
    await stage.stop()
    await stage.set_image("a:2.0.0", "a")
    stage.wrap = lambda inner: Slow(inner, "/namespaces/other/canaries")
    stage.start()
    await stage.rest(8)
    assert stage.phase("a") == "Initialized"
    await stage.until(lambda: stage.phase("b", "other") == "Succeeded")
    # Nothing is polled: the end of the one run wakes who waits.
    await stage.rest(1)
    assert stage.phase("a") == "Progressing"


@staged(settings=NOTIFIED)
async def test_a_canary_that_comes_again_at_once_is_another_one(script: Script) -> None:
    async def never(request: object) -> None:
        await asyncio.Event().wait()

    stage = script.stage
    await script.initialized()
    stage.chat.behave = never
    await script.image("2.0.0")
    await script.reaches("Progressing", 10)
    waiting = {task for task in asyncio.all_tasks() if task.get_name().startswith("alert to")}
    assert waiting
    await gone(script)
    await stage.apply(setting()[-1])
    await stage.until(lambda: stage.phase() == "Initialized")
    await stage.rest(5)
    # What the former one had to tell is dropped, and this one tells everything anew.
    assert all(task.done() for task in waiting)
    told = [text for _, text in stage.events()]
    assert told.count("Initialization done! podinfo.test") == 2


@staged()
async def test_a_canary_that_goes_before_anybody_looked_troubles_nobody(script: Script) -> None:
    stage = script.stage
    await script.initialized()
    for name in ("a", "b"):
        await stage.apply(member(name)[-1])
        await gone(script, name)
    await stage.rest(5)
    assert not [text for _, text in stage.events() if "was deleted" in text]
    await gone(script)
    await stage.rest(5)
    assert [text for _, text in stage.events() if "podinfo.test was deleted in phase" in text]
    await stage.apply(*member("c"))
    await stage.until(lambda: stage.phase("c") == "Initialized")


def blocked(script: Script, name: str) -> list[str]:
    """Why a Canary isn't run."""
    found = script.stage.status(name).get("conditions") or ()
    return [c["reason"] for c in found if c["type"] == "Blocked"]


@staged()
async def test_who_waits_for_a_target_looks_again_when_another_canary_leaves_it(
    script: Script,
) -> None:
    stage = script.stage
    await script.initialized()
    second = setting()[-1]
    second["metadata"]["name"] = "second"
    await stage.apply(second, member("c")[0])
    await stage.rest(10)
    assert blocked(script, "second") == ["TargetConflict"]
    await script.spec(targetRef={"name": "c"})
    await script.reaches("Succeeded")
    await stage.rest(10)
    # The former one has left its Services and routes there: a person has to decide whose they are.
    assert blocked(script, "second") == ["ServiceTaken"]
